// Mini-batches, in the element types and shapes a program wants.
//
// A feed is a function of the global step: the batch of step s is the same whether the run came there in one go or was resumed, so
// a checkpoint needs no state of the loader but the step.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/data/augment.h"
#include "runtime/data/field.h"
#include "runtime/data/table.h"

namespace dlc::data {

struct Batch {
    std::int64_t step = 0;
    std::int64_t examples = 0;                       // the rest of the last batch repeats an example
    std::vector<std::span<const std::byte>> fields;  // row-major, in the order of the feed's fields
};

class Feed {
public:
    virtual ~Feed() = default;
    virtual const std::vector<Field>& fields() const = 0;
    virtual std::int64_t steps_per_epoch() const = 0;
    /// The next call of `next` gives the batch of this step.
    virtual void seek(std::int64_t step) = 0;
    /// The batch stays as it is until the next call of `next` or `seek`.  What went wrong in a thread that prepares batches is
    /// thrown here.
    virtual const Batch& next() = 0;
};

/// Checks that the table has what the fields want.  Fails with E0452: a field without a column, a shape that differs, reals where
/// integers are wanted; names both sides.
void check_fields(const Table&, const std::vector<Field>&);

/// Fills the fields (row-major, one buffer each) with the batch of a step.
using MakeBatch = std::function<void(std::int64_t step, std::span<std::vector<std::byte>> fields)>;
/// How many batches are prepared in advance: one to be taken at once when a step ends, one more for a step that is shorter than
/// usual.  More would only take memory.
inline constexpr int kAhead = 2;
/// A thread calls `make` for up to `ahead` steps in advance, into buffers made once.
std::unique_ptr<Feed> prefetched(std::vector<Field>, std::int64_t steps_per_epoch, MakeBatch make, int ahead = kAhead);

/// Shuffled batches for training, augmented and prefetched: every epoch is a new permutation (see `permutation`), of which the
/// examples that do not fill a batch are left out.  Fails with E0453 when there are fewer examples than one batch.
std::unique_ptr<Feed> shuffled(Subset, std::vector<Field>, std::uint64_t seed, std::vector<Augment> = {}, int ahead = kAhead);

/// Batches for training whose rows each go on where they ended in the batch before (see `continued`), augmented; the examples that
/// do not fill a batch sit out.  Fails with E0453 when there are fewer examples than one batch.
std::unique_ptr<Feed> continuous(Subset, std::vector<Field>, std::uint64_t seed, std::vector<Augment> = {}, int ahead = kAhead);

/// In the table's order, all examples, for evaluation; the last batch of an epoch is filled by repeating its first example.
std::unique_ptr<Feed> in_order(Subset, std::vector<Field>);

/// Batches given one by one: arrays named like the fields with a leading axis of steps.  Fails with E0452.
std::unique_ptr<Feed> given(NamedArrays, std::vector<Field>);

/// For a program without inputs: no fields, one step an epoch, which counts for one example.
std::unique_ptr<Feed> nothing();

}  // namespace dlc::data

// Augmentation (Goodfellow et al., section 7.4): every time an example is trained on it is changed a little, at random, in the
// thread that prepares batches.
//
// What is drawn is a function of seed, epoch, the example's row in its table and the place in the recipe's list: it depends neither
// on the batch nor on threads, and a resumed run goes on with the same bits.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/data/arguments.h"
#include "runtime/data/draws.h"
#include "runtime/data/field.h"
#include "runtime/data/pictures.h"

namespace dlc::data {

/// One that recipes can name.
struct Augmentation {
    std::string_view name;
    std::string_view doc;
    std::vector<Option> options;
    int axes;  // the least number that an example must have
    /// Changes the pictures; `scratch` is as large.
    void (*single)(const Arguments&, Draws&, Pictures<float>, std::span<float> scratch);
    void (*twice)(const Arguments&, Draws&, Pictures<double>, std::span<double> scratch);
};
std::span<const Augmentation> augmentations();
const Augmentation* augmentation_named(std::string_view);

/// One that a recipe asks for, of the field of that name, which holds reals.
struct Augment {
    const Augmentation* kind;
    Arguments arguments;
    std::string field;
};

/// A list of them, of some fields, in order.
class Augmenter {
public:
    /// An augmentation of a field that is not there is left out.
    Augmenter(std::vector<Augment>, const std::vector<Field>&, std::uint64_t seed);
    /// Changes the example of that row, which is the `i`-th of the batch.
    void apply(std::span<std::vector<std::byte>> batch, std::int64_t i, std::int64_t epoch, std::int64_t row);
    bool empty() const { return stages_.empty(); }

private:
    struct Stage {
        Augment augment;
        std::uint32_t number;  // in the recipe's list
        std::size_t field;
        dlc_type type;
        Pictures<float> form;  // without values
        std::int64_t elements;
    };
    template <class Real>
    void run(const Stage&, Draws&, std::span<Real> values, std::vector<Real>& scratch);

    std::vector<Stage> stages_;
    std::uint64_t seed_;
    std::vector<float> singles_, single_scratch_;  // of types of 16 bits, which are computed in 32
    std::vector<double> double_scratch_;
};

}  // namespace dlc::data

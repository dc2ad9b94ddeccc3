// Kernels that reduce the rows of tensors and use what they get in the same rows, as softmax, normalisations, losses and their
// gradients do: one pass over the rows.  A row comes from memory once; what is reduced, and what is dear to compute and used twice,
// stays in the first cache.
#pragma once
#include <optional>
#include <vector>

#include "compiler/schedules/stage.h"

namespace dlc::schedules {

class RowPass {
public:
    /// Of a kernel all of whose reductions have one shape, [rows…], and whose outputs are of that shape or [rows…, along a row…];
    /// every reduction is read in its own row.  Nothing for other kernels, and where rows are too few to share out or too long for
    /// the cache.
    static std::optional<RowPass> of(const Parts&, const Target&);
    /// The reductions, then the outputs with most numbers in a row, then, if there are any, those with one.
    std::vector<Work>& works() { return works_; }
    /// Once the works can be lowered.
    void build();

private:
    Work& main() { return works_[reductions_]; }
    std::vector<ir::Expr> shared_values();
    void keep(const ir::Expr& shared);
    Halide::Var cut(Halide::Func) const;

    std::vector<Work> works_;
    std::size_t reductions_ = 0;
    std::int64_t tasks_ = 1;
    std::map<ir::Digest, Halide::Func> kept_;
};

}  // namespace dlc::schedules

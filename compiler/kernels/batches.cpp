#include "compiler/kernels/batches.h"

#include <numeric>
#include <utility>

namespace dlc::kernels {
namespace {

using Batch = std::vector<std::size_t>;

/// `times` times the same `period` keys, from `first` on.
struct Repetition {
    std::size_t first = 0, period = 0, times = 0;
    std::size_t length() const { return period * times; }
};

class Cutting {
public:
    Cutting(std::span<const ir::Digest> keys, std::size_t most) : keys_(keys), most_(most) {}

    std::vector<Batch> run() && {
        cut(0, keys_.size());
        if (!rest_.empty()) batches_.push_back(std::move(rest_));
        return std::move(batches_);
    }

private:
    void cut(std::size_t first, std::size_t last) {
        const Repetition r = longest(first, last);
        if (r.length() <= most_) {
            for (std::size_t i = first; i < last; ++i) {
                rest_.push_back(i);
                if (rest_.size() == most_) batches_.push_back(std::exchange(rest_, {}));
            }
            return;
        }
        cut(first, r.first);
        const std::size_t parts = (r.period + most_ - 1) / most_;
        for (std::size_t t = 0; t < r.times; ++t)
            for (std::size_t p = 0; p < parts; ++p) {
                const std::size_t from = r.period * p / parts, to = r.period * (p + 1) / parts;
                Batch& batch = batches_.emplace_back(to - from);
                std::iota(batch.begin(), batch.end(), r.first + t * r.period + from);
            }
        cut(r.first + r.length(), last);
    }

    /// The one of greatest length within [first, last), of those the one with the shortest period.
    Repetition longest(std::size_t first, std::size_t last) const {
        Repetition best;
        for (std::size_t period = 1; 2 * period <= last - first; ++period) {
            std::size_t equal = 0;  // neighbours from `i` on that recur a period later
            for (std::size_t i = last - period; i-- > first;) {
                equal = keys_[i] == keys_[i + period] ? equal + 1 : 0;
                const Repetition here{i, period, 1 + equal / period};
                if (here.times >= 2 && (here.length() > best.length() || (here.length() == best.length() && period == best.period)))
                    best = here;
            }
        }
        return best;
    }

    const std::span<const ir::Digest> keys_;
    const std::size_t most_;
    std::vector<Batch> batches_;
    Batch rest_;
};

}  // namespace

std::vector<Batch> batches(std::span<const ir::Digest> keys, std::size_t most) { return Cutting(keys, most).run(); }

}  // namespace dlc::kernels

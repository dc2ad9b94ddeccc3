// Index equations: ranges, reductions, left sides, reads, as the interpreter values them.
#include <gtest/gtest.h>

#include "tests/elaborate/evaluate.h"

namespace dlc::test {
namespace {

using V = std::vector<double>;

TEST(Equations, MatrixProduct) {
    EXPECT_EQ(values("fn main(a: f[I, K], b: f[K, J]) -> y { y[i, j] = sum[k](a[i, k] * b[k, j]) }",
                     {{"a", {{2, 2}, {1, 2, 3, 4}}}, {"b", {{2, 1}, {5, 6}}}}),
              (V{17, 39}));
}

}  // namespace
}  // namespace dlc::test

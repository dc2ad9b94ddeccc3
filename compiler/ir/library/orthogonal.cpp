// Orthogonal matrices for initialisation: the Q of a QR decomposition of a matrix of normal numbers, with the sign that makes R's
// diagonal positive, which distributes Q uniformly (Mezzadri, "How to generate random matrices from the classical compact groups",
// 2007, section 5).
//
// Gram-Schmidt, every vector twice orthogonalised: "twice is enough" for orthogonality to the last bits (Giraud, Langou, Rozloznik
// 2005), the diagonal of R is a norm and so positive without a correction, and the order of operations is the same on every
// machine.
#include <cmath>

#include "compiler/ir/library.h"
#include "compiler/ir/row.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir::rows {

namespace {

/// `vectors` vectors of `length` >= `vectors` numbers, each `step` apart, the first numbers of neighbouring vectors `next` apart.
void orthonormalize(double* data, std::int64_t vectors, std::int64_t length, std::int64_t next, std::int64_t step) {
    const auto dot = [&](const double* a, const double* b) {
        double sum = 0;
        for (std::int64_t i = 0; i < length; ++i) sum += a[i * step] * b[i * step];
        return sum;
    };
    const auto orthogonalize = [&](std::int64_t v) {
        for (std::int64_t u = 0; u < v; ++u) {
            const double projection = dot(data + u * next, data + v * next);
            for (std::int64_t i = 0; i < length; ++i) data[v * next + i * step] -= projection * data[u * next + i * step];
        }
    };
    for (std::int64_t v = 0; v < vectors; ++v) {
        double* vector = data + v * next;
        const double before = std::sqrt(dot(vector, vector));
        orthogonalize(v);
        orthogonalize(v);
        double norm = std::sqrt(dot(vector, vector));
        // A vector in the span of those before it leaves rounding noise: an axis takes its place, one of `length` must be outside
        // the span.
        for (std::int64_t axis = 0; !(norm > 1e-10 * before); ++axis) {
            DLC_ASSERT(axis < length, "the matrix to orthogonalise is finite");
            for (std::int64_t i = 0; i < length; ++i) vector[i * step] = i == axis ? 1 : 0;
            orthogonalize(v);
            orthogonalize(v);
            norm = std::sqrt(dot(vector, vector));
            if (!(norm > 0.5 / std::sqrt(static_cast<double>(length)))) norm = 0;
        }
        for (std::int64_t i = 0; i < length; ++i) vector[i * step] /= norm;
    }
}

}  // namespace

DLC_ROW(LibraryOperation, orthogonal) = {
    .name = "orthogonal",
    .doc =
        "Q of the QR decomposition of a matrix, of its transpose where it has more columns than rows; dimensions after the first "
        "count as one",
    .meaning =
        [](std::span<const Tensor* const> inputs, std::span<const double>, Tensor& result) {
            DLC_ASSERT(inputs.size() == 1 && inputs[0]->shape == result.shape && !result.shape.empty(),
                       "orthogonal maps a matrix to one of its shape");
            result.values = inputs[0]->values;
            const std::int64_t rows = result.shape[0], columns = rows == 0 ? 0 : volume(result.shape) / rows;
            if (columns <= rows)
                orthonormalize(result.values.data(), columns, rows, 1, columns);
            else
                orthonormalize(result.values.data(), rows, columns, columns, 1);
        },
};

}  // namespace dlc::ir::rows

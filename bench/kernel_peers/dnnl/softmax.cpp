// Softmax along rows, and the cross-entropy of labels with its gradient: softmax, then one pass by hand, since oneDNN has no loss.
#include <cmath>

#include "bench/kernel_peers/dnnl/primitives.h"

namespace dlc::bench::dnnl {
namespace {

memory probabilities(Sequence& sequence, const Array& z) {
    const memory::desc desc = described(z.shape, Tag::ab);
    const ::dnnl::softmax_forward::primitive_desc p({::dnnl::prop_kind::forward_inference, desc, 1}, engine());
    const memory y = made(desc);
    sequence.add(::dnnl::softmax_forward(p), {{DNNL_ARG_SRC, over(z, z.shape, Tag::ab)}, {DNNL_ARG_DST, y}});
    return y;
}

std::vector<Way> softmax(const Operands& o) {
    auto sequence = std::make_shared<Sequence>();
    const memory y = probabilities(*sequence, o["z"]);
    return {way("softmax", sequence, {{o.results.begin()->first, {y, Tag::ab}}})};
}

std::vector<Way> cross_entropy(const Operands& o) {
    auto sequence = std::make_shared<Sequence>();
    const memory y = probabilities(*sequence, o["z"]), loss = made(described({1}, Tag::a));
    const std::int64_t rows = o["z"].shape[0], columns = o["z"].shape[1];
    const std::int32_t* label = o["label"].integers();
    const float* seed = o["cotangent/loss"].floats();
    sequence->add([=] {
        float* p = static_cast<float*>(y.get_data_handle());
        const float by = *seed / float(rows);
        double sum = 0;
        for (std::int64_t n = 0; n < rows; ++n) sum -= std::log(p[n * columns + label[n]]);
        *static_cast<float*>(loss.get_data_handle()) = float(sum / double(rows));
#pragma omp parallel for if (rows * columns > 32768)
        for (std::int64_t n = 0; n < rows; ++n) {
            float* row = p + n * columns;
            row[label[n]] -= 1;
            for (std::int64_t k = 0; k < columns; ++k) row[k] *= by;
        }
    });
    return {way("softmax, a loop", sequence, {{"loss", {loss, Tag::a}}, {"grad/z", {y, Tag::ab}}})};
}

}  // namespace

namespace rows {
DLC_ROW(Peer, dnnl_softmax) = {"softmax", softmax};
DLC_ROW(Peer, dnnl_cross_entropy) = {"cross_entropy", cross_entropy};
}  // namespace rows
}  // namespace dlc::bench::dnnl

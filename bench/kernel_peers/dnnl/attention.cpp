// Attention out of products and a softmax, forward or forward and backward.
#include <cmath>

#include "bench/kernel_peers/dnnl/primitives.h"

namespace dlc::bench::dnnl {
namespace {

void multiply(Sequence& sequence, const memory& a, const memory& b, const memory& c, float scale = 1) {
    ::dnnl::primitive_attr attributes;
    if (scale != 1) attributes.set_output_scales(0, {scale});
    const ::dnnl::matmul::primitive_desc p({a.get_desc(), b.get_desc(), c.get_desc()}, attributes, engine());
    sequence.add(::dnnl::matmul(p), {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
}

/// The same memory, its last two dimensions exchanged.
memory transposed(const memory& m) {
    const Dims d = m.get_desc().dims();
    return memory(described({d[0], d[2], d[1]}, Tag::acb), engine(), m.get_data_handle());
}

std::vector<Way> attention(const Operands& o) {
    auto sequence = std::make_shared<Sequence>();
    const Shape& s = o["q"].shape;
    const std::int64_t heads = s[0] * s[1], queries = s[2], width = s[3], keys = o["k"].shape[2];
    const float scale = 1 / std::sqrt(float(width));
    const auto operand = [&](const char* name, std::int64_t rows) { return over(o[name], {heads, rows, width}, Tag::abc); };
    const auto matrix = [&](std::int64_t rows, std::int64_t columns) { return made(described({heads, rows, columns}, Tag::abc)); };
    const memory q = operand("q", queries), k = operand("k", keys), v = operand("v", keys);
    const memory scores = matrix(queries, keys), p = matrix(queries, keys), y = matrix(queries, width);
    multiply(*sequence, q, transposed(k), scores, scale);
    const ::dnnl::softmax_forward::primitive_desc softmax({::dnnl::prop_kind::forward_training, scores.get_desc(), 2}, engine());
    sequence->add(::dnnl::softmax_forward(softmax), {{DNNL_ARG_SRC, scores}, {DNNL_ARG_DST, p}});
    multiply(*sequence, p, v, y);
    std::map<std::string, Result> results{{"y", {y, Tag::abc}}};
    if (o.want("grad/q")) {
        const memory dy = operand("cotangent/y", queries), dp = matrix(queries, keys), ds = matrix(queries, keys);
        const memory dq = matrix(queries, width), dk = matrix(keys, width), dv = matrix(keys, width);
        multiply(*sequence, transposed(p), dy, dv);
        multiply(*sequence, dy, transposed(v), dp);
        const ::dnnl::softmax_backward::primitive_desc backward({dp.get_desc(), p.get_desc(), 2}, engine(), softmax);
        sequence->add(::dnnl::softmax_backward(backward), {{DNNL_ARG_DST, p}, {DNNL_ARG_DIFF_DST, dp}, {DNNL_ARG_DIFF_SRC, ds}});
        multiply(*sequence, ds, k, dq, scale);
        multiply(*sequence, transposed(ds), q, dk, scale);
        results["grad/q"] = {dq, Tag::abc};
        results["grad/k"] = {dk, Tag::abc};
        results["grad/v"] = {dv, Tag::abc};
    }
    return {way("matmul, softmax, matmul", sequence, results)};
}

}  // namespace

namespace rows {
DLC_ROW(Peer, dnnl_attention) = {"attention", attention};
}  // namespace rows
}  // namespace dlc::bench::dnnl

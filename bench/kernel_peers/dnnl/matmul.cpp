// Matrix products: dnnl_sgemm, the matmul primitive on the operands as they lie, and the one that chooses the layout of `b`, whose
// copy into it counts: a weight changes with every step.
#include "bench/kernel_peers/dnnl/primitives.h"

namespace dlc::bench::dnnl {
namespace {

std::vector<Way> ways(const Operands& o) {
    // A layer is x[m, k] w[n, k] + bias, relu; a product a b in the layout that two letters say.
    const bool layer = o.given.contains("bias");
    const std::string layout = o.settings.value("layout", "NT");
    const Array& left = o[layer ? "x" : "a"];
    const Array& right = o[layer ? "w" : "b"];
    const bool left_transposed = layout[0] == 'T', right_transposed = layout[1] == 'T';
    const Shape shape = o.results.begin()->second;
    const std::string result = o.results.begin()->first;
    const std::int64_t m = shape.at(0), n = shape.at(1), k = left.shape.at(left_transposed ? 0 : 1);
    const memory a = over(left, {m, k}, left_transposed ? Tag::ba : Tag::ab),
                 b = over(right, {k, n}, right_transposed ? Tag::ba : Tag::ab);
    std::vector<Way> all;
    for (const bool chosen : {false, true}) {
        ::dnnl::primitive_attr attributes;
        ::dnnl::post_ops after;
        if (layer) after.append_eltwise(1, ::dnnl::algorithm::eltwise_relu, 0, 0);
        attributes.set_post_ops(after);
        const memory::desc of_b = chosen ? described({k, n}, Tag::any) : b.get_desc(), of_c = described({m, n}, Tag::ab);
        const ::dnnl::matmul::desc operation = layer ? ::dnnl::matmul::desc(a.get_desc(), of_b, described({1, n}, Tag::ab), of_c)
                                                     : ::dnnl::matmul::desc(a.get_desc(), of_b, of_c);
        const ::dnnl::matmul::primitive_desc made_for(operation, attributes, engine());
        if (chosen && made_for.weights_desc() == b.get_desc()) continue;  // it chose what is there
        auto sequence = std::make_shared<Sequence>();
        const memory c = made(of_c), packed = sequence->reordered(b, made_for.weights_desc());
        Arguments arguments{{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DST, c}};
        if (layer) arguments[DNNL_ARG_BIAS] = over(o["bias"], {1, n}, Tag::ab);
        sequence->add(::dnnl::matmul(made_for), arguments);
        all.push_back(way(chosen ? "matmul, own layout" : "matmul", sequence, {{result, {c, Tag::ab}}}));
    }
    if (!layer) {
        auto c = std::make_shared<std::vector<float>>(std::size_t(m * n));
        all.push_back({"sgemm",
                       [=] {
                           ::dnnl::sgemm(left_transposed ? 'T' : 'N', right_transposed ? 'T' : 'N', m, n, k, 1, left.floats(),
                                         left_transposed ? m : k, right.floats(), right_transposed ? k : n, 0, c->data(), n);
                       },
                       [=] {
                           return Results{{result, *c}};
                       }});
    }
    return all;
}

}  // namespace

namespace rows {
DLC_ROW(Peer, dnnl_matmul) = {"matmul", ways};
}  // namespace rows
}  // namespace dlc::bench::dnnl

// Functions of one number, the largest of windows, and reductions of a matrix.
#include "bench/kernel_peers/dnnl/primitives.h"

namespace dlc::bench::dnnl {
namespace {

using ::dnnl::algorithm;

std::vector<Way> elementwise(const Operands& o) {
    static const std::map<std::string, algorithm> kFunctions{
        {"relus", algorithm::eltwise_relu},        {"gelus", algorithm::eltwise_gelu_tanh}, {"tanhs", algorithm::eltwise_tanh},
        {"sigmoids", algorithm::eltwise_logistic}, {"exps", algorithm::eltwise_exp},        {"logs", algorithm::eltwise_log}};
    auto sequence = std::make_shared<Sequence>();
    const Array& x = o["x"];
    const memory::desc desc = described(x.shape, Tag::a);
    const ::dnnl::eltwise_forward::primitive_desc p(
        {::dnnl::prop_kind::forward_inference, kFunctions.at(o.settings.at("function")), desc, 0, 0}, engine());
    const memory y = made(desc);
    sequence->add(::dnnl::eltwise_forward(p), {{DNNL_ARG_SRC, over(x, x.shape, Tag::a)}, {DNNL_ARG_DST, y}});
    return {way("eltwise", sequence, {{o.results.begin()->first, {y, Tag::a}}})};
}

Way pooled(const Operands& o, Tag activations, const std::string& name) {
    auto sequence = std::make_shared<Sequence>();
    const Shape& s = o["x"].shape;
    const Dims in{s[0], s[3], s[1], s[2]}, out{s[0], s[3], s[1] / 2, s[2] / 2}, two{2, 2}, none{0, 0};
    const bool backward = o.want("grad/x");
    const ::dnnl::pooling_forward::primitive_desc p(
        {backward ? ::dnnl::prop_kind::forward_training : ::dnnl::prop_kind::forward_inference, algorithm::pooling_max,
         described(in, activations), described(out, activations), two, two, none, none},
        engine());
    const memory x = Sequence::stored(over(o["x"], in, Tag::nhwc), p.src_desc()), y = made(p.dst_desc());
    Arguments arguments{{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}};
    std::map<std::string, Result> results{{"y", {y, Tag::nhwc}}};
    if (!backward) {
        sequence->add(::dnnl::pooling_forward(p), arguments);
        return way(name, sequence, results);
    }
    const memory where = made(p.workspace_desc());
    arguments[DNNL_ARG_WORKSPACE] = where;
    sequence->add(::dnnl::pooling_forward(p), arguments);
    const ::dnnl::pooling_backward::primitive_desc b({algorithm::pooling_max, p.src_desc(), p.dst_desc(), two, two, none, none},
                                                     engine(), p);
    const memory dy = Sequence::stored(over(o["cotangent/y"], out, Tag::nhwc), b.diff_dst_desc()), dx = made(b.diff_src_desc());
    sequence->add(::dnnl::pooling_backward(b), {{DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_WORKSPACE, where}, {DNNL_ARG_DIFF_SRC, dx}});
    results["grad/x"] = {dx, Tag::nhwc};
    return way(name, sequence, results);
}

std::vector<Way> max_pool(const Operands& o) { return {pooled(o, Tag::nhwc, "nhwc"), pooled(o, Tag::nChw8c, "nChw8c")}; }

std::vector<Way> reduction(const Operands& o) {
    auto sequence = std::make_shared<Sequence>();
    const Array& x = o["x"];
    const std::string over_what = o.settings.at("over");
    const Dims kept{over_what == "rows" ? x.shape[0] : 1, over_what == "columns" ? x.shape[1] : 1};
    const ::dnnl::reduction::primitive_desc p({o.settings.at("of") == "max" ? algorithm::reduction_max : algorithm::reduction_sum,
                                               described(x.shape, Tag::ab), described(kept, Tag::ab), 0, 0},
                                              engine());
    const memory y = made(p.dst_desc());
    sequence->add(::dnnl::reduction(p), {{DNNL_ARG_SRC, over(x, x.shape, Tag::ab)}, {DNNL_ARG_DST, y}});
    return {way("reduction", sequence, {{o.results.begin()->first, {y, Tag::ab}}})};
}

}  // namespace

namespace rows {
DLC_ROW(Peer, dnnl_elementwise) = {"elementwise", elementwise};
DLC_ROW(Peer, dnnl_max_pool) = {"max_pool", max_pool};
DLC_ROW(Peer, dnnl_reduction) = {"reduction", reduction};
}  // namespace rows
}  // namespace dlc::bench::dnnl

// Convolutions and their gradients.  Activations lie channels last, as dlc has them, or as oneDNN prefers, which costs it nothing:
// the layers around would have them so too.  Weights and their gradient are stored [out, in, kernel]; the copy from or to what
// oneDNN wants counts, since weights change with every step.
#include "bench/kernel_peers/dnnl/primitives.h"

namespace dlc::bench::dnnl {
namespace {

using ::dnnl::algorithm;

struct Geometry {
    Dims x, w, y, strides, padding;
    Tag weights;
};

Geometry geometry(const Shape& x, const Shape& w, const Shape& y, std::int64_t stride, std::int64_t pad) {
    const std::int64_t groups = x[3] / w[1];
    Geometry g{{x[0], x[3], x[1], x[2]}, w, {y[0], y[3], y[1], y[2]}, {stride, stride}, {pad, pad}, Tag::oihw};
    if (groups > 1) {
        g.w = {groups, w[0] / groups, w[1], w[2], w[3]};
        g.weights = Tag::goihw;
    }
    return g;
}

Way made_way(const Operands& o, const Geometry& g, Tag activations, const std::string& name) {
    const std::string result = o.results.begin()->first;
    const memory::desc x = described(g.x, activations), w = described(g.w, Tag::any), y = described(g.y, activations);
    const ::dnnl::convolution_forward::primitive_desc forward(
        {::dnnl::prop_kind::forward_training, algorithm::convolution_auto, x, w, y, g.strides, g.padding, g.padding}, engine());
    auto sequence = std::make_shared<Sequence>();
    const auto activation = [&](const char* operand, const Dims& dims, const memory::desc& as) {
        return Sequence::stored(over(o[operand], dims, Tag::nhwc), as);
    };
    const auto weights = [&](const memory::desc& as) { return sequence->reordered(over(o["w"], g.w, g.weights), as); };
    if (result == "grad/x") {
        const ::dnnl::convolution_backward_data::primitive_desc p(
            {algorithm::convolution_direct, x, w, y, g.strides, g.padding, g.padding}, engine(), forward);
        const memory dx = made(p.diff_src_desc());
        const memory dy = activation("cotangent/y", g.y, p.diff_dst_desc()), packed = weights(p.weights_desc());
        sequence->add(::dnnl::convolution_backward_data(p),
                      {{DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DIFF_SRC, dx}});
        return way(name, sequence, {{result, {dx, Tag::nhwc}}});
    }
    if (result == "grad/w") {
        const ::dnnl::convolution_backward_weights::primitive_desc p(
            {algorithm::convolution_direct, x, w, y, g.strides, g.padding, g.padding}, engine(), forward);
        const memory dw = made(p.diff_weights_desc()), stored = made(described(g.w, g.weights));
        const bool same = dw.get_desc() == stored.get_desc();
        sequence->add(::dnnl::convolution_backward_weights(p),
                      {{DNNL_ARG_DIFF_DST, activation("cotangent/y", g.y, p.diff_dst_desc())},
                       {DNNL_ARG_SRC, activation("x", g.x, p.src_desc())},
                       {DNNL_ARG_DIFF_WEIGHTS, same ? stored : dw}});
        if (!same) sequence->reorder(dw, stored);
        return way(name, sequence, {{result, {stored, g.weights}}});
    }
    const memory out = made(forward.dst_desc());
    const memory in = activation("x", g.x, forward.src_desc()), packed = weights(forward.weights_desc());
    sequence->add(::dnnl::convolution_forward(forward), {{DNNL_ARG_SRC, in}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DST, out}});
    return way(name, sequence, {{result, {out, Tag::nhwc}}});
}

std::vector<Way> ways(const Operands& o) {
    // Of a gradient the operand itself may not be there, so the shapes are settings.
    const auto shape = [&](const char* name) { return o.settings.at(name).get<Shape>(); };
    const Geometry g = geometry(shape("x"), shape("w"), shape("y"), o.settings.value("stride", 1), o.settings.value("pad", 0));
    return {made_way(o, g, Tag::nhwc, "nhwc"), made_way(o, g, Tag::any, "own layout")};
}

}  // namespace

namespace rows {
DLC_ROW(Peer, dnnl_convolution) = {"convolution", ways};
}  // namespace rows
}  // namespace dlc::bench::dnnl

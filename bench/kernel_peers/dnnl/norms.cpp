// Layer and batch normalization, forward or forward and backward.
#include "bench/kernel_peers/dnnl/primitives.h"

namespace dlc::bench::dnnl {
namespace {

using ::dnnl::prop_kind;

constexpr float kEpsilon = 1e-5F;
const auto kFlags = ::dnnl::normalization_flags::use_scale | ::dnnl::normalization_flags::use_shift;

struct Norm {
    Dims dims, channels, statistics;
    Tag stored, of_statistics;
};

/// `Forward` and `Backward` are the primitives of either normalization, which take and give the same things.
template <class Forward, class Backward>
Way normalized(const Operands& o, const Norm& n, Tag activations, prop_kind kind, const std::string& name) {
    auto sequence = std::make_shared<Sequence>();
    const typename Forward::primitive_desc forward({kind, described(n.dims, activations), kEpsilon, kFlags}, engine());
    const memory x = Sequence::stored(over(o["x"], n.dims, n.stored), forward.src_desc()), y = made(forward.dst_desc());
    const memory gain = over(o["gain"], n.channels, Tag::a), shift = over(o["shift"], n.channels, Tag::a);
    Arguments arguments{{DNNL_ARG_SRC, x}, {DNNL_ARG_SCALE, gain}, {DNNL_ARG_SHIFT, shift}, {DNNL_ARG_DST, y}};
    std::map<std::string, Result> results{{"y", {y, n.stored}}};
    if (kind == prop_kind::forward_inference) {
        sequence->add(Forward(forward), arguments);
        return way(name, sequence, results);
    }
    const memory mean = made(forward.mean_desc()), variance = made(forward.variance_desc());
    arguments[DNNL_ARG_MEAN] = mean;
    arguments[DNNL_ARG_VARIANCE] = variance;
    sequence->add(Forward(forward), arguments);
    if (o.want("grad/x")) {
        const typename Backward::primitive_desc backward(
            {prop_kind::backward, forward.dst_desc(), forward.src_desc(), kEpsilon, kFlags}, engine(), forward);
        const memory dy = Sequence::stored(over(o["cotangent/y"], n.dims, n.stored), backward.diff_dst_desc()),
                     dx = made(backward.diff_src_desc());
        const memory dgain = made(described(n.channels, Tag::a)), dshift = made(described(n.channels, Tag::a));
        sequence->add(Backward(backward), {{DNNL_ARG_SRC, x},
                                           {DNNL_ARG_MEAN, mean},
                                           {DNNL_ARG_VARIANCE, variance},
                                           {DNNL_ARG_DIFF_DST, dy},
                                           {DNNL_ARG_SCALE, gain},
                                           {DNNL_ARG_SHIFT, shift},
                                           {DNNL_ARG_DIFF_SRC, dx},
                                           {DNNL_ARG_DIFF_SCALE, dgain},
                                           {DNNL_ARG_DIFF_SHIFT, dshift}});
        results["grad/x"] = {dx, n.stored};
        results["grad/gain"] = {dgain, Tag::a};
        results["grad/shift"] = {dshift, Tag::a};
    }
    return way(name, sequence, results);
}

std::vector<Way> layer_norm(const Operands& o) {
    const Shape s = o["x"].shape;
    const prop_kind kind = o.want("grad/x") ? prop_kind::forward_training : prop_kind::forward_inference;
    return {normalized<::dnnl::layer_normalization_forward, ::dnnl::layer_normalization_backward>(
        o, {s, {s[1]}, {s[0]}, Tag::ab, Tag::a}, Tag::ab, kind, "layer normalization")};
}

std::vector<Way> batch_norm(const Operands& o) {
    const Shape s = o["x"].shape;
    const Norm n{{s[0], s[3], s[1], s[2]}, {s[3]}, {s[3]}, Tag::nhwc, Tag::a};
    std::vector<Way> all;
    for (const auto& [name, tag] : {std::pair{"nhwc", Tag::nhwc}, {"nChw8c", Tag::nChw8c}, {"nChw16c", Tag::nChw16c}})
        all.push_back(normalized<::dnnl::batch_normalization_forward, ::dnnl::batch_normalization_backward>(
            o, n, tag, prop_kind::forward_training, name));
    return all;
}

}  // namespace

namespace rows {
DLC_ROW(Peer, dnnl_layer_norm) = {"layer_norm", layer_norm};
DLC_ROW(Peer, dnnl_batch_norm) = {"batch_norm", batch_norm};
}  // namespace rows
}  // namespace dlc::bench::dnnl

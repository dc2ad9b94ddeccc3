// An LSTM: a sequence from the zero state, forward or forward and backward, or one step.  Weights are stored [gate, out, in]; the
// copies into the layouts that oneDNN wants, and of the gradients out of them, count.
#include <cstring>

#include "bench/kernel_peers/dnnl/primitives.h"

namespace dlc::bench::dnnl {
namespace {

using ::dnnl::prop_kind;
constexpr auto kDirection = ::dnnl::rnn_direction::unidirectional_left2right;

struct Sizes {
    std::int64_t steps, batch, in, units;
};

memory zeros(const memory::desc& desc) {
    memory m = made(desc);
    std::memset(m.get_data_handle(), 0, desc.get_size());
    return m;
}

std::vector<Way> lstm(const Operands& o) {
    const bool step = o.given.contains("h"), backward = o.want("grad/w");
    const Array& x = o[step ? "x" : "xs"];
    const Sizes s{step ? 1 : x.shape[0], x.shape[step ? 0 : 1], x.shape.back(), o["u"].shape[2]};
    auto sequence = std::make_shared<Sequence>();
    const Dims of_x{s.steps, s.batch, s.in}, of_h{s.steps, s.batch, s.units}, of_state{1, 1, s.batch, s.units};
    const Dims of_w{1, 1, s.in, 4, s.units}, of_u{1, 1, s.units, 4, s.units}, of_b{1, 1, 4, s.units};
    const memory::desc x_desc = described(of_x, Tag::tnc), h_desc = described(of_h, Tag::tnc), none;
    const memory::desc state = described(of_state, Tag::ldnc), last = step ? state : none;
    const memory::desc b_desc = described(of_b, Tag::ldgo), any_w = described(of_w, Tag::any), any_u = described(of_u, Tag::any);
    const ::dnnl::lstm_forward::primitive_desc forward({backward ? prop_kind::forward_training : prop_kind::forward_inference,
                                                        kDirection, x_desc, state, state, any_w, any_u, b_desc, h_desc, last, last},
                                                       engine());
    const memory w = over(o["w"], of_w, Tag::ldgoi), u = over(o["u"], of_u, Tag::ldgoi);
    const memory in = over(x, of_x, Tag::tnc), bias = over(o["b"], of_b, Tag::ldgo), hs = made(h_desc);
    Arguments arguments{{DNNL_ARG_SRC_LAYER, in},
                        {DNNL_ARG_WEIGHTS_LAYER, sequence->reordered(w, forward.weights_layer_desc())},
                        {DNNL_ARG_WEIGHTS_ITER, sequence->reordered(u, forward.weights_iter_desc())},
                        {DNNL_ARG_BIAS, bias},
                        {DNNL_ARG_DST_LAYER, hs}};
    std::map<std::string, Result> results{{"hs", {hs, Tag::tnc}}};
    if (!step) {  // without first states the gradient of the recurrent weights comes out wrong (2.6)
        arguments[DNNL_ARG_SRC_ITER] = zeros(state);
        arguments[DNNL_ARG_SRC_ITER_C] = zeros(state);
    } else {
        const memory h_next = made(state), c_next = made(state);
        arguments[DNNL_ARG_SRC_ITER] = over(o["h"], of_state, Tag::ldnc);
        arguments[DNNL_ARG_SRC_ITER_C] = over(o["c"], of_state, Tag::ldnc);
        arguments[DNNL_ARG_DST_ITER] = h_next;
        arguments[DNNL_ARG_DST_ITER_C] = c_next;
        results = {{"h_next", {h_next, Tag::ldnc}}, {"c_next", {c_next, Tag::ldnc}}};
    }
    if (backward) arguments[DNNL_ARG_WORKSPACE] = made(forward.workspace_desc());
    sequence->add(::dnnl::lstm_forward(forward), arguments);
    if (backward) {
        const ::dnnl::lstm_backward::primitive_desc p({prop_kind::backward,
                                                       kDirection,
                                                       x_desc,
                                                       state,
                                                       state,
                                                       any_w,
                                                       any_u,
                                                       b_desc,
                                                       h_desc,
                                                       none,
                                                       none,
                                                       x_desc,
                                                       state,
                                                       state,
                                                       any_w,
                                                       any_u,
                                                       b_desc,
                                                       h_desc,
                                                       none,
                                                       none},
                                                      engine(), forward);
        const memory dx = made(x_desc), dw = made(p.diff_weights_layer_desc()), du = made(p.diff_weights_iter_desc()),
                     db = made(b_desc);
        const memory dw_stored = made(described(of_w, Tag::ldgoi)), du_stored = made(described(of_u, Tag::ldgoi));
        arguments[DNNL_ARG_WEIGHTS_LAYER] = sequence->reordered(w, p.weights_layer_desc());
        arguments[DNNL_ARG_WEIGHTS_ITER] = sequence->reordered(u, p.weights_iter_desc());
        arguments[DNNL_ARG_DIFF_DST_LAYER] = over(o["cotangent/hs"], of_h, Tag::tnc);
        arguments[DNNL_ARG_DIFF_SRC_LAYER] = dx;
        arguments[DNNL_ARG_DIFF_SRC_ITER] = made(state);
        arguments[DNNL_ARG_DIFF_SRC_ITER_C] = made(state);
        arguments[DNNL_ARG_DIFF_WEIGHTS_LAYER] = dw;
        arguments[DNNL_ARG_DIFF_WEIGHTS_ITER] = du;
        arguments[DNNL_ARG_DIFF_BIAS] = db;
        sequence->add([=] {  // the primitive adds to what is there
            for (const memory& sum : {dw, du, db}) std::memset(sum.get_data_handle(), 0, sum.get_desc().get_size());
        });
        sequence->add(::dnnl::lstm_backward(p), arguments);
        sequence->reorder(dw, dw_stored);
        sequence->reorder(du, du_stored);
        results["grad/xs"] = {dx, Tag::tnc};
        results["grad/w"] = {dw_stored, Tag::ldgoi};
        results["grad/u"] = {du_stored, Tag::ldgoi};
        results["grad/b"] = {db, Tag::ldgo};
    }
    return {way("lstm", sequence, results)};
}

}  // namespace

namespace rows {
DLC_ROW(Peer, dnnl_lstm) = {"lstm", lstm};
}  // namespace rows
}  // namespace dlc::bench::dnnl

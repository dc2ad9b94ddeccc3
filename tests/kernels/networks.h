// Training steps of small networks, as the front end makes them: forward, gradients, Adam.
#pragma once
#include <string>
#include <vector>

#include "compiler/autodiff/gradient.h"
#include "compiler/ir/arith.h"
#include "compiler/ir/graph.h"

namespace dlc::testing {

class Network {
public:
    explicit Network(std::int64_t batch, ir::Type real = ir::Type::f32) : batch_(batch), real_(real) {}

    ir::NodeId input(std::string name, ir::Shape shape) {
        return b_.leaf(ir::LeafKind::input, std::move(name), real_, std::move(shape));
    }

    ir::NodeId reshape(ir::NodeId x, ir::Shape shape) {
        ir::Index flat;
        for (ir::Var v = 0; v < shape.size(); ++v) flat = flat * shape[v] + ir::Index::variable(v);
        const ir::Shape from = b_[x].shape;
        std::vector<ir::Index> at(from.size());
        const ir::Box box = ir::box_of(shape);
        for (std::size_t d = from.size(); d-- > 0;) {
            at[d] = d == 0 ? flat : mod(flat, from[d], box);
            flat = div(flat, from[d], box);
        }
        return point(shape, b_.read(x, at), "reshape");
    }
    ir::NodeId dense(ir::NodeId x, std::int64_t units, const std::string& path) {
        const std::int64_t inputs = b_[x].shape[1];
        const ir::NodeId w = parameter(path + ".weight", {units, inputs}), c = parameter(path + ".bias", {units});
        const ir::NodeId product = reduce(ir::Reduce::sum, {batch_, units}, {inputs},
                                          b_.read(x, {var(0), var(2)}) * b_.read(w, {var(1), var(2)}), path + "/product");
        return point({batch_, units}, b_.read(c, {var(1)}) + b_.read_all(product), path + "/y");
    }
    ir::NodeId conv(ir::NodeId x, std::int64_t channels, std::int64_t kernel, const std::string& path) {
        const ir::Shape in = b_[x].shape;
        const ir::NodeId w = parameter(path + ".weight", {channels, in[1], kernel, kernel}),
                         c = parameter(path + ".bias", {channels});
        const std::int64_t pad = (kernel - 1) / 2;
        const ir::Shape out = {batch_, channels, in[2], in[3]};
        const ir::NodeId sum = reduce(ir::Reduce::sum, out, {in[1], kernel, kernel},
                                      b_.read(x, {var(0), var(4), var(2) + var(5) - pad, var(3) + var(6) - pad}, number(0)) *
                                          b_.read(w, {var(1), var(4), var(5), var(6)}),
                                      path + "/sum");
        return point(out, b_.read(c, {var(1)}) + b_.read_all(sum), path + "/y");
    }
    ir::NodeId relu(ir::NodeId x) { return point(b_[x].shape, ir::Expr::call("max", {b_.read_all(x), number(0)}), "relu"); }
    ir::NodeId max_pool(ir::NodeId x, std::int64_t size) {
        const ir::Shape in = b_[x].shape;
        return reduce(ir::Reduce::max, {in[0], in[1], in[2] / size, in[3] / size}, {size, size},
                      b_.read(x, {var(0), var(1), var(2) * size + var(4), var(3) * size + var(5)}), "max_pool");
    }
    ir::NodeId dropout(ir::NodeId x, double p) {
        const ir::NodeId seed = b_.leaf(ir::LeafKind::seed, "seed", ir::Type::i64, {});
        const ir::NodeId step = b_.leaf(ir::LeafKind::step, "step", ir::Type::i64, {});
        const ir::Shape shape = b_[x].shape;
        const ir::Expr u = ir::Expr::call("philox",
                                          {b_.read(seed, {}), b_.read(step, {}), ir::Expr::constant(77, ir::Type::i64),
                                           ir::Expr::index(var(0) * shape[1] + var(1))},
                                          real_);
        const ir::NodeId mask = point(shape, ir::convert(ir::less(u, number(1 - p)), real_), "mask");
        return point(shape, b_.read_all(x) * b_.read_all(mask) / number(1 - p), "dropout");
    }
    /// Ends the network with softmax cross-entropy against `label`, its mean, accuracy and Adam.
    ir::Graph finish(ir::NodeId logits) {
        const std::int64_t classes = b_[logits].shape[1];
        const ir::NodeId label = b_.leaf(ir::LeafKind::target, "label", ir::Type::i32, {batch_});
        const ir::NodeId m = reduce(ir::Reduce::max, {batch_}, {classes}, b_.read(logits, {var(0), var(1)}), "m");
        const ir::NodeId e = point({batch_, classes}, ir::Expr::call("exp", {b_.read_all(logits) - b_.read(m, {var(0)})}), "e");
        const ir::NodeId total = reduce(ir::Reduce::sum, {batch_}, {classes}, b_.read(e, {var(0), var(1)}), "total");
        const ir::NodeId probability = point({batch_, classes}, b_.read_all(e) / b_.read(total, {var(0)}), "probability");
        const ir::NodeId m2 = reduce(ir::Reduce::max, {batch_}, {classes}, b_.read(logits, {var(0), var(1)}), "m2");
        const ir::NodeId z = point({batch_, classes}, b_.read_all(logits) - b_.read(m2, {var(0)}), "z");
        const ir::NodeId s =
            reduce(ir::Reduce::sum, {batch_}, {classes}, ir::Expr::call("exp", {b_.read(z, {var(0), var(1)})}), "s");
        const ir::NodeId y =
            point({batch_, classes}, b_.read_all(z) - ir::Expr::call("log", {b_.read(s, {var(0)})}), "log_softmax");
        const ir::NodeId each = point({batch_}, -b_.read(y, {var(0), ir::Index::get(label, {var(0)})}), "cross_entropy");
        const ir::NodeId sum = reduce(ir::Reduce::sum, {}, {batch_}, b_.read(each, {var(0)}), "loss_sum");
        const ir::NodeId loss = point({}, b_.read(sum, {}) / number(static_cast<double>(batch_)), "loss");
        ir::Equation guess;
        guess.reductions = {classes};
        guess.reduce = ir::Reduce::argmax;
        guess.body = b_.read(logits, {var(0), var(1)});
        const ir::NodeId argmax = b_.equation(ir::Type::i32, {batch_}, guess, {{}, "guess"});
        const ir::NodeId right =
            b_.pointwise(ir::Type::boolean, {batch_}, ir::equal(b_.read_all(argmax), b_.read_all(label)), {{}, "right"});
        const ir::NodeId hits = reduce(ir::Reduce::sum, {}, {batch_}, ir::convert(b_.read(right, {var(0)}), real_), "hits");
        const ir::NodeId accuracy = point({}, b_.read(hits, {}) / number(static_cast<double>(batch_)), "accuracy");
        b_.result({ir::Result::output, "probability", probability, {}, {}});
        b_.result({ir::Result::loss, "loss", loss, {}, {}});
        b_.result({ir::Result::metric, "accuracy", accuracy, {}, {}});
        const std::vector<ir::NodeId> gradients = autodiff::gradient(b_, loss, parameters_);
        for (std::size_t i = 0; i < parameters_.size(); ++i) adam(parameters_[i], gradients[i]);
        return std::move(b_).finish();
    }

private:
    static ir::Index var(ir::Var v) { return ir::Index::variable(v); }
    ir::Expr number(double v) const { return ir::Expr::constant(v, real_); }
    ir::NodeId point(ir::Shape shape, ir::Expr body, std::string name) {
        return b_.pointwise(real_, std::move(shape), ir::convert(body, real_), {{}, std::move(name)});
    }
    ir::NodeId reduce(ir::Reduce how, ir::Shape shape, ir::Shape over, ir::Expr body, std::string name) {
        ir::Equation e;
        e.reductions = std::move(over);
        e.reduce = how;
        e.body = std::move(body);
        return b_.equation(real_, std::move(shape), std::move(e), {{}, std::move(name)});
    }
    ir::NodeId parameter(std::string path, ir::Shape shape) {
        parameters_.push_back(b_.leaf(ir::LeafKind::parameter, std::move(path), real_, std::move(shape)));
        return parameters_.back();
    }
    void adam(ir::NodeId w, ir::NodeId g) {
        const ir::Shape shape = b_[w].shape;
        const std::string path = b_[w].leaf()->name;
        const ir::NodeId m = b_.leaf(ir::LeafKind::slot, "optimizer/m/" + path, real_, shape);
        const ir::NodeId v = b_.leaf(ir::LeafKind::slot, "optimizer/v/" + path, real_, shape);
        const ir::NodeId step = b_.leaf(ir::LeafKind::step, "step", ir::Type::i64, {});
        const ir::Expr t = ir::convert(b_.read(step, {}), real_) + number(1);
        const auto unbias = [&](double beta) {
            return b_.read(point({}, number(1) - ir::Expr::call("pow", {number(beta), t}), "unbias"), {});
        };
        const ir::NodeId m1 = point(shape, number(0.9) * b_.read_all(m) + number(0.1) * b_.read_all(g), "m/" + path);
        const ir::NodeId v1 =
            point(shape, number(0.999) * b_.read_all(v) + number(0.001) * ir::Expr::call("pow", {b_.read_all(g), number(2)}),
                  "v/" + path);
        const ir::NodeId mh = point(shape, b_.read_all(m1) / unbias(0.9), "m_hat/" + path);
        const ir::NodeId vh =
            point(shape, ir::Expr::call("sqrt", {b_.read_all(v1) / unbias(0.999)}) + number(1e-8), "v_hat/" + path);
        const ir::NodeId w1 = point(shape, b_.read_all(w) - number(1e-3) * b_.read_all(mh) / b_.read_all(vh), "w/" + path);
        b_.result({ir::Result::update, path, w1, w, {}});
        b_.result({ir::Result::update, "optimizer/m/" + path, m1, m, {}});
        b_.result({ir::Result::update, "optimizer/v/" + path, v1, v, {}});
    }

    std::int64_t batch_;
    ir::Type real_;
    ir::Builder b_{ir::Builder::Sharing::off};
    std::vector<ir::NodeId> parameters_;
};

/// conv-relu-pool twice, dense-relu-dropout, dense.  The peers' benchmark has image 28, 32 and 64 channels, 128 units.
inline ir::Graph lenet(std::int64_t batch, std::int64_t image = 28, std::int64_t channels = 32, std::int64_t units = 128,
                       ir::Type real = ir::Type::f32) {
    Network n(batch, real);
    ir::NodeId x = n.reshape(n.input("image", {batch, image, image}), {batch, 1, image, image});
    x = n.max_pool(n.relu(n.conv(x, channels, 3, "conv_1")), 2);
    x = n.max_pool(n.relu(n.conv(x, 2 * channels, 3, "conv_2")), 2);
    x = n.reshape(x, {batch, 2 * channels * (image / 4) * (image / 4)});
    x = n.dropout(n.relu(n.dense(x, units, "dense_1")), 0.5);
    return n.finish(n.dense(x, 10, "dense_2"));
}
inline ir::Graph mlp(std::int64_t batch, std::int64_t inputs = 784, std::int64_t first = 512, std::int64_t second = 256,
                     ir::Type real = ir::Type::f32) {
    Network n(batch, real);
    ir::NodeId x = n.input("image", {batch, inputs});
    x = n.relu(n.dense(x, first, "dense_1"));
    x = n.relu(n.dense(x, second, "dense_2"));
    return n.finish(n.dense(x, 10, "dense_3"));
}

}  // namespace dlc::testing

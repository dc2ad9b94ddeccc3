#include "tests/autodiff/random_equation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "compiler/ir/arith.h"

namespace dlc::autodiff::testing {

using ir::Box;
using ir::Builder;
using ir::Equation;
using ir::Expr;
using ir::Index;
using ir::NodeId;
using ir::Predicate;
using ir::Range;
using ir::Reduce;
using ir::Shape;
using ir::Tensor;
using ir::Type;
using ir::Var;

Tensor Random::tensor(const Shape& shape) {
    Tensor t{shape, {}};
    for (std::int64_t k = 0; k < ir::volume(shape); ++k) t.values.push_back(real(0.4, 1.6) * (chance(0.5) ? 1 : -1));
    return t;
}
Tensor Random::normal(const Shape& shape) {
    Tensor t{shape, {}};
    std::normal_distribution<double> distribution;
    for (std::int64_t k = 0; k < ir::volume(shape); ++k) t.values.push_back(distribution(engine_));
    return t;
}

namespace {

struct TooLarge {};

class Maker {
public:
    Maker(Random& random) : r_(random) {}

    RandomEquation make() {
        digits_ = r_.chance(0.35);
        const double form = r_.real(0, 1);
        gathers_ = form < 0.08;
        const bool scatters = form >= 0.08 && form < 0.2;
        const std::int64_t outputs = r_.integer(1, 4), reductions = r_.integer(0, 3);
        const std::int64_t longest = outputs + reductions <= 4 ? 5 : outputs + reductions <= 5 ? 4 : 3;
        for (std::int64_t k = 0; k < outputs; ++k) extents_.push_back(r_.integer(1, longest));
        for (std::int64_t k = 0; k < reductions; ++k) extents_.push_back(r_.integer(1, longest + (reductions < 2)));
        if (ir::volume(extents_) > 4000) throw TooLarge{};
        box_ = ir::box_of(extents_);

        Equation e;
        e.reductions.assign(extents_.begin() + outputs, extents_.end());
        if (reductions > 0)
            e.reduce = r_.one_of({Reduce::sum, Reduce::sum, Reduce::sum, Reduce::sum, Reduce::sum, Reduce::sum, Reduce::max,
                                  Reduce::min, Reduce::prod});
        result_.smooth = e.reduce != Reduce::max && e.reduce != Reduce::min;
        reads_.push_back(read("A"));
        for (std::int64_t k = r_.integer(0, 2); k > 0; --k) reads_.push_back(read(r_.one_of({"A", "B", "B", "C"})));
        Expr body = wrapped(reads_[0]);
        for (std::size_t k = 1; k < reads_.size(); ++k)
            body = r_.chance(0.75) ? body * wrapped(reads_[k]) : body + wrapped(reads_[k]);
        if (r_.chance(0.2)) body = wrapped(body);
        e.body = body;
        if (r_.chance(0.12)) e.where.push_back({Predicate::ge, affine()});

        Shape shape(extents_.begin(), extents_.begin() + outputs);
        if (scatters && e.reduce != Reduce::prod) {
            e.scatter = e.lossy = true;
            if (e.reduce == Reduce::none) e.reduce = Reduce::sum;
            e.reductions = extents_;
            shape.clear();
            for (std::int64_t k = r_.integer(1, 2); k > 0; --k) {
                const Index at = index();
                const Range range = bound(at);
                e.map.push_back(at.has_get() ? at : at - range.low);
                shape.push_back(at.has_get() ? range.high + 1
                                             : std::max<std::int64_t>(1, range.high - range.low + 1 - r_.one_of({0, 0, 1})));
            }
        }
        const NodeId out = b_.equation(Type::f64, shape, std::move(e));
        b_.result({ir::Result::value, "O", out, {}, {}});
        result_.graph = std::move(b_).finish();
        // Zeros in products, where dividing by an element would fail; not where relu has its kink.
        if (result_.graph[out].equation()->reduce == Reduce::prod && result_.smooth && !logarithm_)
            for (const std::string& name : result_.parameters)
                if (r_.chance(0.3))
                    for (double& x : result_.values.at(name).values)
                        if (r_.chance(0.25)) x = 0;
        return std::move(result_);
    }

private:
    Var variable() { return static_cast<Var>(r_.integer(0, static_cast<std::int64_t>(extents_.size()) - 1)); }
    Index affine() {
        Index e = r_.integer(-3, 3);
        std::vector<Var> all(extents_.size());
        std::iota(all.begin(), all.end(), 0);
        for (int k = r_.one_of({0, 1, 1, 1, 2, 2, 3}); k > 0 && !all.empty(); --k) {
            const auto at = all.begin() + r_.integer(0, static_cast<std::int64_t>(all.size()) - 1);
            e = e + Index::variable(*at, r_.one_of<std::int64_t>({-3, -2, -1, -1, 1, 1, 1, 1, 2, 2, 3}));
            all.erase(at);
        }
        return e;
    }
    Index index() {
        const double kind = r_.real(0, 1);
        if (digits_ && kind < 0.25) {
            const Index e = affine();
            const std::int64_t m = r_.one_of<std::int64_t>({2, 2, 3, 4});
            const Index q = div(e, m, box_), r = mod(e, m, box_);
            switch (r_.integer(0, 6)) {
                case 0: return q;
                case 1: return r;
                case 2: return q + r;
                case 3: return q - affine();
                case 4: return r * 2 + q;
                case 5: return mod(q, 2, box_);
                default: return div(r + affine(), 2, box_);
            }
        }
        if (digits_ && kind < 0.35 && extents_.size() > 1) {  // two variables flattened
            const Var u = variable(), w = variable();
            if (u != w) return Index::variable(u, extents_[w]) + Index::variable(w);
        }
        if (gathers_ && kind < 0.3) {
            Shape shape;
            std::vector<Index> at;
            for (std::int64_t k = r_.integer(1, 2); k > 0; --k) {
                shape.push_back(r_.integer(2, 4));
                at.push_back(mod(Index::variable(variable()), shape.back(), box_));
            }
            const std::string name = "J" + std::to_string(limits_.size());
            const NodeId tensor = b_.leaf(ir::LeafKind::input, name, Type::i32, shape);
            limits_[tensor] = r_.integer(2, 6);
            Tensor values{shape, {}};
            for (std::int64_t k = 0; k < ir::volume(shape); ++k)
                values.values.push_back(static_cast<double>(r_.integer(0, limits_[tensor] - 1)));
            result_.values[name] = std::move(values);
            result_.data_dependent = true;
            return Index::get(tensor, std::move(at));
        }
        return affine();
    }
    Range bound(const Index& e) {
        if (e.has_get()) return {0, limits_.at(e.terms()[0].atom.tensor) - 1};
        return e.range(box_);
    }
    Expr number(double x) { return Expr::constant(x, Type::f64); }

    Expr read(const std::string& name) {
        if (const auto known = tensors_.find(name); known != tensors_.end()) {  // once more, elsewhere
            const Shape shape = b_[known->second].shape;
            std::vector<Index> at;
            bool inside = true;
            for (const std::int64_t extent : shape) {
                at.push_back(index());
                inside = inside && bound(at.back()).within({0, extent - 1});
            }
            return b_.read(known->second, at, inside ? Expr() : number(r_.one_of({0.0, 0.0, 0.5, 2.0})));
        }
        std::vector<Index> at;
        Shape shape;
        bool inside = true;
        for (int k = r_.one_of({1, 1, 2, 2, 3}); k > 0; --k) {
            const Index e = index();
            const Range range = bound(e);
            if (e.has_get()) {
                at.push_back(e);
                shape.push_back(range.high + 1);
            } else if (r_.chance(0.55)) {
                at.push_back(e - range.low);
                shape.push_back(range.high - range.low + 1 + r_.one_of({0, 0, 1}));
            } else {
                at.push_back(e);
                shape.push_back(r_.integer(1, 6));
                inside = inside && range.within({0, shape.back() - 1});
            }
        }
        if (ir::volume(shape) > 400) throw TooLarge{};
        const NodeId tensor = b_.leaf(ir::LeafKind::parameter, name, Type::f64, shape);
        tensors_[name] = tensor;
        result_.parameters.push_back(name);
        result_.values[name] = r_.tensor(shape);
        Expr otherwise;
        if (!inside) otherwise = r_.chance(0.85) || reads_.empty() ? number(r_.one_of({0.0, 0.0, 0.0, 1.5})) : reads_[0];
        return b_.read(tensor, at, otherwise);
    }

    Expr wrapped(const Expr& x) {
        const double kind = r_.real(0, 1);
        if (kind < 0.15) return Expr::call("sin", {x});
        if (kind < 0.20) return Expr::call("tanh", {x});
        if (kind < 0.25) {
            result_.smooth = false;
            return Expr::call("max", {x, number(0)});
        }
        if (kind < 0.30) return x * Expr::index(affine());
        if (kind < 0.38) {
            const Predicate p{r_.one_of({Predicate::ge, Predicate::ge, Predicate::eq}), affine()};
            const Expr other = r_.one_of({number(0), number(0.3), reads_.size() < 2 ? x : reads_[1]});
            return select(ir::holds(p), x, other);
        }
        if (kind < 0.45) return x + 0.7;
        if (kind < 0.50) return x / (x * x + 2);
        if (kind < 0.55 && x->kind == ir::ExprNode::read && !x->otherwise) {  // -inf where an `else 0` takes its place
            logarithm_ = true;
            return Expr::call("log", {x * x});
        }
        return x;
    }

    Random& r_;
    Builder b_{Builder::Sharing::off};
    RandomEquation result_;
    bool digits_ = false, gathers_ = false, logarithm_ = false;
    Shape extents_;
    Box box_;
    std::map<NodeId, std::int64_t> limits_;
    std::map<std::string, NodeId> tensors_;
    std::vector<Expr> reads_;
};

}  // namespace

RandomEquation random_equation(Random& random) {
    while (true) {
        try {
            RandomEquation e = Maker(random).make();
            const Tensor out = ir::interpret(e.graph, e.values).at("O");
            if (std::ranges::all_of(out.values, [](double x) { return std::isfinite(x); })) return e;  // no empty maximum, no log 0
        } catch (const TooLarge&) {}
    }
}

double dot(const Tensor& a, const Tensor& b) { return std::inner_product(a.values.begin(), a.values.end(), b.values.begin(), 0.0); }
Tensor along(const Tensor& a, double t, const Tensor& b) {
    Tensor result = a;
    for (std::size_t k = 0; k < b.values.size(); ++k) result.values[k] += t * b.values[k];
    return result;
}
double difference(const Tensor& a, const Tensor& b) {
    if (a.shape != b.shape) return std::numeric_limits<double>::infinity();
    double worst = 0, size = 0;
    for (std::size_t k = 0; k < a.values.size(); ++k) {
        if (!std::isfinite(a.values[k]) || !std::isfinite(b.values[k])) return std::numeric_limits<double>::infinity();
        worst = std::max(worst, std::abs(a.values[k] - b.values[k]));
        size = std::max(size, std::abs(b.values[k]));
    }
    return worst / (1 + size);
}

}  // namespace dlc::autodiff::testing

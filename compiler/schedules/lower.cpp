#include "compiler/schedules/lower.h"

#include <algorithm>

#include "compiler/scalars/half.h"
#include "dsl/source/diagnostic.h"

namespace dlc::schedules {
namespace {

using Halide::Expr;
using Halide::Tuple;
using ir::ExprNode;
using ir::Index;
using ir::NodeId;
using scalars::halide_type;

/// A data-dependent index is first brought here, so that 32-bit arithmetic on it cannot wrap.
constexpr std::int64_t kFarIndex = std::int64_t{1} << 30;

Expr constant(double value, ir::Type type) {
    const Halide::Type t = halide_type(type);
    if (t.is_float()) {
        if (std::isinf(value) || std::isnan(value)) {
            const Expr like = Halide::Internal::make_zero(t);
            if (std::isnan(value)) return scalars::nan_like(like);
            return value > 0
                       ? scalars::infinity_like(like)
                       : scalars::real_of_bits(scalars::bits(scalars::infinity_like(like)) |
                                               Halide::Internal::make_const(Halide::Int(t.bits()),
                                                                            t.bits() == 32 ? std::int64_t{INT32_MIN} : INT64_MIN));
        }
        return Halide::Internal::make_const(t, value);
    }
    return Halide::Internal::make_const(t, static_cast<std::int64_t>(value));
}

/// The 32-bit expression that was widened, if any.
Expr narrow(const Expr& e) {
    if (const auto* c = e.as<Halide::Internal::Cast>(); c && c->value.type() == Halide::Int(32)) return c->value;
    if (const auto* i = e.as<Halide::Internal::IntImm>(); i && i->value == static_cast<std::int32_t>(i->value)) {
        return Expr(static_cast<std::int32_t>(i->value));
    }
    return {};
}

}  // namespace

Halide::Type stored_type(ir::Type t) {
    return t == ir::Type::boolean ? Halide::UInt(8) : ir::is_half(t) ? Halide::UInt(16) : halide_type(t);
}
Expr stored(const Expr& e, ir::Type t) {
    if (ir::is_half(t)) return scalars::bits_of_half(e, t);
    return t == ir::Type::boolean ? Halide::cast<std::uint8_t>(e) : e;
}
Expr loaded(const Expr& e, ir::Type t) {
    if (ir::is_half(t)) return scalars::half_of_bits(e, t);
    return t == ir::Type::boolean ? e != Halide::cast<std::uint8_t>(0) : e;
}

Lowering::Lowering(const Parts& parts, Lowered& lowered) : parts_(parts), lowered_(lowered) {
    const auto& k = *parts.kernel;
    for (std::size_t i = 0; i < k.inputs.size(); ++i) {
        const std::string name = "in" + std::to_string(i);
        const NodeId leaf = k.body.leaf(name);
        const ir::Type type = leaf ? k.body[leaf].type : ir::Type::f32;
        Halide::ImageParam p(stored_type(type), 1, name);
        if (leaf) p.dim(0).set_bounds(0, static_cast<int>(ir::volume(k.body[leaf].shape))).set_stride(1);
        lowered.inputs.push_back(p);
    }
}

void Lowering::provide(NodeId id, Reader reader) { readers_[id] = std::move(reader); }
void Lowering::provide(const ir::Expr& e, Reader reader) { shared_[e->digest] = std::move(reader); }

Expr Lowering::element(NodeId tensor, const Expr& position) {
    const ir::Node& n = parts_.node(tensor);
    if (const int input = parts_.input_of[tensor.value]; input >= 0) {
        return loaded(lowered_.inputs[input](position), n.type);
    } else {
        const ir::Constant* c = n.constant();
        DLC_ASSERT(c, "a kernel reads its inputs, constants and its own reductions");
        auto& buffer = constants_[tensor];
        if (!buffer.defined()) {
            // Constants of 16 bits are few: they are kept as the f32 they are computed with.
            const Halide::Type kept = ir::is_half(n.type) ? halide_type(n.type) : stored_type(n.type);
            buffer = Halide::Buffer<>(kept, static_cast<int>(c->values.size()));
            for (std::size_t i = 0; i < c->values.size(); ++i) {
                const auto at = static_cast<int>(i);
                const double v = c->values[i];
                switch (n.type) {
                    case ir::Type::boolean: buffer.as<std::uint8_t>()(at) = v != 0; break;
                    case ir::Type::i8: buffer.as<std::int8_t>()(at) = static_cast<std::int8_t>(v); break;
                    case ir::Type::u8: buffer.as<std::uint8_t>()(at) = static_cast<std::uint8_t>(v); break;
                    case ir::Type::i32: buffer.as<std::int32_t>()(at) = static_cast<std::int32_t>(v); break;
                    case ir::Type::i64: buffer.as<std::int64_t>()(at) = static_cast<std::int64_t>(v); break;
                    case ir::Type::f16:
                    case ir::Type::bf16:
                    case ir::Type::f32: buffer.as<float>()(at) = static_cast<float>(ir::rounded(v, n.type)); break;
                    case ir::Type::f64: buffer.as<double>()(at) = v; break;
                }
            }
        }
        return ir::is_half(n.type) ? Expr(buffer(position)) : loaded(buffer(position), n.type);
    }
}

/// One traversal: equal subexpressions are lowered once.
class Lowering::Scope {
public:
    Scope(Lowering& of, const Values& variables, const ir::Box& box) : of_(of), variables_(variables), box_(box) {}

    Expr value(const ir::Expr& e) {
        Expr& known = known_[e->digest];
        if (!known.defined()) known = fresh(e);
        return known;
    }
    Expr computed(const ir::Expr& e) {
        switch (e->kind) {
            case ExprNode::constant: return constant(e->value, e->type);
            case ExprNode::index: return Halide::cast<std::int64_t>(index(e->position));
            case ExprNode::read: return read(e->tensor, e->at, e->otherwise);
            case ExprNode::call: break;
        }
        std::vector<Expr> args;
        std::optional<ir::Type> type;
        const ir::Scalar& s = *e->scalar;
        for (std::size_t i = 0; i < e->args.size(); ++i) {
            args.push_back(value(e->args[i]));
            if (s.result == ir::Scalar::second && i == 0) continue;
            type = type ? ir::common(*type, e->args[i]->type) : e->args[i]->type;
        }
        if (s.result != ir::Scalar::given && type) {
            for (std::size_t i = s.result == ir::Scalar::second ? 1 : 0; i < args.size(); ++i) {
                if (args[i].type() != halide_type(*type)) args[i] = Halide::cast(halide_type(*type), args[i]);
            }
        }
        // Compare positions in 32 bits, as they were computed.
        if (s.result == ir::Scalar::boolean && args.size() == 2 && args[0].type() == Halide::Int(64)) {
            const Expr a = narrow(args[0]), b = narrow(args[1]);
            if (a.defined() && b.defined()) args = {a, b};
        }
        return s.lower(args, e->type);
    }
    Expr index(const Index& i) {
        Expr sum;
        const auto add = [&](const Expr& e) { sum = sum.defined() ? sum + e : e; };
        for (const Index::Term& t : i.terms()) {
            const Expr a = atom(t.atom);
            add(t.coefficient == 1 ? a : a * static_cast<int>(t.coefficient));
        }
        if (i.constant() != 0 || !sum.defined()) add(Expr(static_cast<int>(i.constant())));
        return sum;
    }
    Expr holds(const ir::Predicate& p) {
        const Expr i = index(p.index);
        return p.kind == ir::Predicate::ge ? i >= 0 : p.kind == ir::Predicate::eq ? i == 0 : i != 0;
    }

private:
    Expr atom(const ir::Atom& a) {
        switch (a.kind) {
            case ir::Atom::variable: return variables_.at(a.var);
            case ir::Atom::div: return index(a.dividend()) / static_cast<int>(a.modulus);
            case ir::Atom::mod: return index(a.dividend()) % static_cast<int>(a.modulus);
            case ir::Atom::get: break;
        }
        const Expr e = read(a.tensor, a.at(), {});
        if (e.type() == Halide::Int(32))
            return Halide::clamp(e, Expr(static_cast<int>(-kFarIndex)), Expr(static_cast<int>(kFarIndex)));
        const Expr far = Halide::Internal::make_const(Halide::Int(64), kFarIndex);
        return Halide::cast<std::int32_t>(Halide::clamp(Halide::cast<std::int64_t>(e), -far, far));
    }

    Expr read(NodeId tensor, const std::vector<Index>& at, const ir::Expr& otherwise) {
        const ir::Node& n = of_.parts_.node(tensor);
        const bool memory = !n.equation();
        if (memory && at.size() == 1 && n.shape.size() != 1) return of_.element(tensor, index(at[0]));
        Expr inside;
        Values position;
        for (std::size_t d = 0; d < at.size(); ++d) {
            Expr i = index(at[d]);
            const ir::Range r = at[d].range(box_);
            const auto last = static_cast<int>(n.shape[d] - 1);
            Expr here;
            if (r.low < 0) here = i >= 0;
            if (r.high > last) here = here.defined() ? here && i <= last : i <= last;
            if (here.defined()) {
                inside = inside.defined() ? inside && here : here;
                i = Halide::clamp(Halide::likely(i), 0, std::max(last, 0));
            }
            position.push_back(i);
        }
        Expr e;
        const auto reader = of_.readers_.find(tensor);
        if (!memory || reader != of_.readers_.end()) {
            DLC_ASSERT(reader != of_.readers_.end(), "a reduction is scheduled before it is read");
            e = reader->second(position);
        } else {
            const int input = of_.parts_.input_of[tensor.value];
            const auto strides =
                kernels::strides(n.shape, input < 0 ? kernels::row_major(n.shape.size()) : of_.parts_.kernel->inputs[input]);
            Expr flat;
            for (std::size_t d = 0; d < position.size(); ++d) {
                const Expr term = strides[d] == 1 ? position[d] : position[d] * static_cast<int>(strides[d]);
                flat = flat.defined() ? flat + term : term;
            }
            e = of_.element(tensor, flat.defined() ? flat : Expr(0));
        }
        if (!otherwise || !inside.defined()) return e;
        return Halide::select(Halide::likely(inside), e, value(otherwise));
    }

    Expr fresh(const ir::Expr& e) {
        const auto shared = of_.shared_.find(e->digest);
        return shared == of_.shared_.end() ? computed(e) : shared->second(variables_);
    }

    Lowering& of_;
    const Values& variables_;
    const ir::Box& box_;
    std::map<ir::Digest, Expr> known_;
};

Expr Lowering::value(const ir::Expr& e, const Values& variables, const ir::Box& box) {
    return Scope(*this, variables, box).value(e);
}
Expr Lowering::computed(const ir::Expr& e, const Values& variables, const ir::Box& box) {
    return Scope(*this, variables, box).computed(e);
}
Expr Lowering::index(const Index& i, const Values& variables, const ir::Box& box) { return Scope(*this, variables, box).index(i); }
Expr Lowering::holds(std::span<const ir::Predicate> all, const Values& variables, const ir::Box& box) {
    Scope scope(*this, variables, box);
    Expr e;
    for (const ir::Predicate& p : all) e = e.defined() ? e && scope.holds(p) : scope.holds(p);
    return e.defined() ? e : Halide::Internal::const_true();
}

Halide::Type Accumulator::type() const { return halide_type(located() ? term_ : result_); }

Tuple Accumulator::identity() const {
    const ir::Type t = located() ? term_ : result_;
    const ir::Reduce extremum = reduce_ == ir::Reduce::argmax   ? ir::Reduce::max
                                : reduce_ == ir::Reduce::argmin ? ir::Reduce::min
                                                                : reduce_;
    const Expr value = constant(ir::identity(extremum, t), t);
    if (!located()) return Tuple(value);
    return Tuple(value, Expr(-1));
}

Tuple Accumulator::step(const Tuple& so_far, const Tuple& term) const {
    const Expr a = so_far[0], x = term[0];
    const bool real = type().is_float();
    switch (reduce_) {
        case ir::Reduce::sum: return type().is_bool() ? Tuple(a || x) : Tuple(a + x);
        case ir::Reduce::prod: return type().is_bool() ? Tuple(a && x) : Tuple(a * x);
        case ir::Reduce::max:
            if (!real) return Tuple(type().is_bool() ? a || x : Halide::max(a, x));
            return Tuple(scalars::choose(scalars::strict::less(a, x) || scalars::strict::is_nan(x), x, a));
        case ir::Reduce::min:
            if (!real) return Tuple(type().is_bool() ? a && x : Halide::min(a, x));
            return Tuple(scalars::choose(scalars::strict::less(x, a) || scalars::strict::is_nan(x), x, a));
        default: break;
    }
    // A position of -1 stands for "no term yet" and loses against every term.
    const Expr p = so_far[1], q = term[1];
    const bool max = reduce_ == ir::Reduce::argmax;
    Expr better, same;
    if (real) {
        const Expr a_nan = scalars::strict::is_nan(a), x_nan = scalars::strict::is_nan(x);
        better = !a_nan && (x_nan || (max ? scalars::strict::less(a, x) : scalars::strict::less(x, a)));
        same = (a_nan && x_nan) || scalars::strict::equal(a, x);
    } else {
        better = max ? a < x : x < a;
        same = a == x;
    }
    const Expr take = q >= 0 && (p < 0 || better || (same && q < p));
    return Tuple(real ? scalars::choose(take, x, a) : Halide::select(take, x, a), Halide::select(take, q, p));
}

Tuple Accumulator::term(const Expr& value, const Expr& position, const Expr& condition) const {
    const Expr v = value.type() == type() ? value : Halide::cast(type(), value);
    const bool always = Halide::Internal::is_const_one(condition);
    const Tuple none = identity();
    const auto pick = [&](const Expr& x, const Expr& y) {
        if (always) return x;
        return type().is_float() && x.type().is_float() ? scalars::choose(condition, x, y) : Halide::select(condition, x, y);
    };
    if (!located()) return Tuple(pick(v, none[0]));
    return Tuple(pick(v, none[0]), pick(position, none[1]));
}

Expr Accumulator::result(const Tuple& t) const {
    const Expr e = located() ? t[1] : t[0];
    return e.type() == halide_type(result_) ? e : Halide::cast(halide_type(result_), e);
}

Accumulator accumulator_of(const Parts& parts, const Parts::Stage& stage) {
    const ir::Node& n = parts.node(stage.node);
    return {n.equation()->reduce, n.type, stage.body->type};
}

}  // namespace dlc::schedules

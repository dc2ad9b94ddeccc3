#include "compiler/ir/arith.h"

#include <cmath>

#include "dsl/source/diagnostic.h"

namespace dlc::ir {

namespace {

// The value of a primitive applied to constants alone, or the application.
Expr folded(std::string_view name, std::vector<Expr> args, std::optional<Type> given = {}) {
    const Expr e = Expr::call(name, std::move(args), given);
    std::vector<double> values;
    for (const Expr& arg : e->args) {
        if (arg->kind != ExprNode::constant) return e;
        values.push_back(arg->value);
    }
    if (!e->scalar->meaning) return e;
    const double value = e->scalar->meaning(values, e->type);
    // An integer beyond 2^53 would not be exact as a constant.
    if (!is_real(e->type) && !(std::abs(value) <= 9007199254740992.0)) return e;
    return Expr::constant(value, e->type);
}
Type type_of(const Expr& a, const Expr& b) { return common(a->type, b->type); }
Expr like(const Expr& a, double value) {
    const Type type = is_real(a->type) || value == std::trunc(value) ? common(a->type, a->type) : Type::f64;
    return Expr::constant(value, type);
}

}  // namespace

bool is_constant(const Expr& e, double value) { return e->kind == ExprNode::constant && e->value == value; }

Expr operator+(const Expr& a, const Expr& b) {
    if (is_constant(a, 0)) return convert(b, type_of(a, b));
    if (is_constant(b, 0)) return convert(a, type_of(a, b));
    return folded("add", {a, b});
}
Expr operator-(const Expr& a, const Expr& b) {
    if (is_constant(a, 0)) return -convert(b, type_of(a, b));
    if (is_constant(b, 0)) return convert(a, type_of(a, b));
    return folded("sub", {a, b});
}
Expr operator*(const Expr& a, const Expr& b) {
    if (is_constant(a, 0) || is_constant(b, 0)) return Expr::constant(0, type_of(a, b));
    if (is_constant(a, 1)) return convert(b, type_of(a, b));
    if (is_constant(b, 1)) return convert(a, type_of(a, b));
    if (is_constant(a, -1)) return -convert(b, type_of(a, b));
    if (is_constant(b, -1)) return -convert(a, type_of(a, b));
    return folded("mul", {a, b});
}
Expr operator/(const Expr& a, const Expr& b) {
    const Type type = type_of(a, b);
    const Type real = is_real(type) ? type : Type::f64;
    if (is_constant(b, 1)) return convert(a, real);
    return folded("div", {convert(a, real), convert(b, real)});
}
Expr operator-(const Expr& a) {
    if (a->is("neg")) return a->args[0];
    return folded("neg", {a});
}
Expr operator+(const Expr& a, double b) { return a + like(a, b); }
Expr operator-(const Expr& a, double b) { return a - like(a, b); }
Expr operator*(const Expr& a, double b) { return a * like(a, b); }
Expr operator*(double a, const Expr& b) { return like(b, a) * b; }
Expr operator-(double a, const Expr& b) { return like(b, a) - b; }
Expr operator/(double a, const Expr& b) { return like(b, a) / b; }

Expr select(const Expr& condition, const Expr& then, const Expr& otherwise) {
    const Type type = then->type == otherwise->type ? then->type : type_of(then, otherwise);
    if (condition->kind == ExprNode::constant) return convert(condition->value != 0 ? then : otherwise, type);
    if (then == otherwise) return then;
    return Expr::call("select", {condition, then, otherwise});
}
Expr less(const Expr& a, const Expr& b) { return folded("lt", {a, b}); }
Expr greater(const Expr& a, const Expr& b) { return folded("gt", {a, b}); }
Expr equal(const Expr& a, const Expr& b) { return folded("eq", {a, b}); }

Expr both(const Expr& a, const Expr& b) {
    if (is_constant(a, 0)) return a;
    if (is_constant(b, 0)) return b;
    if (is_constant(a, 1) || a == b) return b;
    if (is_constant(b, 1)) return a;
    return folded("and", {a, b});
}
Expr negate(const Expr& condition) {
    if (condition->is("not")) return condition->args[0];
    return folded("not", {condition});
}

Expr convert(const Expr& e, Type type) {
    if (e->type == type) return e;
    if (e->kind == ExprNode::constant) {
        if (type == Type::boolean) return Expr::constant(e->value != 0, type);
        if (is_real(type)) return Expr::constant(e->value, type);
        if (e->value == std::trunc(e->value)) return Expr::constant(e->value, type);
    }
    return Expr::call("cast", {e}, type);
}
Expr zero_like(const Expr& e) { return Expr::constant(0, e->type); }
Expr one_like(const Expr& e) { return Expr::constant(1, e->type); }

}  // namespace dlc::ir

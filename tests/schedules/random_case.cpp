// The kernels that random tests draw.  Each kind is a function; what they share is how extents, types and orders are drawn.
#include <algorithm>
#include <numeric>

#include "maker.h"

namespace dlc::test {

Expr operand(Random& r, Maker& m, const Shape& extents, std::vector<ir::Var> over, Type type) {
    if (r.one_in(2)) r.shuffle(over);
    Shape shape;
    std::vector<Index> at;
    for (const ir::Var x : over) {
        shape.push_back(extents[x]);
        at.push_back(v(x));
    }
    return m.b.read(m.in(shape, type), at);
}

namespace {

constexpr std::int64_t kLargestDomain = 400'000;  // points an interpreter walks through in a moment

Expr number(double x, Type type) { return Expr::constant(x, type); }
Expr relu(const Expr& x) { return ir::select(ir::greater(x, ir::zero_like(x)), x, ir::zero_like(x)); }
ir::Predicate at_least_0(Index i) { return {ir::Predicate::ge, std::move(i)}; }

Type real_type(Random& r) { return r.one_in(3) ? Type::f64 : Type::f32; }
double tolerance(Type type) { return type == Type::f64 ? 1e-12 : 1e-5; }

/// Beside a vector's length, prime, tiny; rarely 0.
std::int64_t length(Random& r) {
    if (r.one_in(60)) return 0;
    return r.pick({1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 130, 257});
}
/// Halves the longest until the product is small enough.
void limit(std::vector<std::int64_t>& extents, std::int64_t most = kLargestDomain) {
    while (ir::volume(extents) > most) {
        std::int64_t& longest = *std::max_element(extents.begin(), extents.end());
        longest = (longest + 1) / 2;
    }
}

void shuffle_storage(Random& r, kernels::Kernel& k) {
    const bool in_place = std::any_of(k.alias.begin(), k.alias.end(), [](int a) { return a >= 0; });
    if (in_place || r.one_in(3)) return;
    for (kernels::Order& order : k.inputs) {
        if (r.one_in(2)) r.shuffle(order);
    }
    for (kernels::Order& order : k.outputs) {
        if (r.one_in(2)) r.shuffle(order);
    }
}
Case finished(Random& r, std::string what, Maker&& m, double relative, std::int64_t below = 4) {
    Case c{std::move(what), std::move(m).kernel(), relative, below};
    shuffle_storage(r, c.kernel);
    return c;
}

Case product(Random& r) {
    const Type type = real_type(r);
    // Roles of the output variables: b for both operands, m, n.
    std::string roles;
    for (std::int64_t i = r.one_in(2) ? 0 : r.below(4); i > 0; --i) roles += 'b';
    roles += r.one_in(6) ? "" : r.one_in(5) ? "mm" : "m";
    roles += r.one_in(5) ? "nn" : "n";
    std::vector<char> shuffled(roles.begin(), roles.end());
    if (r.one_in(3)) r.shuffle(shuffled);
    Shape extents;
    for (const char role : shuffled) extents.push_back(role == 'b' ? r.pick({1, 2, 3}) : length(r));
    const std::size_t outs = extents.size();
    extents.push_back(length(r));
    if (r.one_in(4)) extents.push_back(r.pick({2, 3, 7}));
    limit(extents);
    std::vector<ir::Var> a, b;
    for (ir::Var x = 0; x < extents.size(); ++x) {
        const char role = x < outs ? shuffled[x] : 'b';
        if (role != 'n') a.push_back(x);
        if (role != 'm') b.push_back(x);
    }
    const Shape shape(extents.begin(), extents.begin() + static_cast<std::ptrdiff_t>(outs)),
        over(extents.begin() + static_cast<std::ptrdiff_t>(outs), extents.end());
    Maker m;
    Expr x = operand(r, m, extents, a, type), y = operand(r, m, extents, b, type);
    if (r.one_in(4)) x = relu(x);
    if (r.one_in(5)) x = x * ir::convert(operand(r, m, extents, a, Type::boolean), type);
    if (r.one_in(6)) y = Expr::call("exp", {y});
    Expr body = r.one_in(2) ? x * y : y * x;
    if (r.one_in(5)) body = body * operand(r, m, extents, {static_cast<ir::Var>(r.below(static_cast<std::int64_t>(outs)))}, type);
    if (r.one_in(6)) body = -body;
    std::vector<ir::Predicate> where;
    if (r.one_in(8)) where.push_back(at_least_0(v(0) - v(static_cast<ir::Var>(outs))));  // a triangle
    const NodeId sum = m.reduce(Reduce::sum, type, shape, over, body, where);
    if (r.one_in(4)) {
        m.out(sum);
        return finished(r, "product " + roles, std::move(m), tolerance(type));
    }
    const Expr biased = m.b.read_all(sum) + operand(r, m, shape, {static_cast<ir::Var>(outs - 1)}, type);
    m.out(m.b.pointwise(type, shape, relu(biased)));
    if (r.one_in(2)) m.out(m.b.pointwise(Type::f64, shape, ir::convert(biased, Type::f64) * 0.5));
    return finished(r, "product with epilogue " + roles, std::move(m), type == Type::f64 ? 1e-12 : 1e-5);
}

/// Weights updated where they lie, by a gradient computed in the same kernel.
Case product_in_place(Random& r) {
    const Type type = real_type(r);
    Shape e{std::max<std::int64_t>(1, length(r)), std::max<std::int64_t>(1, length(r)), length(r)};
    limit(e);
    Maker m;
    const NodeId w = m.in({e[0], e[1]}, type);
    const Expr x = operand(r, m, e, {2, 0}, type), d = operand(r, m, e, {2, 1}, type);
    const NodeId g = m.reduce(Reduce::sum, type, {e[0], e[1]}, {e[2]}, x * d);
    m.out(m.b.pointwise(type, {e[0], e[1]}, m.b.read_all(w) - m.b.read_all(g) * 0.1));
    Case c{"product in place", std::move(m).kernel(), tolerance(type)};
    c.kernel.alias = {0};
    return c;
}

Case convolution(Random& r) {
    const Type type = r.one_in(5) ? Type::f64 : Type::f32;
    const int dims = static_cast<int>(r.pick({1, 2, 2, 2, 3}));
    enum { forward, data, weight } const mode = static_cast<decltype(forward)>(r.below(3));
    const bool depthwise = mode == forward && r.one_in(5), grouped = mode == forward && !depthwise && r.one_in(5);
    const std::int64_t groups = grouped ? r.pick({2, 3, 5}) : 1, batch = r.one_in(30) ? 0 : r.pick({1, 2, 3, 5});
    const std::int64_t ci = r.pick({1, 3, 5, 17, 64}), co = depthwise ? ci : r.pick({1, 3, 5, 17, 64});  // of a group
    std::vector<std::int64_t> in, out, taps, stride, dilation, pad;
    const bool channels_last = r.one_in(2);
    for (int d = 0; d < dims; ++d) {
        taps.push_back(r.pick({1, 2, 3, 3, 5}));
        stride.push_back(mode == data ? 1 : r.pick({1, 1, 2, 3}));
        dilation.push_back(r.pick({1, 1, 2}));
        pad.push_back(r.pick({0, 1, 2}));
        const std::int64_t span = dilation.back() * (taps.back() - 1) + 1;
        in.push_back(std::max(span - 2 * pad.back(), dims == 3 ? r.pick({2, 3, 5}) : r.pick({1, 2, 3, 5, 7, 11, 13, 28})));
        out.push_back((in.back() + 2 * pad.back() - span) / stride.back() + 1);
    }
    const auto spatial = [&](std::int64_t first, std::int64_t channels, const std::vector<std::int64_t>& extents) {
        Shape s{first};
        if (!channels_last) s.push_back(channels);
        s.insert(s.end(), extents.begin(), extents.end());
        if (channels_last) s.push_back(channels);
        return s;
    };
    const auto at = [&](const Index& first, const Index& channel, const std::vector<Index>& where) {
        std::vector<Index> all{first};
        if (!channels_last) all.push_back(channel);
        all.insert(all.end(), where.begin(), where.end());
        if (channels_last) all.push_back(channel);
        return all;
    };
    Maker m;
    const Expr zero = number(0, type);
    const auto first_spatial = static_cast<ir::Var>(channels_last ? 1 : 2),
               channel = static_cast<ir::Var>(channels_last ? dims + 1 : 1);
    const auto rank = static_cast<ir::Var>(dims + 2);
    NodeId result;
    Shape shape;
    if (mode == weight) {
        // Over [taps…, ci, co]; reduced: batch and positions.
        shape = taps;
        shape.push_back(ci);
        shape.push_back(co);
        Shape over{batch};
        over.insert(over.end(), out.begin(), out.end());
        std::vector<Index> positions, places;
        for (int d = 0; d < dims; ++d) {
            const auto o = rank + 1 + static_cast<ir::Var>(d);
            places.push_back(v(o));
            positions.push_back(v(o, stride[d]) + v(static_cast<ir::Var>(d), dilation[d]) - Index(pad[d]));
        }
        const NodeId x = m.in(spatial(batch, ci, in), type), dy = m.in(spatial(batch, co, out), type);
        const Expr a = m.b.read(x, at(v(rank), v(rank - 2), positions), zero);
        Expr b = m.b.read(dy, at(v(rank), v(rank - 1), places));
        if (r.one_in(3)) {
            const Expr mask = m.b.read(m.in(spatial(batch, co, out), type), at(v(rank), v(rank - 1), places));
            b = b * ir::convert(ir::greater(mask, zero), type);
        }
        Shape extents = shape;
        extents.insert(extents.end(), over.begin(), over.end());
        if (ir::volume(extents) > 8 * kLargestDomain) return convolution(r);
        result = m.reduce(Reduce::sum, type, shape, over, a * b);
    } else {
        const std::vector<std::int64_t>& places = mode == data ? in : out;
        const std::int64_t channels = mode == data ? ci : groups * co, inner = depthwise ? 1 : mode == data ? co : ci;
        shape = spatial(batch, channels, places);
        Shape over = taps;
        over.push_back(inner);
        Shape extents = shape;
        extents.insert(extents.end(), over.begin(), over.end());
        if (ir::volume(extents) > 8 * kLargestDomain) return convolution(r);
        const ir::Box box = ir::box_of(extents);
        const ir::Var c = rank + static_cast<ir::Var>(dims);
        std::vector<Index> positions, tap;
        for (int d = 0; d < dims; ++d) {
            const ir::Var o = first_spatial + static_cast<ir::Var>(d), t = rank + static_cast<ir::Var>(d);
            tap.push_back(v(t));
            positions.push_back(mode == data ? v(o) + Index(pad[d]) - v(t, dilation[d])
                                             : v(o, stride[d]) + v(t, dilation[d]) - Index(pad[d]));
        }
        const std::int64_t source = mode == data ? co : groups * ci;
        const Index from = depthwise ? v(channel) : grouped ? div(v(channel), co, box) * ci + v(c) : v(c);
        const NodeId x = m.in(spatial(batch, depthwise ? channels : source, mode == data ? out : in), type);
        Shape kernel = taps;
        kernel.push_back(depthwise ? 1 : inner);
        kernel.push_back(channels);
        std::vector<Index> kernel_at = tap;
        kernel_at.push_back(v(c));
        kernel_at.push_back(v(channel));
        Expr a = m.b.read(x, at(v(0), from, positions), zero);
        if (r.one_in(4)) a = relu(a);
        result = m.reduce(Reduce::sum, type, shape, over, a * m.b.read(m.in(kernel, type), kernel_at));
    }
    if (r.one_in(2)) {
        m.out(result);
    } else {
        const auto last = static_cast<ir::Var>(shape.size() - 1);
        m.out(
            m.b.pointwise(type, shape, relu(m.b.read_all(result) + operand(r, m, shape, {mode == weight ? last : channel}, type))));
    }
    Case c{std::string(mode == weight ? "weight gradient"
                       : mode == data ? "data gradient"
                                      : "convolution") +
               (depthwise ? " depthwise"
                : grouped ? " grouped"
                          : ""),
           std::move(m).kernel(), tolerance(type)};
    // Half of them as storage orders are chosen: channels last where they are not written so.
    if (!channels_last && r.one_in(2)) {
        for (std::vector<kernels::Order>* orders : {&c.kernel.inputs, &c.kernel.outputs}) {
            for (kernels::Order& order : *orders) {
                if (order.size() < 3) continue;
                order.erase(order.begin() + 1);
                order.push_back(1);
            }
        }
    } else {
        shuffle_storage(r, c.kernel);
    }
    return c;
}

Case window(Random& r) {
    const Type type = real_type(r);
    const std::int64_t n = r.pick({1, 2, 3}), channels = r.pick({1, 3, 5, 17}), taps = r.pick({2, 3, 5, 7}),
                       stride = r.pick({1, 2, 3}), h = r.pick({7, 8, 13}), w = r.pick({7, 9, 16}), oh = (h - taps) / stride + 1,
                       ow = (w - taps) / stride + 1;
    Maker m;
    const NodeId x = m.in({n, channels, h, w}, type);
    const Expr at = m.b.read(x, {v(0), v(1), v(2, stride) + v(4), v(3, stride) + v(5)});
    const Shape shape{n, channels, oh, ow}, over{taps, taps};
    if (r.one_in(2)) m.out(m.reduce(Reduce::max, type, shape, over, at));
    if (r.one_in(2)) m.out(m.reduce(Reduce::argmax, Type::i32, shape, over, at));
    m.out(m.reduce(r.one_in(2) ? Reduce::sum : Reduce::min, type, shape, over, at));
    return finished(r, "windows", std::move(m), tolerance(type));
}

Case reduction(Random& r) {
    struct Kind {
        Reduce op;
        Type type, result;
    };
    static const std::vector<Kind> kinds = {
        {Reduce::sum, Type::f32, Type::f32},         {Reduce::sum, Type::f64, Type::f64},
        {Reduce::max, Type::f32, Type::f32},         {Reduce::min, Type::f64, Type::f64},
        {Reduce::prod, Type::f32, Type::f32},        {Reduce::prod, Type::f64, Type::f64},
        {Reduce::argmax, Type::f32, Type::i32},      {Reduce::argmin, Type::f64, Type::i32},
        {Reduce::argmax, Type::i32, Type::i32},      {Reduce::argmin, Type::u8, Type::i32},
        {Reduce::sum, Type::i32, Type::i32},         {Reduce::sum, Type::i64, Type::i64},
        {Reduce::max, Type::i32, Type::i32},         {Reduce::min, Type::i64, Type::i64},
        {Reduce::max, Type::u8, Type::u8},           {Reduce::min, Type::i8, Type::i8},
        {Reduce::prod, Type::i32, Type::i32},        {Reduce::max, Type::boolean, Type::boolean},
        {Reduce::min, Type::boolean, Type::boolean}, {Reduce::argmax, Type::boolean, Type::i32},
        {Reduce::argmin, Type::i64, Type::i32}};
    const Kind kind = r.pick(kinds);
    Shape extents;
    for (std::int64_t d = 1 + r.below(4); d > 0; --d) extents.push_back(length(r));
    limit(extents, kLargestDomain / 4);
    // Some dimensions stay, the others are reduced; the tensor has them in any order.
    const auto outs = static_cast<std::size_t>(r.below(static_cast<std::int64_t>(extents.size())));
    const Shape shape(extents.begin(), extents.begin() + static_cast<std::ptrdiff_t>(outs)),
        over(extents.begin() + static_cast<std::ptrdiff_t>(outs), extents.end());
    std::vector<ir::Var> all(extents.size());
    std::iota(all.begin(), all.end(), 0u);
    Maker m;
    Expr body = operand(r, m, extents, all, kind.type);
    const bool real = ir::is_real(kind.type), located = kind.op == Reduce::argmax || kind.op == Reduce::argmin;
    if (real && !located) {
        if (r.one_in(4)) body = body * body;
        if (r.one_in(5)) body = Expr::call("exp", {body});
        if (r.one_in(4))
            body = body *
                   operand(r, m, extents, {static_cast<ir::Var>(r.below(static_cast<std::int64_t>(extents.size())))}, kind.type);
    }
    std::vector<ir::Predicate> where;
    if (r.one_in(4) && outs > 0) where.push_back(at_least_0(v(static_cast<ir::Var>(outs)) - v(0) - Index(1)));
    const NodeId result = m.reduce(kind.op, kind.result, shape, over, body, where);
    if (real && !located && kind.op == Reduce::sum && r.one_in(2)) {
        // Written back over the whole domain, as a normalisation does.
        const Expr total = m.b.read(result, [&] {
            std::vector<Index> at;
            for (std::size_t d = 0; d < outs; ++d) at.push_back(v(static_cast<ir::Var>(d)));
            return at;
        }());
        m.out(m.b.pointwise(kind.type, extents, operand(r, m, extents, all, kind.type) - total));
        if (r.one_in(2)) m.out(result);
    } else {
        m.out(result);
    }
    Case c = finished(r, "reduction " + std::string(ir::name(kind.op)) + " of " + std::string(ir::name(kind.type)), std::move(m),
                      real && !located ? tolerance(kind.type) : 0, kind.op == Reduce::prod ? 2 : 100);
    const bool extremum = located || kind.op == Reduce::max || kind.op == Reduce::min;
    if (real && where.empty() && r.one_in(3)) c.special = extremum ? Case::nans_and_infinities : Case::nans;
    return c;
}

/// Running reductions along any dimension, from the beginning or the end.
Case prefix(Random& r) {
    struct Kind {
        Reduce op;
        Type type, result;
    };
    static const std::vector<Kind> kinds = {
        {Reduce::sum, Type::f32, Type::f32},    {Reduce::sum, Type::f64, Type::f64},    {Reduce::max, Type::f32, Type::f32},
        {Reduce::min, Type::f64, Type::f64},    {Reduce::prod, Type::f64, Type::f64},   {Reduce::sum, Type::i32, Type::i32},
        {Reduce::sum, Type::i64, Type::i64},    {Reduce::max, Type::i8, Type::i8},      {Reduce::max, Type::boolean, Type::boolean},
        {Reduce::argmax, Type::f32, Type::i32}, {Reduce::argmin, Type::i64, Type::i32}, {Reduce::sum, Type::f16, Type::f16}};
    const Kind kind = r.pick(kinds);
    Shape shape;
    for (std::int64_t d = 1 + r.below(3); d > 0; --d) shape.push_back(length(r));
    const auto k = static_cast<ir::Var>(r.below(static_cast<std::int64_t>(shape.size())));
    shape[k] = r.pick({2, 3, 8, 15, 16, 17, 64, 130, 257});
    limit(shape, kLargestDomain / 16);
    Shape extents = shape;
    extents.push_back(shape[k]);
    const auto j = static_cast<ir::Var>(shape.size());
    std::vector<ir::Var> over;
    for (ir::Var d = 0; d < shape.size(); ++d)
        if (d != k && !r.one_in(5)) over.push_back(d);
    if (!r.one_in(8)) over.push_back(j);
    Maker m;
    const bool real = ir::is_real(kind.type), located = kind.op == Reduce::argmax || kind.op == Reduce::argmin,
               rounded = ir::is_half(kind.type);
    Expr body = operand(r, m, extents, over, kind.type);
    if (real && !located && !rounded && r.one_in(3)) body = body * operand(r, m, extents, {j}, kind.type);
    std::vector<ir::Predicate> where{at_least_0(r.one_in(2) ? v(k) - v(j) : v(j) - v(k))};
    if (r.one_in(4)) where.push_back(at_least_0(v(j) - Index(r.below(5))));
    const NodeId result = m.reduce(kind.op, kind.result, shape, {shape[k]}, body, where);
    if (real && !located && r.one_in(2))
        m.out(m.b.pointwise(kind.type, shape, relu(m.b.read_all(result) + operand(r, m, shape, {k}, kind.type))));
    if (m.outputs == 0 || r.one_in(3)) m.out(result);
    if (r.one_in(4)) {  // read elsewhere: a scratch array
        std::vector<Index> at;
        for (ir::Var d = 0; d < shape.size(); ++d) at.push_back(d == k ? v(d) - Index(1) : v(d));
        m.out(m.b.pointwise(kind.result, shape, m.b.read(result, at, number(0, kind.result))));
    }
    return finished(r, "prefix " + std::string(ir::name(kind.op)) + " of " + std::string(ir::name(kind.type)), std::move(m),
                    rounded            ? 2e-3
                    : real && !located ? tolerance(kind.type)
                                       : 0,
                    kind.op == Reduce::prod ? 2 : 100);
}

/// Several reductions over the same rows.
Case rows(Random& r) {
    const Type type = real_type(r);
    Shape e{length(r), std::max<std::int64_t>(1, length(r))};
    if (r.one_in(3)) e.insert(e.begin(), r.pick({2, 3}));
    limit(e, kLargestDomain / 4);
    const auto last = static_cast<ir::Var>(e.size() - 1);
    const Shape outer(e.begin(), e.end() - 1);
    std::vector<Index> row, point;
    for (ir::Var d = 0; d <= last; ++d) {
        if (d < last) row.push_back(v(d));
        point.push_back(v(d));
    }
    Maker m;
    const NodeId x = m.in(e, type);
    const Expr here = m.b.read(x, point);
    const bool normalise = r.one_in(2);
    const auto count = static_cast<double>(e.back());
    if (normalise) {
        const NodeId sum = m.reduce(Reduce::sum, type, outer, {e.back()}, here);
        const Expr centred = here - m.b.read(sum, row) * (1 / count);
        const NodeId squares = m.reduce(Reduce::sum, type, outer, {e.back()}, centred * centred);
        const Expr scaled = centred * Expr::call("rsqrt", {m.b.read(squares, row) * (1 / count) + 0.1});
        m.out(m.b.pointwise(type, e,
                            scaled * m.b.read(m.in({e.back()}, type), {v(last)}) + m.b.read(m.in({e.back()}, type), {v(last)})));
    } else {
        const NodeId top = m.reduce(Reduce::max, type, outer, {e.back()}, here);
        const Expr power = Expr::call("exp", {here - m.b.read(top, row)});
        const NodeId sum = m.reduce(Reduce::sum, type, outer, {e.back()}, power);
        m.out(m.b.pointwise(type, e, power / m.b.read(sum, row)));
        if (r.one_in(2)) m.out(m.b.pointwise(type, outer, Expr::call("log", {m.b.read(sum, row)}) + m.b.read(top, row)));
        if (r.one_in(2)) m.out(m.reduce(Reduce::argmax, Type::i32, outer, {e.back()}, here));
    }
    return finished(r, normalise ? "normalised rows" : "softmax", std::move(m), tolerance(type));
}

/// A read of a new tensor at indices of every kind.
Expr any_read(Random& r, Maker& m, const Shape& extents, Type type) {
    const ir::Box box = ir::box_of(extents);
    Shape shape;
    std::vector<Index> at;
    bool leaves = false;
    for (std::int64_t d = r.below(4); d > 0; --d) {
        if (extents.empty()) break;
        const auto x = static_cast<ir::Var>(r.below(static_cast<std::int64_t>(extents.size())));
        const std::int64_t n = extents[x];
        switch (r.below(8)) {
            case 0:
                shape.push_back(2 * n + 1);
                at.push_back(v(x, 2) + Index(1));
                break;
            case 1:
                shape.push_back(n);
                at.push_back(Index(n - 1) - v(x));
                break;
            case 2:
                shape.push_back(n);
                at.push_back(v(x) - Index(1));
                leaves = leaves || n > 0;
                break;
            case 3:
                shape.push_back(n / 3 + 1);
                at.push_back(div(v(x), 3, box));
                break;
            case 4:
                shape.push_back(3);
                at.push_back(mod(v(x), 3, box));
                break;
            case 5:
                shape.push_back(2);
                at.push_back(Index(1));
                break;
            default: shape.push_back(n); at.push_back(v(x));
        }
    }
    return m.b.read(m.in(shape, type), at, leaves || r.one_in(5) ? number(1, type) : Expr{});
}

Case pointwise(Random& r) {
    static const std::vector<Type> types = {Type::f32, Type::f32, Type::f64, Type::i32,
                                            Type::i64, Type::u8,  Type::i8,  Type::boolean};
    Shape extents;
    for (std::int64_t d = r.below(5); d > 0; --d) extents.push_back(length(r));
    limit(extents, kLargestDomain / 4);
    Maker m;
    const Type type = r.pick(types);
    Expr value = any_read(r, m, extents, type);
    for (std::int64_t i = r.below(3); i > 0; --i) {
        const Expr other = any_read(r, m, extents, type);
        value = type == Type::boolean ? (r.one_in(2) ? ir::both(value, other) : ir::negate(value))
                : r.one_in(3)         ? Expr::call("max", {value, other})
                : r.one_in(2)         ? ir::select(ir::less(value, other), value, other)
                                      : ir::convert(value, type);
        if (ir::is_real(type)) value = value * 0.5 + other;
    }
    if (!extents.empty() && r.one_in(3)) {
        const ir::Predicate p{r.one_in(2) ? ir::Predicate::ge : ir::Predicate::ne, v(0) - Index(extents[0] / 2)};
        value = ir::select(ir::holds(p), value, ir::zero_like(value));
    }
    m.out(m.b.pointwise(type, extents, value));
    const bool rounded = r.one_in(3);
    if (rounded) m.out(m.b.pointwise(Type::f32, extents, ir::convert(value, Type::f32)));
    return finished(r, "pointwise " + std::string(ir::name(type)), std::move(m),
                    ir::is_real(type) ? tolerance(rounded ? Type::f32 : type) : 0, 100);
}

Case look_up(Random& r) {
    const Type type = real_type(r), ids = r.one_in(2) ? Type::i32 : Type::i64;
    Shape e{length(r), length(r)};
    limit(e, kLargestDomain / 4);
    const std::int64_t entries = r.pick({1, 5, 17});
    Maker m;
    const NodeId table = m.in({entries, e[1]}, type), at = m.in({e[0]}, ids);
    m.out(m.b.pointwise(type, e, m.b.read(table, {Index::get(at, {v(0)}), v(1)})));
    return finished(r, "look-up", std::move(m), 0, entries);
}

Case scatter(Random& r) {
    static const std::vector<std::pair<Reduce, Type>> kinds = {
        {Reduce::sum, Type::f32}, {Reduce::sum, Type::f64}, {Reduce::max, Type::f32}, {Reduce::min, Type::f64},
        {Reduce::sum, Type::i32}, {Reduce::max, Type::i64}, {Reduce::sum, Type::i64}};
    const auto [op, type] = r.pick(kinds);
    Shape domain;
    for (std::int64_t d = 1 + r.below(3); d > 0; --d) domain.push_back(length(r));
    limit(domain, kLargestDomain / 8);
    std::vector<ir::Var> all(domain.size());
    std::iota(all.begin(), all.end(), 0u);
    Maker m;
    ir::Equation e;
    e.reduce = op;
    e.scatter = e.lossy = true;
    e.reductions = domain;
    e.body = operand(r, m, domain, all, type);
    if (r.one_in(4)) e.where.push_back(at_least_0(v(0) - Index(1)));
    Shape shape;
    for (std::int64_t d = r.below(4); d > 0; --d) {
        const auto x = static_cast<ir::Var>(r.below(static_cast<std::int64_t>(domain.size())));
        switch (r.below(4)) {
            case 0:
                shape.push_back(domain[x]);
                e.map.push_back(v(x));
                break;
            case 1:
                shape.push_back(domain[x] + 2);
                e.map.push_back(v(x) + Index(r.below(4)));
                break;
            default: {
                const NodeId ids = m.in({domain[x]}, r.one_in(2) ? Type::i32 : Type::i64);
                shape.push_back(r.one_in(30) ? 0 : r.pick({1, 5, 7, 17}));
                e.map.push_back(Index::get(ids, {v(x)}));
            }
        }
    }
    const NodeId result = m.b.equation(type, shape, e);
    if (ir::is_real(type) && op == Reduce::sum && r.one_in(2)) {
        m.out(m.b.pointwise(type, shape, m.b.read_all(result) * 0.5));
    } else {
        m.out(result);
    }
    return finished(r, "scatter " + std::string(ir::name(op)), std::move(m), ir::is_real(type) ? tolerance(type) : 0, 9);
}

}  // namespace

Case random_case(Random& r) {
    static const std::vector<Case (*)(Random&)> kinds = {product,     product,   product_in_place, convolution, convolution,
                                                         convolution, reduction, reduction,        prefix,      window,
                                                         rows,        pointwise, pointwise,        look_up,     scatter};
    Case c = r.pick(kinds)(r);
    const bool real = !c.kernel.inputs.empty() && ir::is_real(c.kernel.body[c.kernel.body.leaf("in0")].type);
    if (real && c.special == Case::numbers && r.one_in(6)) c.special = Case::nans;
    return c;
}

}  // namespace dlc::test

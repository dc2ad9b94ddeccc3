// Reads of elements, and whole-tensor views.
//
// A read must be provably inside its tensor.  The proof uses the ranges of the variables first; if those do not do, also the
// conditions around the read: of the reduction and of the branches it stands in.  A read proved only that way gets an `else 0`, for
// the equation it ends up in may be evaluated where the condition fails and its value is not used.
#include <fmt/format.h>

#include "compiler/elaborate/elaborator.h"
#include "dsl/shapes/arithmetic.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

/// The variables' ranges narrowed by what is known, and the known facts as `index >= 0`.
struct Facts {
    ir::Box box;
    std::vector<ir::Index> nonnegative;
};

Facts facts(const Frame& frame) {
    using P = ir::Predicate;
    Facts f{frame.box(), {}};
    for (const P& p : frame.known) {
        if (p.kind == P::ne) continue;
        f.nonnegative.push_back(p.index);
        if (p.kind == P::eq) f.nonnegative.push_back(-p.index);
    }
    constexpr int kRounds = 3;
    for (int round = 0; round < kRounds; ++round) {
        for (const ir::Index& p : f.nonnegative) {
            if (!p.is_affine()) continue;
            for (const ir::Index::Term& t : p.terms()) {
                const ir::Index rest = p - ir::Index::variable(t.atom.var, t.coefficient);
                const std::int64_t most = rest.range(f.box).high;  // coefficient * v >= -most
                ir::Range& r = f.box[t.atom.var];
                if (t.coefficient > 0)
                    r.low = std::max(r.low, shapes::ceil_div(-most, t.coefficient));
                else
                    r.high = std::min(r.high, shapes::floor_div(most, -t.coefficient));
            }
        }
        for (const P& p : frame.known) {
            if (p.kind != P::ne || p.index.terms().size() != 1 || !p.index.is_affine()) continue;
            const ir::Index::Term& t = p.index.terms()[0];
            if (p.index.constant() % t.coefficient != 0) continue;
            const std::int64_t excluded = -p.index.constant() / t.coefficient;
            ir::Range& r = f.box[t.atom.var];
            if (r.low == excluded) ++r.low;
            if (r.high == excluded) --r.high;
        }
    }
    return f;
}

bool nonnegative(const ir::Index& e, const Facts& f) {
    if (e.range(f.box).low >= 0) return true;
    for (std::size_t a = 0; a < f.nonnegative.size(); ++a) {
        const ir::Index once = e - f.nonnegative[a];
        if (once.range(f.box).low >= 0) return true;
        for (std::size_t b = a + 1; b < f.nonnegative.size(); ++b)
            if ((once - f.nonnegative[b]).range(f.box).low >= 0) return true;
    }
    return false;
}

}  // namespace

Elaborator::Proof Elaborator::in_range(const Frame& frame, const ir::Index& index, std::int64_t extent) const {
    // The step of a `scan` is a variable here: it runs through a range that is known.
    for (const OpenScan& scan : scans_) {
        if (scan.inside != b_) continue;
        for (const OpenScan::Counter& counter : scan.counters) {
            const std::vector<ir::NodeId> used = index.tensors();
            if (std::ranges::find(used, counter.leaf) == used.end()) continue;
            Frame wide = frame;
            const ir::Index step = ir::Index::variable(wide.add("step", counter.steps)) + ir::Index(counter.low);
            const auto with_step = [&](const ir::Index& i) {
                return i.with_gets([&](ir::NodeId tensor, std::vector<ir::Index> at) {
                    return tensor == counter.leaf ? step : ir::Index::get(tensor, std::move(at));
                });
            };
            for (ir::Predicate& p : wide.known) p.index = with_step(p.index);
            return in_range(wide, with_step(index), extent);
        }
    }
    for (const ir::Var v : index.variables())
        if (frame.extents[v] == 0) return Proof::always;  // never evaluated
    const ir::Box box = frame.box();
    if (index.range(box).within({0, extent - 1})) return Proof::always;
    const Facts f = facts(frame);
    for (const ir::Var v : index.variables())
        if (f.box[v].empty()) return Proof::conditionally;
    if (nonnegative(index, f) && nonnegative(ir::Index(extent - 1) - index, f)) return Proof::conditionally;
    return index.has_get() ? Proof::depends_on_data : Proof::none;
}

// What holds where the read at `position` is outside: of several ways to leave the tensor none is known to be the one.
void Elaborator::outside(Frame& frame, const std::vector<ir::Index>& position, const ir::Shape& shape) const {
    const Facts f = facts(frame);
    std::vector<ir::Predicate> ways;
    ir::Expr any;
    for (std::size_t d = 0; d < shape.size(); ++d)
        for (const ir::Index& beyond : {-position[d] - ir::Index(1), position[d] - ir::Index(shape[d])}) {
            if (nonnegative(-beyond - ir::Index(1), f)) continue;
            ways.push_back({ir::Predicate::ge, beyond});
            const ir::Expr here = ir::holds(ways.back());
            any = any ? ir::Expr::call("or", {any, here}) : here;
        }
    if (ways.size() == 1 && !ways[0].index.has_get()) frame.known.push_back(ways[0]);
    if (any) frame.conditions.push_back(any);
}

void Elaborator::check_at_run_time(Frame& frame, const ir::Index& index, std::int64_t extent, const std::string& what, Span where) {
    const ir::Expr value = ir::Expr::index(index);
    const ir::Expr outside =
        ir::Expr::call("or", {ir::less(value, ir::Expr::constant(0, ir::Type::i64)),
                              ir::greater(value, ir::Expr::constant(static_cast<double>(extent - 1), ir::Type::i64))});
    check_nowhere(frame, outside, what, where);
}

void Elaborator::check_nowhere(Frame& frame, const ir::Expr& wrong, const std::string& what, Span where) {
    ir::Expr violation = wrong;
    for (const ir::Expr& c : frame.conditions) violation = ir::both(c, violation);
    Reduced r;
    r.kind = ir::Reduce::sum;
    r.body = ir::convert(violation, ir::Type::i32);
    for (ir::Var v = 0; v < frame.extents.size(); ++v)
        if (ir::uses(r.body, v)) r.variables.push_back(v);
    std::string check = r.body->digest.hex();
    for (const Branch& branch : branches_) check += branch.taken->digest.hex();
    if (!checked_.insert(std::move(check)).second) return;
    const ir::NodeId count = build(frame, {}, r, origin("check"));
    add_check(what, count, where);
}

std::optional<ir::Index> Elaborator::index_of(Scope& s, const Value& v, Span where) {
    if (v.poison()) return std::nullopt;
    if (const auto* i = v.as<std::int64_t>()) return ir::Index(*i);
    if (v.is<double>()) {
        fail(error(code("E0301"), "an index is " + describe(v) + ", not a whole number")
                 .at(where)
                 .helped("`/` is real division; write `//` to divide indices"));
        return std::nullopt;
    }
    auto e = element(s, v, where);
    if (!e) return std::nullopt;
    if (e->index) return e->index;
    if (!ir::is_integer(e->expr->type)) {
        fail(error(code("E0301"), "an index must be an integer")
                 .at(where, "this is " + describe(v))
                 .helped(ir::is_real(e->expr->type) ? "convert it: `i64(…)`; `/` is real division, `//` divides integers"
                                                    : "convert it: `i64(…)`"));
        return std::nullopt;
    }
    // A computed index becomes a tensor of its own over the indices it uses.
    Frame& frame = *s.frame;
    Reduced r;
    r.kind = ir::Reduce::none;
    r.body = e->expr;
    std::vector<std::pair<ir::Index, std::int64_t>> outputs;
    std::vector<ir::Index> at;
    for (ir::Var u = 0; u < frame.extents.size(); ++u)
        if (ir::uses(r.body, u)) {
            at.push_back(ir::Index::variable(u));
            outputs.emplace_back(at.back(), frame.extents[u]);
        }
    return ir::Index::get(build(frame, outputs, r, origin("index")), at);
}

bool Elaborator::wrong_rank(const std::vector<text::Item>& items, const ir::Shape& shape, const std::string& name, Span where) {
    std::size_t packs = 0;
    for (const text::Item& item : items) packs += item.kind == text::Item::pack;
    const std::size_t singles = items.size() - packs;
    std::string sizes;
    for (const std::int64_t extent : shape) sizes += (sizes.empty() ? "" : ", ") + std::to_string(extent);
    fail(error(code("E0208"), fmt::format("`{}` has {}, read with {}{}", name,
                                          counted(static_cast<std::int64_t>(shape.size()), "dimension"), singles,
                                          packs          ? " beside a pack"
                                          : singles == 1 ? " index"
                                                         : " indices"))
             .at(where, "`" + name + "` is [" + sizes + "]"));
    return false;
}

// x[i][j] is x[i, j].
std::pair<const text::Expr*, std::vector<text::Item>> Elaborator::read_chain(const Scope& s, const text::Read& n) const {
    const text::Expr* base = &*n.base;
    std::vector<text::Item> items = n.items;
    while (const auto* inner = std::get_if<text::Read>(&base->node)) {
        if (inner->otherwise || !mentions_index(s, *base)) break;
        items.insert(items.begin(), inner->items.begin(), inner->items.end());
        base = &*inner->base;
    }
    return {base, std::move(items)};
}

bool Elaborator::positions(Scope& s, const std::vector<text::Item>& items, const ir::Shape& shape, const std::string& name,
                           Span where, std::vector<ir::Index>& at, std::vector<Span>& spans) {
    std::size_t packs = 0;
    for (const text::Item& item : items) packs += item.kind == text::Item::pack;
    const std::size_t singles = items.size() - packs;
    if (packs > 1) {
        fail(error(code("E0208"), "a read has one pack at most").at(where));
        return false;
    }
    if (singles > shape.size() || (packs == 0 && singles != shape.size())) return wrong_rank(items, shape, name, where);
    const std::size_t length = shape.size() - singles;
    const auto one = [&](const text::Expr& e) {
        const auto index = index_of(s, eval(s, e), e.where);
        if (!index) return false;
        at.push_back(*index);
        spans.push_back(e.where);
        return true;
    };
    for (const text::Item& item : items) {
        if (item.kind == text::Item::slice) {
            fail(error(code("E0214"), "a slice is a whole tensor, a number is needed").at(item.where));
            return false;
        }
        if (item.kind == text::Item::index) {
            if (!one(*item.value)) return false;
            continue;
        }
        const text::Name* pack = item.value ? std::get_if<text::Name>(&item.value->node) : nullptr;
        const auto it = s.indices.find(item.value ? (pack ? pack->text : "") : "..");
        if (it != s.indices.end() && it->second.pack) {
            const IndexBinding& binding = it->second;
            if (!binding.known) return false;
            const bool anonymous = !item.value;
            if (binding.at.size() < length || (!anonymous && binding.at.size() != length))
                return wrong_rank(items, shape, name, where);
            const std::size_t skip = binding.at.size() - length;
            for (std::size_t a = 0; a < length; ++a) {
                const bool repeated = anonymous && shape[at.size()] == 1;
                at.push_back(repeated ? ir::Index(0) : binding.at[skip + a]);
                spans.push_back(item.where);
            }
            continue;
        }
        if (!item.value) {
            fail(error(code("E0201"), "`..` stands for the axes of a `..` on the left or of a reduction, and there is none")
                     .at(item.where));
            return false;
        }
        const auto before = s.axis;
        bool ok = true;
        for (std::size_t a = 0; a < length && ok; ++a) {
            s.axis = Axis{a, length};
            ok = one(*item.value);
        }
        s.axis = before;
        if (!ok) return false;
    }
    return true;
}

Value Elaborator::read_element(Scope& s, const text::Read& n, const text::Expr& at) {
    const auto [base, items] = read_chain(s, n);
    const std::string name = text::print(*base);
    ir::Shape shape;
    std::vector<ir::Index> lead;
    ir::NodeId tensor;
    std::optional<Fill> fill;
    if (mentions_index(s, *base)) {
        if (s.axis) s.along.erase(base);  // another one for each axis
        const std::optional<Along> made = along(s, *base);
        if (!made) return {Poison{}};
        lead = made->at;
        tensor = made->node;
        const ir::Shape& whole = (*b_)[tensor].shape;
        shape.assign(whole.begin() + static_cast<std::ptrdiff_t>(lead.size()), whole.end());
    } else {
        Value value;
        if (const auto* id = std::get_if<text::Name>(&base->node); id && s.values.contains(id->text))
            value = s.values.find(id->text)->second;
        else
            value = hoist(s, *base);
        if (value.poison()) return value;
        if (const List* list = value.as<List>();
            list && !list->data->tensor && items.size() == 1 && items[0].kind == text::Item::index && items[0].value) {
            // An entry of a list at a static position stays a static.
            const Value position = eval(s, *items[0].value);
            if (position.poison() || position.is<std::int64_t>()) return view_list(s, n, *list);
        }
        const auto known = shape_of(value);
        if (!known)
            return fail(error(code("E0212"), "only tensors and lists are read").at(base->where, "this is " + describe(value)));
        shape = *known;
        if (const auto* f = value.as<Fill>())
            fill = *f;
        else
            tensor = [&] {
                Frame* const frame = s.frame;
                s.frame = nullptr;
                const ir::NodeId id = node(value, base->where);
                s.frame = frame;
                return id;
            }();
        if (!fill && !tensor) return {Poison{}};
    }

    Frame& frame = *s.frame;
    std::vector<ir::Index> position;
    std::vector<Span> spans;
    if (!positions(s, items, shape, name, at.where, position, spans)) return {Poison{}};
    const ir::Type type = fill ? fill->type : (*b_)[tensor].type;

    ir::Expr otherwise;
    if (n.otherwise) {
        const std::size_t known = frame.known.size(), conditions = frame.conditions.size();
        outside(frame, position, shape);
        const Value v = eval(s, *n.otherwise);
        frame.known.resize(known);
        frame.conditions.resize(conditions);
        if (v.poison()) return v;
        const auto e = element(s, v, n.otherwise->where);
        if (!e) return {Poison{}};
        otherwise = v.is_number() ? ir::Expr::constant(v.number(), literal_type(v, type)) : e->expr;
    }
    bool inside = true;
    bool data = false;
    for (std::size_t d = 0; d < shape.size(); ++d) {
        const Proof proof = in_range(frame, position[d], shape[d]);
        if (proof == Proof::always) continue;
        inside = false;
        if (otherwise) continue;
        if (proof == Proof::depends_on_data) {
            data = true;
            check_at_run_time(frame, position[d], shape[d],
                              fmt::format("an index outside axis {} of `{}`, which has {}", d, name, counted(shape[d], "element")),
                              spans[d]);
        } else if (proof == Proof::none) {
            const ir::Range r = position[d].range(frame.box());
            const std::string whole = fmt::format("`{}` has {} along axis {}{}", name, counted(shape[d], "element"), d,
                                                  shape[d] > 0 ? fmt::format(" (0..{})", shape[d] - 1) : "");
            return fail(error(code("E0204"), fmt::format("this reads `{}` at {}..{}, outside of it", name, r.low, r.high))
                            .at(spans[d], whole)
                            .helped("bound the index, or say what lies outside: `" + name + "[… else 0]`"));
        }
    }
    if (fill && (inside || !otherwise)) return from_element({{}, ir::Expr::constant(fill->value, type), true, {}, {}});
    if (fill) tensor = b_->fill(fill->value, fill->type, fill->shape, origin());
    std::vector<ir::Index> full = lead;
    full.insert(full.end(), position.begin(), position.end());
    if (inside)
        otherwise = {};
    else if (!otherwise && !data)
        otherwise = ir::Expr::constant(0, type);
    ir::Expr e;
    if (otherwise && otherwise->type != type) {
        // A real beyond an integer tensor: the tensor becomes real.
        const ir::Type wide = ir::common(type, otherwise->type);
        if (wide != type) {
            ir::Shape whole = (*b_)[tensor].shape;
            tensor = b_->pointwise(wide, whole, ir::convert(b_->read_all(tensor), wide), origin());
        }
        otherwise = ir::convert(otherwise, wide);
    }
    e = b_->read(tensor, full, otherwise);
    Element out{{}, e, true, {}, {}};
    if (!otherwise && ir::is_integer(e->type)) out.index = ir::Index::get(tensor, full);
    return {out};
}

Value Elaborator::eval_read(Scope& s, const text::Read& n, const text::Expr& at) {
    if (s.frame) return read_element(s, n, at);
    const auto* name = std::get_if<text::Name>(&n.base->node);
    const auto it = name ? s.values.find(name->text) : s.values.end();
    const Value base = it != s.values.end() ? it->second : eval(s, *n.base);
    if (base.poison()) return base;
    if (const List* list = base.as<List>()) {
        const bool one = n.items.size() == 1 && n.items[0].kind != text::Item::pack;
        const bool anywhere = one && n.items[0].kind == text::Item::index && is_position(eval(s, *n.items[0].value));
        if (one && !anywhere && !(list->data->tensor && !n.otherwise)) return view_list(s, n, *list);
        Value viewed = view(s, n, base, at);
        if (auto* e = std::get_if<Element>(&viewed.what); e && one && !anywhere && e->shape.empty()) {
            const Value entry = view_list(s, n, *list);
            if (entry.is_number()) e->known = entry.number();
        }
        return viewed;
    }
    return view(s, n, base, at);
}

Value Elaborator::view_list(Scope& s, const text::Read& n, const List& list) {
    const auto count = static_cast<std::int64_t>(list.items().size());
    const text::Item& item = n.items[0];
    const auto outside = [&](std::int64_t i) {
        return fail(error(code("E0204"), fmt::format("entry {} of a list of {}", i, count))
                        .at(item.where, count ? fmt::format("its entries are 0..{}", count - 1) : "it is empty"));
    };
    if (item.kind == text::Item::index) {
        const auto i = size(s, *item.value, "a position in a list");
        if (!i) return {Poison{}};
        if (*i < 0 || *i >= count) return n.otherwise ? eval(s, *n.otherwise) : outside(*i);
        return list.items()[static_cast<std::size_t>(*i)];
    }
    const auto low = item.low ? size(s, *item.low, "a position in a list") : std::optional<std::int64_t>(0);
    const auto high = item.high ? size(s, *item.high, "a position in a list") : std::optional(count);
    const auto step = item.step ? size(s, *item.step, "a step") : std::optional<std::int64_t>(1);
    if (!low || !high || !step) return {Poison{}};
    if (*low < 0 || *low > count) return outside(*low);
    if (*high > count) return outside(*high);
    if (*step < 1) return fail(error(code("E0204"), "a step is at least 1").at(item.step->where));
    std::vector<Value> items;
    for (std::int64_t i = *low; i < *high; i += *step) items.push_back(list.items()[static_cast<std::size_t>(i)]);
    return {list_of(std::move(items))};
}

bool Elaborator::is_position(const Value& v) const {
    const auto shape = v.poison() || v.is_static() ? std::nullopt : shape_of(v);
    return shape && shape->empty() && ir::is_integer(*type_of(v));
}

Value Elaborator::view(Scope& s, const text::Read& n, const Value& base, const text::Expr& at) {
    auto e = element(s, base, n.base->where);
    if (!e) return {Poison{}};
    const ir::Shape& shape = e->shape;
    if (n.otherwise) return fail(error(code("E0214"), "`else` belongs to the read of one element").at(n.otherwise->where));
    std::size_t packs = 0;
    for (const text::Item& item : n.items) packs += item.kind == text::Item::pack;
    const std::size_t singles = n.items.size() - packs;
    if (packs > 1 || singles > shape.size())
        return fail(error(code("E0208"), fmt::format("`{}` has {}, viewed with {} positions", text::print(*n.base),
                                                     counted(static_cast<std::int64_t>(shape.size()), "dimension"), n.items.size()))
                        .at(at.where));
    ir::Shape out;
    std::vector<ir::Index> by;
    const auto keep = [&] {
        by.push_back(ir::Index::variable(static_cast<ir::Var>(out.size())));
        out.push_back(shape[by.size() - 1]);
    };
    for (const text::Item& item : n.items) {
        if (item.kind == text::Item::pack) {
            if (item.value) return fail(error(code("E0207"), "a view has no index to run over").at(item.where));
            for (std::size_t a = 0; a < shape.size() - singles; ++a) keep();
            continue;
        }
        const std::size_t d = by.size();
        const std::int64_t extent = shape[d];
        const auto outside = [&](std::int64_t i, Span where) {
            return fail(error(code("E0204"), fmt::format("this views `{}` at {}, outside of it", text::print(*n.base), i))
                            .at(where, fmt::format("it has {} along axis {}", counted(extent, "element"), d)));
        };
        if (item.kind == text::Item::index) {
            const Value v = eval(s, *item.value);
            if (is_position(v)) {
                const auto position = element(s, v, item.where);
                if (!position) return {Poison{}};
                by.push_back(position->index ? *position->index : ir::Index::get(node(v, item.where), {}));
                const Proof proof = in_range({}, by.back(), extent);
                if (proof == Proof::none)
                    return fail(
                        error(code("E0204"), fmt::format("this views `{}` outside of it in some steps", text::print(*n.base)))
                            .at(item.where, fmt::format("it has {} along axis {}", counted(extent, "element"), d)));
                Frame nowhere;
                if (proof == Proof::depends_on_data)
                    check_at_run_time(nowhere, by.back(), extent,
                                      fmt::format("a position outside axis {} of `{}`, which has {}", d, text::print(*n.base),
                                                  counted(extent, "element")),
                                      item.where);
                continue;
            }
            if (!v.poison() && !v.is_static())
                return fail(error(code("E0302"), "a view's position must be known when the program is compiled")
                                .at(item.where, "this is " + describe(v))
                                .helped("read it in an index equation, as in `y[i] = x[idx[i]]`"));
            const auto i = size(v, item.where, "a position");
            if (!i) return {Poison{}};
            if (*i < 0 || *i >= extent) return outside(*i, item.where);
            by.emplace_back(*i);
            continue;
        }
        const auto low = item.low ? size(s, *item.low, "a position") : std::optional<std::int64_t>(0);
        const auto high = item.high ? size(s, *item.high, "a position") : std::optional(extent);
        const auto step = item.step ? size(s, *item.step, "a step") : std::optional<std::int64_t>(1);
        if (!low || !high || !step) return {Poison{}};
        if (*step < 1) return fail(error(code("E0204"), "a step is at least 1").at(item.step->where));
        if (*low < 0 || *low > extent) return outside(*low, item.low->where);
        if (*high < 0 || *high > extent) return outside(*high, item.high->where);
        if (*high < *low)
            return fail(
                error(code("E0204"), fmt::format("this view ends at {}, before it begins at {}", *high, *low)).at(item.where));
        by.push_back(ir::Index::variable(static_cast<ir::Var>(out.size()), *step) + ir::Index(*low));
        out.push_back(shapes::ceil_div(*high - *low, *step));
    }
    while (by.size() < shape.size()) keep();
    return from_element({out, ir::substitute(e->expr, by, ir::box_of(std::span<const std::int64_t>(out))), false, {}, {}});
}

}  // namespace dlc::elaborate

// Which values an index runs through.
//
// The range of an index comes from its bound or from the reads where it stands alone.  `bind_indices` walks the bodies before they
// are evaluated, because index arithmetic is simplified with the ranges of the variables in it.  A read of what a function along an
// index gives (`softmax[j](x[a, j])[k]`) says its shape only once that function was applied, so the walk repeats while it learns
// something.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/names.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

ir::Var Frame::add(std::string name, std::int64_t extent) {
    extents.push_back(extent);
    names.push_back(std::move(name));
    return static_cast<ir::Var>(extents.size() - 1);
}

ir::Box Frame::box() const { return ir::box_of(std::span<const std::int64_t>(extents)); }

const Value& Elaborator::hoist(Scope& s, const text::Expr& e) {
    if (const auto it = s.hoisted.find(&e); it != s.hoisted.end()) return it->second;
    Value v = eval_whole(s, e);
    // As a node, so that reading it in several places computes it once.
    if (const auto* whole = v.as<Element>(); whole && !whole->shape.empty()) v = {Tensor{node(v, e.where)}};
    return s.hoisted[&e] = std::move(v);
}

const std::optional<Along>& Elaborator::along(Scope& s, const text::Expr& e) {
    if (const auto it = s.along.find(&e); it != s.along.end()) return it->second;
    std::optional<Along> made;
    if (const auto* reduce = std::get_if<text::Reduce>(&e.node); reduce && reduction(s, reduce->callee.text).empty()) {
        made = apply_along(s, *reduce, e.where);
    } else {
        const Value v = eval(s, e);
        if (const auto* family = v.as<ir::Family>())
            made = *family;
        else if (const List* list = v.as<List>())
            made = family_of_list(s, *list, e.where);
        else if (!v.poison())
            fail(error(code("E0214"), "`" + text::print(e) + "` is one number here, it has no elements")
                     .at(e.where)
                     .helped("compute the tensor in a statement of its own and read that"));
    }
    return s.along[&e] = std::move(made);
}

namespace {

/// What the walk has learnt of one index.
struct Knowledge {
    struct Read {
        std::int64_t extent;
        Span where;
        std::string base;  // printed, with its type
    };
    const IndexWish* wish = nullptr;
    std::optional<std::size_t> length;  // of a pack
    Span length_from;
    std::vector<std::vector<Read>> firm, weak;                 // by axis; a read with `else` is weak
    std::optional<std::pair<std::size_t, Span>> other_length;  // a pack of another length: an error
    bool named = true;
};

}  // namespace

std::optional<std::size_t> Elaborator::pack_length(const Scope& s, const text::Expr& e) const {
    std::optional<std::size_t> length;
    names_in(e, [&](const std::string& name, Span) {
        if (length) return;
        if (const auto it = s.indices.find(name); it != s.indices.end()) {
            if (it->second.pack && it->second.known) length = it->second.at.size();
            return;
        }
        if (const auto it = s.values.find(name); it != s.values.end())
            if (const List* list = it->second.as<List>(); list && it->second.is_static()) length = list->items().size();
    });
    return length;
}

std::vector<IndexWish> Elaborator::implicit_indices(Scope& s, const text::Reduce& r) {
    std::vector<IndexWish> wishes;
    std::set<std::string> bound;
    for (const text::Bind& b : r.binds) bound.insert(b.name ? b.name->text : "..");
    const auto wish = [&](const std::string& name, bool pack, Span where) {
        if (bound.contains(name) || s.values.contains(name) || s.indices.contains(name)) return;
        bound.insert(name);
        wishes.push_back({name, pack, nullptr, where});
    };
    const std::function<void(const text::Expr&)> walk = [&](const text::Expr& e) {
        const auto positions = [&](const text::Expr& item, bool pack) {
            // The names of a position that are no values, but not those of the tensors it reads.
            const std::function<void(const text::Expr&)> inside = [&](const text::Expr& p) {
                if (const auto* n = std::get_if<text::Name>(&p.node)) {
                    const char first = n->text.empty() ? 'A' : n->text[0];
                    if (first >= 'a' && first <= 'z') wish(n->text, pack, p.where);
                } else if (const auto* u = std::get_if<text::Unary>(&p.node)) {
                    inside(*u->operand);
                } else if (const auto* b = std::get_if<text::Binary>(&p.node)) {
                    inside(*b->left);
                    inside(*b->right);
                } else {
                    walk(p);
                }
            };
            inside(item);
        };
        std::visit(
            [&](const auto& n) {
                using T = std::decay_t<decltype(n)>;
                if constexpr (std::is_same_v<T, text::Read>) {
                    walk(*n.base);
                    for (const text::Item& item : n.items) {
                        if (item.kind == text::Item::pack && !item.value)
                            wish("..", true, item.where);
                        else if (item.kind != text::Item::slice)
                            positions(*item.value, item.kind == text::Item::pack);
                    }
                    if (n.otherwise) walk(*n.otherwise);
                } else if constexpr (std::is_same_v<T, text::Unary>) {
                    walk(*n.operand);
                } else if constexpr (std::is_same_v<T, text::Binary>) {
                    walk(*n.left);
                    walk(*n.right);
                } else if constexpr (std::is_same_v<T, text::Compare>) {
                    for (const auto& o : n.operands) walk(*o);
                } else if constexpr (std::is_same_v<T, text::If>) {
                    walk(*n.condition);
                    walk(*n.then);
                    walk(*n.otherwise);
                } else if constexpr (std::is_same_v<T, text::Call>) {
                    for (const auto& a : n.arguments) walk(*a.value);
                } else if constexpr (std::is_same_v<T, text::Pipe>) {
                    walk(*n.operand);
                    if (n.arguments)
                        for (const auto& a : *n.arguments) walk(*a.value);
                } else if constexpr (std::is_same_v<T, text::Reduce>) {
                    std::vector<std::string> inner;
                    for (const text::Bind& b : n.binds)
                        if (bound.insert(b.name ? b.name->text : "..").second) inner.push_back(b.name ? b.name->text : "..");
                    for (const text::Condition& c : n.conditions) walk(*c.value);
                    walk(*n.body);
                    for (const std::string& name : inner) bound.erase(name);
                    for (const auto& a : n.arguments) walk(*a.value);
                }
            },
            e.node);
    };
    for (const text::Condition& c : r.conditions) walk(*c.value);
    walk(*r.body);
    for (const text::Argument& a : r.arguments) walk(*a.value);
    return wishes;
}

bool Elaborator::bind_indices(Scope& s, std::span<const IndexWish> wishes, const std::vector<const text::Expr*>& bodies) {
    std::vector<Knowledge> all(wishes.size());
    std::map<std::string, Knowledge*, std::less<>> open;
    bool ok = true;
    for (std::size_t k = 0; k < wishes.size(); ++k) {
        const IndexWish& w = wishes[k];
        if (const auto it = s.indices.find(w.name); it != s.indices.end()) {
            fail(error(code("E0207"), w.name == ".." ? "`..` is bound twice" : "index `" + w.name + "` is bound twice")
                     .at(w.where)
                     .at(it->second.where, "first here"));
            return false;
        }
        s.indices[w.name] = {w.pack, false, {}, {}, w.where};
        all[k].wish = &w;
        open[w.name] = &all[k];
        if (!w.bound) continue;
        if (w.pack) {
            all[k].length = pack_length(s, *w.bound);
            all[k].length_from = w.bound->where;
        }
    }
    const auto forget = [&] {
        for (const IndexWish& w : wishes) s.indices.erase(w.name);
        return false;
    };
    const std::size_t errors = diagnostics_.errors();
    bool poisoned = false;  // a tensor that was reported already might have said the range

    const auto set_length = [&](Knowledge& k, std::size_t length, Span where) {
        if (!k.length) {
            k.length = length;
            k.length_from = where;
        } else if (*k.length != length && k.wish->name != "..") {
            k.other_length = {length, where};
        } else if (k.wish->name == "..") {
            k.length = std::max(*k.length, length);
        }
    };
    const auto note = [](std::vector<std::vector<Knowledge::Read>>& reads, std::size_t axis, Knowledge::Read read) {
        if (reads.size() <= axis) reads.resize(axis + 1);
        reads[axis].push_back(std::move(read));
    };
    std::function<void(const text::Expr&)> walk;
    const auto constrain = [&](const text::Read& read, const std::vector<text::Item>& items, const ir::Shape& shape,
                               const std::string& name, const std::string& base, Span where) {
        const std::ptrdiff_t packs = std::ranges::count_if(items, [](const text::Item& i) { return i.kind == text::Item::pack; });
        const std::size_t singles = items.size() - static_cast<std::size_t>(packs);
        if (packs > 1) return;  // said when it is read
        if (singles > shape.size() || (packs == 0 && singles != shape.size())) {
            wrong_rank(items, shape, name, where);
            return;
        }
        const std::size_t length = shape.size() - singles;
        std::size_t d = 0;
        for (const text::Item& item : items) {
            const text::Name* name = item.value ? std::get_if<text::Name>(&item.value->node) : nullptr;
            if (item.kind == text::Item::pack) {
                const auto it = open.find(item.value ? (name ? name->text : "") : "..");
                if (it != open.end() && it->second->wish->pack) {
                    Knowledge& k = *it->second;
                    set_length(k, length, where);
                    if (!k.wish->bound) {
                        // The anonymous pack is aligned at its end, so its axes are counted from there.
                        for (std::size_t a = 0; a < length; ++a)
                            note(read.otherwise ? k.weak : k.firm, k.wish->name == ".." ? length - 1 - a : a,
                                 {shape[d + a], where, base});
                    }
                } else if (item.value && !name) {
                    names_in(*item.value, [&](const std::string& inner, Span at) {
                        if (const auto found = open.find(inner);
                            found != open.end() && found->second->wish->pack && found->second->wish->name != "..")
                            set_length(*found->second, length, at);
                    });
                }
                d += length;
                continue;
            }
            if (name)
                if (const auto it = open.find(name->text); it != open.end() && !it->second->wish->pack && !it->second->wish->bound)
                    note(read.otherwise ? it->second->weak : it->second->firm, 0, {shape[d], where, base});
            ++d;
        }
    };
    const auto items_of = [&](const std::vector<text::Item>& items) {
        for (const text::Item& item : items)
            for (const text::ExprRef* part : {&item.value, &item.low, &item.high, &item.step})
                if (*part) walk(**part);
    };
    walk = [&](const text::Expr& e) {
        std::visit(
            [&](const auto& n) {
                using T = std::decay_t<decltype(n)>;
                if constexpr (std::is_same_v<T, text::Read>) {
                    const auto [base, items] = read_chain(s, n);
                    const std::string name = text::print(*base);
                    items_of(items);
                    if (n.otherwise) walk(*n.otherwise);
                    if (mentions_index(s, *base)) {
                        walk(*base);
                        const auto* reduce = std::get_if<text::Reduce>(&base->node);
                        if (reduce && !reduction(s, reduce->callee.text).empty()) return;
                        bool ready = true;
                        names_in(*base, [&](const std::string& index, Span) {
                            if (const auto it = s.indices.find(index); it != s.indices.end()) ready = ready && it->second.known;
                        });
                        if (!ready) return;
                        const auto& applied = along(s, *base);
                        if (!applied) return;
                        const ir::Shape& whole = (*b_)[applied->node].shape;
                        const ir::Shape rest(whole.begin() + static_cast<std::ptrdiff_t>(applied->at.size()), whole.end());
                        constrain(n, items, rest, name,
                                  "`" + (reduce ? reduce->callee.text + "[…](…)" : name) + "` is " +
                                      type_text((*b_)[applied->node].type, rest),
                                  e.where);
                        return;
                    }
                    const auto* id = std::get_if<text::Name>(&base->node);
                    const auto it = id ? s.values.find(id->text) : s.values.end();
                    const Value value = it != s.values.end() ? it->second : hoist(s, *base);
                    if (value.poison()) poisoned = true;
                    if (const auto shape = shape_of(value))
                        constrain(n, items, *shape, name, "`" + name + "` is " + describe(value), e.where);
                } else if constexpr (std::is_same_v<T, text::List>) {
                    for (const auto& i : n.items) walk(*i);
                } else if constexpr (std::is_same_v<T, text::Unary>) {
                    walk(*n.operand);
                } else if constexpr (std::is_same_v<T, text::Binary>) {
                    walk(*n.left);
                    walk(*n.right);
                } else if constexpr (std::is_same_v<T, text::Compare>) {
                    for (const auto& o : n.operands) walk(*o);
                } else if constexpr (std::is_same_v<T, text::If>) {
                    if (!mentions_index(s, *n.condition)) {
                        const Value& chosen = hoist(s, *n.condition);
                        if (chosen.is_number()) return walk(chosen.number() != 0 ? *n.then : *n.otherwise);
                    }
                    walk(*n.condition);
                    walk(*n.then);
                    walk(*n.otherwise);
                } else if constexpr (std::is_same_v<T, text::Call>) {
                    if (!mentions_index(s, e)) return;  // a whole: no index stands in it
                    for (const auto& a : n.arguments) walk(*a.value);
                } else if constexpr (std::is_same_v<T, text::Pipe>) {
                    if (!mentions_index(s, e)) return;
                    walk(*n.operand);
                    if (n.arguments)
                        for (const auto& a : *n.arguments) walk(*a.value);
                } else if constexpr (std::is_same_v<T, text::Reduce>) {
                    // Its own indices are bound when it is evaluated; here they only must not be taken for names of values.
                    std::vector<std::string> mine;
                    for (const text::Bind& b : n.binds) {
                        const std::string name = b.name ? b.name->text : "..";
                        if (s.indices.contains(name)) continue;
                        s.indices[name] = {b.pack, false, {}, {}, b.where};
                        mine.push_back(name);
                        if (b.bound) walk(*b.bound);
                    }
                    for (const text::Condition& c : n.conditions) {
                        if (c.pack)
                            names_in(*c.value, [&](const std::string& inner, Span at) {
                                if (const auto found = open.find(inner); found != open.end() && found->second->wish->pack)
                                    if (const auto length = pack_length(s, *c.value)) set_length(*found->second, *length, at);
                            });
                        walk(*c.value);
                    }
                    walk(*n.body);
                    for (const std::string& name : mine) s.indices.erase(name);
                    for (const auto& a : n.arguments) walk(*a.value);
                }
            },
            e.node);
    };

    // An index is settled when its extents are known; then its variable exists and what it stands in can be evaluated.
    const auto settle = [&](Knowledge& k) {
        const IndexWish& w = *k.wish;
        IndexBinding binding{w.pack, true, {}, {}, w.where};
        const std::size_t axes = w.pack ? k.length.value_or(0) : 1;
        if (w.pack && !k.length) return false;
        if (k.other_length) {
            fail(error(code("E0203"),
                       fmt::format("pack `..{}` runs over {} axes and over {}", w.name, k.other_length->first, *k.length))
                     .at(k.other_length->second, fmt::format("{} here", k.other_length->first))
                     .at(k.length_from, fmt::format("{} here", *k.length)));
            return false;
        }
        for (std::size_t a = 0; a < axes; ++a) {
            std::optional<std::int64_t> extent;
            if (w.bound) {
                const auto before = s.axis;
                if (w.pack) s.axis = Axis{a, axes};
                extent = size(s, *w.bound, "the bound of `" + w.name + "`");
                s.axis = before;
                if (!extent) return false;
                if (!w.defines) extent = std::max<std::int64_t>(*extent, 0);
                if (!fits(*extent, w.bound->where)) return false;
            } else {
                const std::size_t axis = w.name == ".." ? axes - 1 - a : a;
                for (const auto* reads : {&k.firm, &k.weak}) {
                    if (extent || reads->size() <= axis) continue;
                    const Knowledge::Read* first = nullptr;
                    for (const Knowledge::Read& r : (*reads)[axis]) {
                        if (w.name == ".." && (r.extent == 1 || (first && first->extent == 1))) {  // broadcasts
                            if (!first || first->extent == 1) first = &r;
                            continue;
                        }
                        if (!first) {
                            first = &r;
                        } else if (first->extent != r.extent) {
                            fail(error(code("E0203"),
                                       fmt::format("index `{}{}` runs over {} and over {}", w.pack && w.name != ".." ? ".." : "",
                                                   w.name, first->extent, r.extent))
                                     .at(r.where, r.base)
                                     .at(first->where, first->base));
                            return false;
                        }
                    }
                    if (first) extent = first->extent;
                }
                if (!extent) extent = w.otherwise;
                if (!extent) return false;
            }
            binding.extents.push_back(*extent);
        }
        for (std::size_t a = 0; a < axes; ++a) {
            if (binding.extents[a] == 1 && !w.keep) {
                binding.at.emplace_back(0);
            } else {
                binding.at.push_back(
                    ir::Index::variable(s.frame->add(w.pack ? fmt::format("{}.{}", w.name, a) : w.name, binding.extents[a])));
            }
        }
        s.indices[w.name] = std::move(binding);
        open.erase(w.name);
        return true;
    };

    bool learnt = true;
    while (learnt && !open.empty() && ok) {
        learnt = false;
        for (Knowledge& k : all) {
            k.firm.clear();
            k.weak.clear();
        }
        for (const text::Expr* body : bodies) walk(*body);
        if (diagnostics_.errors() > errors) return forget();
        for (Knowledge& k : all) {  // in the order written, so that variables are numbered by it
            if (s.indices[k.wish->name].known) continue;
            if (settle(k)) learnt = true;
            if (diagnostics_.errors() > errors) return forget();
        }
    }
    // A misspelt name is likelier than a forgotten bound.
    if (!open.empty() && diagnostics_.errors() == errors && !poisoned)
        for (const text::Expr* body : bodies)
            names_in(*body, [&](const std::string& name, Span where) {
                const bool known = s.values.contains(name) || s.indices.contains(name) || name == ".." || name == "training" ||
                                   name == "inf" || name == "pi";
                if (!known) eval_name(s, text::Name{name}, where);
            });
    for (const Knowledge& k : all) {
        if (s.indices[k.wish->name].known) continue;
        const std::string& name = k.wish->name;
        if (diagnostics_.errors() == errors && !poisoned)
            fail(error(code("E0205"),
                       name == ".." ? "nothing gives the sizes of `..`" : "nothing gives the range of index `" + name + "`")
                     .at(k.wish->where)
                     .helped(name == ".." ? "read a tensor with `..` on the right"
                                          : "give it a bound, as in `" + name + " < N`, or read a tensor at `" + name + "` alone"));
        ok = false;
    }
    return ok ? true : forget();
}

}  // namespace dlc::elaborate

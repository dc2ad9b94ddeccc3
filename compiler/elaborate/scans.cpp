// `scan x in xs with h = h0 { … h = … yield y }`.
//
// The body is elaborated once, in the graph at hand: the carries, the elements of the sequences and the step are leaves there while
// it lasts.  Afterwards what depends on these leaves is cut out as the body of the scan; all else was outside already.
//
// Where a tensor from outside is read at a place that depends on the step, as in `x[t, k]` or `x[T - 1 - t]`, that place is
// affine in the step: the read becomes an equation outside, for all steps at once, and the body gets a slice of it.  So its
// gradient is a gather as well.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/autodiff/gradient.h"
#include "compiler/elaborate/elaborator.h"
#include "compiler/ir/loop.h"
#include "compiler/ir/segments.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

/// `index` over all steps: variables stand as they are, the step becomes `step`.
ir::Index at_step(const ir::Index& index, ir::NodeId counter, const ir::Index& step) {
    return index.with_gets([&](ir::NodeId tensor, std::vector<ir::Index> at) {
        return tensor == counter ? step : ir::Index::get(tensor, std::move(at));
    });
}

/// A loop of fewer steps is computed again as a whole.
constexpr std::int64_t kFewestSegmented = 4;

/// The body of a loop in a checkpoint: the loop is computed again, so its step need not be once more.
std::shared_ptr<const ir::Graph> without_checkpoint(const ir::Graph& body, std::uint32_t checkpoint) {
    ir::Builder made(ir::Builder::Sharing::off);
    for (ir::Node node : body.nodes()) {
        if (node.origin.checkpoint == checkpoint) node.origin.checkpoint = 0;
        made.copy(node, [](ir::NodeId id) { return id; });
    }
    for (const ir::Result& r : body.results()) made.result(r);
    return std::make_shared<const ir::Graph>(std::move(made).finish());
}

}  // namespace

// What the body begins with.
struct Elaborator::Looped {
    std::int64_t steps = 0;
    std::map<ir::NodeId, ir::LoopInput> leaves;
    std::map<ir::NodeId, ir::NodeId> next;  // of carries
};

ir::NodeId Elaborator::loop_leaf(Looped& loop, ir::LeafKind kind, ir::NodeId outer, ir::Type type, ir::Shape shape,
                                 const std::string& name) {
    const ir::NodeId leaf =
        b_->leaf(kind, fmt::format("{} of scan {}", loop_leaves_++, scans_.size()), type, std::move(shape), origin(name));
    loop.leaves[leaf] = {kind, outer};
    return leaf;
}

void Elaborator::add_check(std::string message, ir::NodeId violations, Span where, Span inside) {
    if (const Span call = users_call(); call && program_.is_library(where.file)) {
        inside = where;
        where = call;
    }
    for (const Branch& branch : branches_) {
        if (branch.inside != b_ || branch.scans != scans_.size()) continue;
        const ir::Expr count = b_->read(violations, {});
        violations = b_->pointwise(count->type, {}, ir::select(branch.taken, count, ir::zero_like(count)), origin("check"));
    }
    ir::Result check{ir::Result::check, std::move(message), violations, {}, where, inside};
    if (scans_.empty() || scans_.back().inside != b_)
        b_->result(std::move(check));
    else
        scans_.back().checks.push_back(std::move(check));
}

std::optional<std::int64_t> Elaborator::bind_sources(Scope& s, Scope& body, const text::Scan& n, Looped& loop) {
    struct Length {
        std::int64_t steps;
        Span where;
        std::string what;
    };
    std::vector<Length> lengths;
    for (const text::ScanSource& source : n.sources) {
        body.values[source.name.text] = {Poison{}};
        if (source.high) {
            const auto low = size(s, *source.low, "the first value of a `scan`"),
                       high = size(s, *source.high, "the end of a `scan`");
            if (!low || !high) return std::nullopt;
            const std::int64_t steps = std::max<std::int64_t>(*high - *low, 0);
            if (!fits(steps, source.low->where)) return std::nullopt;
            lengths.push_back({steps, source.name.where, fmt::format("`{}` takes {}", source.name.text, counted(steps, "value"))});
            const ir::NodeId counter = count_steps(loop, steps, *low, source.name.text);
            body.values[source.name.text] = {Tensor{counter}};
            continue;
        }
        const Value v = eval(s, *source.low);
        const ir::NodeId sequence = v.poison() ? ir::NodeId{} : node(v, source.low->where, source.name.text);
        if (!sequence) return std::nullopt;
        const ir::Node whole = (*b_)[sequence];
        if (whole.shape.empty()) {
            fail(error(code("E0208"), "a `scan` runs along the first axis of a tensor")
                     .at(source.low->where, "this is " + describe(v)));
            return std::nullopt;
        }
        lengths.push_back({whole.shape.front(), source.low->where,
                           fmt::format("{} along its first axis", counted(whole.shape.front(), "element"))});
        const ir::Shape element(whole.shape.begin() + 1, whole.shape.end());
        body.values[source.name.text] = {
            Tensor{loop_leaf(loop, ir::LeafKind::slice, sequence, whole.type, element, source.name.text)}};
    }
    for (const Length& length : lengths)
        if (length.steps != lengths.front().steps) {
            fail(error(code("E0203"), fmt::format("a `scan` over {} and over {}", counted(lengths.front().steps, "step"),
                                                  counted(length.steps, "step")))
                     .at(length.where, length.what)
                     .at(lengths.front().where, lengths.front().what));
            return std::nullopt;
        }
    return lengths.front().steps;
}

ir::NodeId Elaborator::count_steps(Looped& loop, std::int64_t steps, std::int64_t low, const std::string& name) {
    const ir::NodeId values =
        b_->pointwise(ir::Type::i64, {steps}, ir::Expr::index(ir::Index::variable(0) + ir::Index(low)), origin(name));
    const ir::NodeId counter = loop_leaf(loop, ir::LeafKind::slice, values, ir::Type::i64, {}, name);
    scans_.back().counters.push_back({counter, low, steps});
    return counter;
}

// `h = 0` is a real number: what a carry becomes is not known yet.
ir::NodeId Elaborator::first_value(Scope& s, const text::ScanCarry& carry) {
    const Value v = eval(s, *carry.initial);
    if (v.poison()) return {};
    if (v.is<std::int64_t>() || v.is<double>()) return b_->fill(v.number(), real_, {}, origin(carry.name.text));
    return node(v, carry.initial->where, carry.name.text);
}

Value Elaborator::eval_scan(Scope& s, const text::Scan& n, Span where) {
    if (s.frame)
        return fail(error(code("E0214"), "a `scan` makes whole tensors")
                        .at(where)
                        .helped("name its values in a statement of its own and read those"));
    const std::size_t errors = diagnostics_.errors();
    Looped loop;
    Scope body = s;
    body.hoisted.clear();
    body.along.clear();
    body.yielded.reset();
    body.scanning = true;
    scans_.push_back({b_, checkpoint_});
    const auto made = [&]() -> std::optional<std::vector<Value>> {
        const auto steps = bind_sources(s, body, n, loop);
        if (!steps) return std::nullopt;
        loop.steps = *steps;
        scans_.back().time = count_steps(loop, *steps, 0, "step");
        scans_.back().steps = *steps;

        std::optional<std::int64_t> window;
        std::vector<std::pair<const text::ScanCarry*, ir::NodeId>> carries;
        for (const text::ScanCarry& carry : n.carries) {
            if (carry.name.text == "truncate") {
                window = size(s, *carry.initial, "the window of a truncated `scan`");
                if (!window) return std::nullopt;
                if (*window < 1) {
                    fail(error(code("E0303"), "the window of a truncated `scan` is at least 1").at(carry.initial->where));
                    return std::nullopt;
                }
                continue;
            }
            const ir::NodeId first = first_value(s, carry);
            if (!first) return std::nullopt;
            const ir::Node begin = (*b_)[first];
            const ir::NodeId leaf = loop_leaf(loop, ir::LeafKind::carry, first, begin.type, begin.shape, carry.name.text);
            carries.emplace_back(&carry, leaf);
        }
        for (const auto& [carry, leaf] : carries)
            body.values[carry->name.text] = {Tensor{window ? cut_gradient(leaf, *window) : leaf}};

        const Flow flow = run(body, n.body);
        if (flow == Flow::failed) return std::nullopt;
        if (flow == Flow::returned) {
            fail(error(code("E0305"), "`return` does not belong in a `scan`").at(where).helped("`yield` the value of a step"));
            return std::nullopt;
        }
        if (failed_since(errors)) return std::nullopt;
        if (!body.yielded) {
            fail(error(code("E0305"), "this `scan` yields nothing")
                     .at(where)
                     .helped("end its body with `yield` and the value of a step"));
            return std::nullopt;
        }
        for (const auto& [carry, leaf] : carries) {
            const Value& after = body.values.at(carry->name.text);
            const ir::Node& begin = (*b_)[leaf];
            const ir::Type type = begin.type;
            const ir::Shape shape = begin.shape;
            if (after.poison()) return std::nullopt;
            auto e = element(body, after, carry->name.where);
            if (!e) return std::nullopt;
            const bool narrows = ir::is_real(e->expr->type) && !ir::is_real(type);
            if (e->shape != shape || narrows) {
                fail(error(code("E0218"), fmt::format("the carry `{}` begins as {} and is {} after a step", carry->name.text,
                                                      type_text(type, shape), type_text(e->expr->type, e->shape)))
                         .at(carry->name.where)
                         .at(carry->initial->where, "its first value"));
                return std::nullopt;
            }
            e->expr = ir::convert(e->expr, type);
            loop.next[leaf] = node({*e}, carry->name.where, carry->name.text);
        }
        return *body.yielded;
    }();
    OpenScan done = std::move(scans_.back());
    if (!made) {
        scans_.pop_back();
        return {Poison{}};
    }
    std::vector<ir::NodeId> wanted;
    for (std::size_t k = 0; k < made->size(); ++k) {
        const ir::NodeId id = (*made)[k].poison() ? ir::NodeId{} : node((*made)[k], where, "yield");
        if (!id) {
            scans_.pop_back();
            return {Poison{}};
        }
        wanted.push_back(id);
    }
    scans_.pop_back();
    for (const ir::Result& check : done.checks) wanted.push_back(check.node);
    s.declared = std::move(body.declared);

    return cut_out(loop, done, std::move(wanted));
}

// Truncated back-propagation through time (Williams and Peng 1990): at the first step of each window but the first, the gradient
// ends.
ir::NodeId Elaborator::cut_gradient(ir::NodeId carry, std::int64_t window) {
    const ir::Node node = (*b_)[carry];
    if (!ir::is_real(node.type)) return carry;
    const ir::Expr held = b_->read_all(carry), time = b_->read(scans_.back().time, {});
    const auto number = [](std::int64_t v) { return ir::Expr::constant(static_cast<double>(v), ir::Type::i64); };
    const ir::Expr first = ir::Expr::call("eq", {ir::Expr::call("mod", {time, number(window)}), number(0)});
    const ir::Expr begins = ir::both(first, ir::greater(time, number(0)));
    return b_->pointwise(node.type, node.shape, ir::Expr::call("select", {begins, ir::Expr::call("stop_gradient", {held}), held}),
                         node.origin);
}

// The values of the loop: of `wanted`, which the checks come behind.
Value Elaborator::cut_out(Looped& loop, const OpenScan& scan, std::vector<ir::NodeId> wanted) {
    const ir::LoopBody body = body_of(loop, scan, wanted);
    const std::size_t values = wanted.size() - scan.checks.size();
    ir::Segmented made;
    if (in_own_checkpoint() && loop.steps >= kFewestSegmented) {
        made = ir::segmented(*b_, body, loop.steps, scan.checks.size(), checkpoint_, checkpoint_around());
    } else {
        const bool checkpointed = std::ranges::any_of(body.graph->nodes(), [](const ir::Node& node) {
            return node.origin.checkpoint || (node.scan() && node.scan()->checkpointed);
        });
        for (std::size_t k = 0; k < wanted.size(); ++k) {
            const ir::NodeId stack =
                b_->scan({body.graph, body.yields[k], loop.steps, false, body.inputs, checkpointed}, (*b_)[wanted[k]].origin);
            if (k < values)
                made.stacks.push_back(stack);
            else
                made.totals.push_back(ir::sum_of_steps(*b_, stack, origin("check")));
        }
    }
    for (std::size_t k = 0; k < scan.checks.size(); ++k)
        add_check(scan.checks[k].name, made.totals[k], scan.checks[k].span, scan.checks[k].inside);
    Tuple all;
    for (std::size_t k = 0; k < values; ++k) all.values.push_back({Tensor{made.stacks[k]}});
    return values == 1 ? all.values.front() : Value{all};
}

ir::LoopBody Elaborator::body_of(Looped& loop, const OpenScan& scan, std::vector<ir::NodeId>& wanted) {
    const std::vector<ir::NodeId> moved = slice_reads(loop, scan);
    const auto now = [&](ir::NodeId id) { return id.value < moved.size() && moved[id.value] ? moved[id.value] : id; };
    for (ir::NodeId& id : wanted) id = now(id);
    std::vector<ir::NodeId> leaves;
    for (const auto& [leaf, input] : loop.leaves) leaves.push_back(leaf);
    const std::vector<bool> inside = autodiff::dependents(*b_, leaves);
    ir::LoopBody made = ir::cut_loop(
        b_->graph().nodes(), wanted,
        [&](ir::NodeId id) -> std::optional<ir::LoopInput> {
            if (const auto leaf = loop.leaves.find(id); leaf != loop.leaves.end()) return leaf->second;
            return inside[id.value] ? std::nullopt : std::optional(ir::LoopInput{ir::LeafKind::input, id});
        },
        [&](ir::NodeId carry) { return now(loop.next.at(carry)); });
    if (checkpoint_) made.graph = without_checkpoint(*made.graph, checkpoint_);
    return made;
}

// The nodes that read tensors from outside at a place of the step, made anew; by old id.
std::vector<ir::NodeId> Elaborator::slice_reads(Looped& loop, const OpenScan& scan) {
    std::vector<ir::NodeId> leaves;
    for (const auto& [leaf, input] : loop.leaves) leaves.push_back(leaf);
    const std::vector<bool> inside = autodiff::dependents(*b_, leaves);
    std::vector<ir::NodeId> moved(b_->size());
    for (std::uint32_t k = 0; k < moved.size(); ++k) {
        if (!inside[k] || (*b_)[ir::NodeId{k}].leaf()) continue;
        bool changed = false;
        ir::Node node = ir::with_operands((*b_)[ir::NodeId{k}], [&](ir::NodeId id) {
            if (!moved[id.value]) return id;
            changed = true;
            return moved[id.value];
        });
        if (ir::Equation* e = std::get_if<ir::Equation>(&node.what)) {
            const ir::Shape extents = extents_of(node);
            e->body = ir::replace_reads(e->body, [&](const ir::ExprNode& read) {
                const bool outside = read.tensor.value >= moved.size() || !inside[read.tensor.value];
                ir::Expr slice = outside ? sliced(loop, scan, read, extents) : ir::Expr();
                changed = changed || slice;
                return slice;
            });
        }
        if (changed) moved[k] = b_->copy(node, [](ir::NodeId id) { return id; });
    }
    return moved;
}

// The read as one of a slice; empty where its place is not affine in the step.
ir::Expr Elaborator::sliced(Looped& loop, const OpenScan& scan, const ir::ExprNode& read, const ir::Shape& extents) {
    const auto counter = std::ranges::find_if(scan.counters, [&](const OpenScan::Counter& c) {
        return std::ranges::any_of(read.at, [&](const ir::Index& index) {
            const std::vector<ir::NodeId> used = index.tensors();
            return std::ranges::find(used, c.leaf) != used.end();
        });
    });
    if (counter == scan.counters.end() || (read.otherwise && read.otherwise->kind != ir::ExprNode::constant)) return {};
    std::vector<ir::Var> variables;
    for (const ir::Index& index : read.at)
        for (const ir::Var v : index.variables())
            if (std::ranges::find(variables, v) == variables.end()) variables.push_back(v);
    ir::Shape shape{counter->steps}, element;
    std::vector<ir::Index> by(extents.size()), at, place;
    for (std::size_t k = 0; k < variables.size(); ++k) {
        by[variables[k]] = ir::Index::variable(static_cast<ir::Var>(k + 1));
        place.push_back(ir::Index::variable(variables[k]));
        element.push_back(extents[variables[k]]);
        shape.push_back(extents[variables[k]]);
    }
    const ir::Box box = ir::box_of(std::span<const std::int64_t>(shape));
    std::vector<ir::Index> same;
    for (ir::Var v = 0; v < box.size(); ++v) same.push_back(ir::Index::variable(v));
    bool within = true;
    for (std::size_t d = 0; d < read.at.size(); ++d) {
        // Divisions are simplified once more, now that the step is a variable.
        const ir::Index index =
            at_step(read.at[d].substitute(by, box), counter->leaf, ir::Index::variable(0) + ir::Index(counter->low))
                .substitute(same, box);
        if (index.has_get()) return {};
        within = within && index.range(box).within({0, (*b_)[read.tensor].shape[d] - 1});
        at.push_back(index);
    }
    ir::Expr otherwise = within ? ir::Expr() : read.otherwise ? read.otherwise : ir::Expr::constant(0, read.type);
    const ir::Origin from = (*b_)[read.tensor].origin;
    const ir::NodeId sequence = b_->pointwise(read.type, shape, b_->read(read.tensor, std::move(at), std::move(otherwise)), from);
    const ir::NodeId leaf = loop_leaf(loop, ir::LeafKind::slice, sequence, read.type, element, from.name);
    return b_->read(leaf, std::move(place));
}

}  // namespace dlc::elaborate

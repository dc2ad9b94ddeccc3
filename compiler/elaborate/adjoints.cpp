// `fn f(x: f[N]) -> y { … } with adjoint { x = … }`: a function whose derivative the program says.
//
// A call elaborates the body as any other, and the block in a graph of its own, whose leaves stand for what the block speaks of:
// the arguments, the results and other values of the body, and for each result `y` its adjoint `d_y`.  The results of the call are
// then nodes of their own (ir::Custom), which derivatives know and nothing else: when the program is finished they are what the
// body computed.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/autodiff/gradient.h"
#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/misfits.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

/// The name under which the block's scope has the adjoint of a parameter: the block still reads the argument under its own.
std::string adjoint_of(const std::string& parameter) { return "adjoint of " + parameter; }

/// The block with its statements for parameters defining their adjoints.
text::Block defining_adjoints(const text::Block& block, const std::set<std::string>& parameters) {
    const auto rename = [&](text::Identifier& name) {
        if (parameters.contains(name.text)) name.text = adjoint_of(name.text);
    };
    text::Block made = block;
    for (auto& statement : made.statements) {
        text::Stmt changed = *statement;
        if (auto* a = std::get_if<text::Assign>(&changed.node)) std::ranges::for_each(a->names, rename);
        if (auto* e = std::get_if<text::Equation>(&changed.node)) rename(e->name);
        if (auto* loop = std::get_if<text::For>(&changed.node)) loop->body = defining_adjoints(loop->body, parameters);
        if (auto* choice = std::get_if<text::IfStmt>(&changed.node)) {
            choice->then = defining_adjoints(choice->then, parameters);
            if (choice->otherwise) choice->otherwise = defining_adjoints(*choice->otherwise, parameters);
        }
        statement = text::Ref<text::Stmt>(std::move(changed));
    }
    return made;
}

}  // namespace

// The graph that is made of the block, and what its leaves stand for.
struct Elaborator::AdjointBlock {
    ir::Builder* graph;
    std::vector<ir::NodeId> leaves, outer;

    ir::NodeId stand_in(const ir::Builder& b, ir::NodeId id, const std::string& name) {
        const ir::Node& node = b[id];
        outer.push_back(id);
        leaves.push_back(graph->leaf(ir::LeafKind::input, fmt::format("{} {}", leaves.size(), name), node.type, node.shape,
                                     {node.origin.span, name}));
        return leaves.back();
    }
};

// What the block sees of a value of the body.
Value Elaborator::seen(AdjointBlock& block, const Value& v, const std::string& name, Span where) {
    if (v.is<Tensor>() || (v.is<Element>() && !v.as<Element>()->framed))
        return {Tensor{block.stand_in(*b_, node(v, where, name), name)}};
    if (const List* list = v.as<List>(); list && !v.is_static()) {
        if (list->data->tensor) return {Tensor{block.stand_in(*b_, node(v, where, name), name)}};
        std::vector<Value> items;
        for (const Value& item : list->items()) items.push_back(seen(block, item, name, where));
        return {list_of(std::move(items))};
    }
    return v;
}

std::optional<std::map<std::string, ir::NodeId>> Elaborator::arguments_with_adjoints(Scope& s, const text::Function& f,
                                                                                     Span where) {
    if (f.layer) {
        fail(error(code("E0308"), "`" + f.name.text + "` is a layer, and only a function is given an adjoint")
                 .at(f.adjoint->where)
                 .helped("write a function of the weights, and a layer that calls it"));
        return std::nullopt;
    }
    std::map<std::string, ir::NodeId> arguments;
    for (const text::Parameter& p : f.parameters) {
        const Value& v = s.values.at(p.name.text);
        const auto type = type_of(v);
        if (is_static(p.type) || is_function(p.type) || v.is_static() || !type || !ir::is_real(*type)) continue;
        const ir::NodeId id = node(v, where, p.name.text);
        if (!id) return std::nullopt;
        arguments[p.name.text] = id;
        s.values[p.name.text] = {Tensor{id}};
    }
    return arguments;
}

Value Elaborator::with_adjoint(Scope& s, const text::Function& f, const std::map<std::string, ir::NodeId>& arguments,
                               std::vector<Value> results, Span where) {
    const std::vector<std::string> names = result_names(f);
    const auto all = [&]() -> Value {
        if (results.size() == 1) return results.front();
        return {Tuple{results}};
    };
    if (names.size() != results.size())
        return fail(error(code("E0308"), "a function with several results and an adjoint names them")
                        .at(f.name.where)
                        .helped("as in `-> y, z`: their adjoints are `d_y` and `d_z`"));

    // The real results come first among the inputs.
    AdjointBlock block{&bodies_.emplace_back(ir::Builder::Sharing::off), {}, {}};
    std::vector<std::size_t> real;
    std::map<std::string, Value, std::less<>> visible;
    for (std::size_t k = 0; k < results.size(); ++k) {
        const auto type = type_of(results[k]);
        if (!type || !ir::is_real(*type)) continue;
        const ir::NodeId id = node(results[k], where, names[k]);
        if (!id) return {Poison{}};
        real.push_back(k);
        visible[names[k]] = {Tensor{block.stand_in(*b_, id, names[k])}};
    }
    if (real.empty() || arguments.empty()) return all();
    for (std::size_t k = 0; k < real.size(); ++k) {
        const ir::Node& value = (*b_)[block.outer[k]];
        const std::string name = "d_" + names[real[k]];
        visible[name] = {Tensor{block.graph->leaf(ir::LeafKind::cotangent, name, value.type, value.shape, origin(name))}};
    }
    std::map<std::string, ir::NodeId> targets;
    std::set<std::string> parameters, real_parameters;
    for (const text::Parameter& p : f.parameters) {
        if (is_static(p.type) || is_function(p.type)) continue;
        parameters.insert(p.name.text);
        if (const auto type = type_of(s.values.at(p.name.text)); type && ir::is_real(*type)) real_parameters.insert(p.name.text);
    }
    for (const auto& [name, id] : arguments) {
        targets[name] = block.stand_in(*b_, id, name);
        visible[name] = {Tensor{targets[name]}};
    }
    for (const auto& [name, v] : s.values)
        if (!visible.contains(name)) visible[name] = seen(block, v, name, where);

    // The block.
    struct Inside {
        Elaborator& e;
        ir::Builder* outer;
        std::uint32_t checkpoint;
        std::set<std::string> checked;
        std::vector<OpenScan> scans;
        Inside(Elaborator& elaborator, ir::Builder& inner) : e(elaborator), outer(e.b_), checkpoint(e.checkpoint_) {
            e.b_ = &inner;
            e.checkpoint_ = 0;
            checked.swap(e.checked_);
            scans.swap(e.scans_);
        }
        ~Inside() {
            e.b_ = outer;
            e.checkpoint_ = checkpoint;
            checked.swap(e.checked_);
            scans.swap(e.scans_);
        }
    };
    std::vector<std::pair<std::string, ir::NodeId>> adjoints;
    {
        Inside inside(*this, *block.graph);
        Scope own{.module = s.module, .activation = s.activation, .values = std::move(visible)};
        const std::size_t errors = diagnostics_.errors();
        if (run(own, defining_adjoints(*f.adjoint, parameters)) == Flow::returned)
            return fail(error(code("E0305"), "`return` does not belong in an adjoint")
                            .at(f.adjoint->where)
                            .helped("give each argument its adjoint by its name: `x = …`"));
        if (failed_since(errors)) return {Poison{}};
        for (const text::Parameter& p : f.parameters) {
            const auto given = own.values.find(adjoint_of(p.name.text));
            const auto target = targets.find(p.name.text);
            if (given == own.values.end()) {
                if (target == targets.end()) continue;
                return fail(error(code("E0308"), "the adjoint of `" + p.name.text + "` is missing")
                                .at(f.adjoint->where)
                                .at(p.name.where, "this has a derivative")
                                .helped("`" + p.name.text + " = zeros(shape(" + p.name.text + "))` says that nothing flows to it"));
            }
            if (target == targets.end()) {
                if (real_parameters.contains(p.name.text)) continue;  // known without running
                return fail(error(code("E0308"), "`" + p.name.text + "` has no adjoint: it is no real tensor")
                                .at(f.adjoint->where)
                                .at(p.name.where));
            }
            const ir::Node argument = (*b_)[target->second];
            auto e = element(own, given->second, f.adjoint->where);
            if (!e) return {Poison{}};
            if (e->shape != argument.shape)
                return fail(error(code("E0308"), "the adjoint of `" + p.name.text + "` has the shape of `" + p.name.text + "`")
                                .at(f.adjoint->where, "this is " + type_text(e->expr->type, e->shape))
                                .at(p.name.where, "this is " + type_text(argument.type, argument.shape)));
            e->expr = ir::convert(e->expr, argument.type);
            adjoints.emplace_back(p.name.text, node({*e}, f.adjoint->where, p.name.text));
        }
    }
    return custom_results(block, targets, adjoints, std::move(results), real, names);
}

// The block's graph with only what its results and checks need.  Its checks are made with the call.
Value Elaborator::custom_results(AdjointBlock& block, const std::map<std::string, ir::NodeId>& targets,
                                 const std::vector<std::pair<std::string, ir::NodeId>>& adjoints, std::vector<Value> results,
                                 const std::vector<std::size_t>& real, const std::vector<std::string>& names) {
    const ir::Graph& whole = block.graph->graph();
    std::vector<bool> needed(whole.size(), false);
    for (const auto& [name, id] : adjoints) needed[id.value] = true;
    for (const auto& [name, leaf] : targets) needed[leaf.value] = true;
    for (std::size_t k = 0; k < real.size(); ++k) needed[block.leaves[k].value] = true;
    for (const ir::NodeId leaf : whole.leaves(ir::LeafKind::cotangent)) needed[leaf.value] = true;
    std::vector<ir::NodeId> counts;
    for (const ir::Result& r : whole.results())
        if (r.kind == ir::Result::check) {
            counts.push_back(r.node);
            needed[r.node.value] = true;
        }
    for (std::size_t k = whole.size(); k-- > 0;)
        if (needed[k])
            for (const ir::NodeId o : operands(whole.nodes()[k])) needed[o.value] = true;

    ir::Builder kept(ir::Builder::Sharing::off);
    std::vector<ir::NodeId> moved(whole.size()), inputs;
    std::map<ir::NodeId, ir::Family> outer;
    for (std::uint32_t k = 0; k < whole.size(); ++k) {
        if (!needed[k]) continue;
        moved[k] = kept.copy(whole.nodes()[k], [&](ir::NodeId id) { return moved[id.value]; });
        const auto leaf = std::ranges::find(block.leaves, ir::NodeId{k});
        if (leaf == block.leaves.end()) continue;
        inputs.push_back(block.outer[static_cast<std::size_t>(leaf - block.leaves.begin())]);
        outer[moved[k]] = {inputs.back(), {}};
    }
    if (!counts.empty()) {
        const std::vector<bool> unknown = autodiff::dependents(kept, kept.graph().leaves(ir::LeafKind::cotangent));
        std::vector<ir::NodeId> wanted;
        for (const ir::NodeId id : counts) wanted.push_back(moved[id.value]);
        for (std::size_t k = 0; k < wanted.size(); ++k)
            if (unknown[wanted[k].value])
                return fail(error(code("E0308"), "a position in an adjoint does not depend on what flows back")
                                .at(whole.results()[k].span, whole.results()[k].name));
        const std::vector<ir::Family> made = ir::batch(*b_, kept.graph(), {}, outer, {}, wanted).wanted;
        for (std::size_t k = 0; k < made.size(); ++k) {
            const ir::Result& check = whole.results()[k];
            add_check(check.name, made[k].node, check.span, check.inside);
        }
    }
    for (const auto& [name, id] : adjoints)
        kept.result({ir::Result::value, name, moved[id.value], moved[targets.at(name).value], {}});
    const auto adjoint = std::make_shared<const ir::Graph>(std::move(kept).finish());
    for (std::size_t k = 0; k < real.size(); ++k)
        results[real[k]] = {Tensor{b_->custom({adjoint, static_cast<std::uint32_t>(k), inputs}, origin(names[real[k]]))}};
    if (results.size() == 1) return results.front();
    return {Tuple{std::move(results)}};
}

}  // namespace dlc::elaborate

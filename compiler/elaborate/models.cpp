// From a declaration to graphs: a model's ports and results, a function or layer on its own, a test; the tables of parameters and
// layers.
#include <fmt/format.h>

#include "compiler/elaborate/elaborator.h"
#include "compiler/ir/cost.h"
#include "compiler/ir/plain.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

Elaborator::Elaborator(const Program& program, const Options& options, source::Diagnostics& diagnostics)
    : program_(program), options_(options), real_(options.real), diagnostics_(diagnostics) {}

// Hyperparameters as overridden, else by their defaults.
bool Elaborator::bind_statics(Scope& s, const Definition& d) {
    std::vector<Given> given;
    Activation nobody{Activation::initializer, {}};
    for (const text::Parameter& p : d.parameters()) {
        const auto it = options_.overrides.find(p.name.text);
        if (it == options_.overrides.end()) continue;
        Scope empty{.module = &program_.root(), .activation = &nobody};
        Value v = is_function(p.type) ? eval_function(empty, *it->second) : eval(empty, *it->second);
        if (v.poison()) return false;
        given.push_back({p.name, std::move(v), it->second->where});
    }
    std::vector<text::Parameter> statics;
    for (const text::Parameter& p : d.parameters()) {
        if (is_static(p.type)) {
            statics.push_back(p);
            continue;
        }
        fail(error(code("E0305"), "a model's parameter is a static; data is an `input`").at(p.where));
        return false;
    }
    return bind_arguments(s, d.name().text, statics, std::move(given), d.name().where, nullptr);
}

// A port's sizes come from outside: from the shape given for it, or from sizes by name.
void Elaborator::declare_port(Scope& s, const text::Input& n, Span where) {
    if (s.values.contains(n.name.text) && main_.graph().leaf(n.name.text)) return;  // made before, with its shape
    s.values[n.name.text] = {Poison{}};
    const ir::LeafKind kind = n.target ? ir::LeafKind::target : ir::LeafKind::input;
    binding_ = n.name.text;
    if (const auto it = port_shapes_.find(n.name.text); it != port_shapes_.end()) {
        const ir::NodeId leaf = main_.leaf(kind, n.name.text, element_type(n.type.element), it->second, origin(n.name.text));
        s.values.erase(n.name.text);
        const std::vector<text::Parameter> one = {{n.name, n.type, {}, where}};
        if (!bind_arguments(s, model_, one, {Given{{}, {Tensor{leaf}}, where}}, where, nullptr)) s.values[n.name.text] = {Poison{}};
        return;
    }
    if (n.type.dims)
        for (const text::Dim& d : *n.type.dims)
            if (const auto* name = d.size ? std::get_if<text::Name>(&d.size->node) : nullptr;
                name && !s.values.contains(name->text)) {
                fail(error(code("E0210"), "nothing gives the size `" + name->text + "` of input `" + n.name.text + "`")
                         .at(d.where)
                         .helped("give it: `--dim " + name->text + "=32`"));
                s.values[name->text] = {Poison{}};
                return;
            }
    const auto type = tensor_type(s, n.type);
    if (!type) return;
    s.values[n.name.text] = {Tensor{main_.leaf(kind, n.name.text, type->first, type->second, origin(n.name.text))}};
}

void Elaborator::result(Scope& s, const text::Definition& n, Span where) {
    const Value v = eval(s, *n.value);
    s.values[n.name.text] = {Poison{}};
    if (v.poison()) return;
    const auto shape = shape_of(v);
    if (n.kind != text::Definition::output && (!shape || ir::volume(*shape) != 1 || v.is<List>())) {
        const char* what = n.kind == text::Definition::loss ? "a loss" : "a metric";
        fail(error(code("E0219"), std::string(what) + " is a single number")
                 .at(n.value->where, "this is " + describe(v))
                 .helped("take the `mean(…)` over the examples"));
        return;
    }
    if (n.kind == text::Definition::loss) {
        if (loss_) {
            fail(error(code("E0219"), "a model has one loss").at(where).helped("add the terms up in one expression"));
            return;
        }
        if (!ir::is_real(*type_of(v)) && !v.is_number()) {
            fail(error(code("E0219"), "a loss is a real number").at(n.value->where, "this is " + describe(v)));
            return;
        }
    }
    ir::NodeId id = node(v.is_number() ? Value{Fill{v.number(), real_, {}}} : v, n.value->where, n.name.text);
    if (!id) return;
    const ir::Result::Kind kind = n.kind == text::Definition::loss     ? ir::Result::loss
                                  : n.kind == text::Definition::metric ? ir::Result::metric
                                                                       : ir::Result::output;
    const ir::Type of_number = kept_type(ir::is_real(main_[id].type) ? main_[id].type : real_);
    if (n.kind != text::Definition::output && main_[id].type != of_number)
        id = main_.pointwise(of_number, main_[id].shape, ir::convert(main_.read_all(id), of_number), origin());
    if (n.kind == text::Definition::loss) loss_ = id;
    s.values[n.name.text] = {Tensor{id}};
    main_.result({kind, n.name.text, id, {}, where});
}

// A layer's row stands before those of the layers it is made of, which began at `row`.
void Elaborator::record_layer(const Definition& f, const std::string& path, const std::vector<ir::Shape>& inputs,
                              const Value& result, std::size_t row, Span where) {
    if (testing_ || b_ != &main_) return;
    if (std::ranges::any_of(layers_, [&](const LayerInfo& known) { return known.path == path; })) return;  // called before
    LayerInfo made{path, f.name().text, inputs, {}, 0, 0, where};
    const auto output = [&](const Value& v) {
        if (const auto shape = shape_of(v)) made.outputs.push_back(*shape);
    };
    if (const auto* tuple = result.as<Tuple>())
        for (const Value& v : tuple->values) output(v);
    else
        output(result);
    for (const ParameterInfo& p : parameters_)
        if (p.layer == path) made.parameters += ir::volume(p.shape);
    layers_.insert(layers_.begin() + static_cast<std::ptrdiff_t>(row), std::move(made));
}

// Each layer's own: a layer made of layers that multiplies nothing itself and has no parameters needs no row.  What belongs to no
// layer is the model's, with the derivatives that it takes.
void Elaborator::count_multiply_adds(const ir::Graph& graph) {
    LayerInfo model{{}, "model", {}, {}, 0, 0, {}};
    for (const auto& [path, count] : ir::multiply_adds_by_layer(graph)) {
        const auto row = std::ranges::find(layers_, path, &LayerInfo::path);
        (row == layers_.end() ? model : *row).multiply_adds += count;
    }
    const auto contains = [](const LayerInfo& outer, const LayerInfo& inner) {
        return inner.path.starts_with(outer.path) && (outer.path.empty() || inner.path[outer.path.size()] == '.');
    };
    std::vector<LayerInfo> rows;
    for (std::size_t k = 0; k < layers_.size(); ++k) {
        LayerInfo& row = layers_[k];
        const bool made_of_layers = k + 1 < layers_.size() && contains(row, layers_[k + 1]);
        if (!made_of_layers || row.multiply_adds > 0 || row.parameters > 0) rows.push_back(std::move(row));
    }
    layers_ = std::move(rows);
    if (model.multiply_adds > 0) layers_.push_back(std::move(model));
}

// As a result of the graph, for Options::layer_values.
void Elaborator::name_value(const std::string& layer, const Value& result, Span where) {
    const std::string weight = join(layer, "weight");
    const auto kept = kept_.find(weight);
    if (kept == kept_.end() || !kept->second.parameter || kept->second.shape.size() < 2) return;
    if (layer.empty() || b_ != &main_ || !scans_.empty() || main_.graph().result(weight)) return;
    const auto* several = result.as<Tuple>();
    const Value& first = several ? several->values.front() : result;
    const auto shape = shape_of(first);
    if (!shape || !ir::is_real(*type_of(first))) return;
    if (const ir::NodeId id = node(first, where, layer)) main_.result({ir::Result::value, weight, id, {}, where});
}

bool Elaborator::run_model(const Definition& d, const std::map<std::string, ir::Shape>& shapes, Scope& s) {
    const auto& model = *std::get<const text::Model*>(d.node);
    const std::size_t errors = diagnostics_.errors();
    port_shapes_ = shapes;
    model_ = d.name().text;
    for (const auto& [name, size] : options_.dims) s.values[name] = {size};
    if (!bind_statics(s, d)) return false;
    std::vector<std::string> ports;
    for (const auto& statement : model.body.statements)
        if (const auto* port = std::get_if<text::Input>(&statement->node)) {
            ports.push_back(port->name.text);
            statement_ = statement->where;
            if (shapes.contains(port->name.text)) declare_port(s, *port, statement->where);
        }
    for (const auto& [name, shape] : shapes)
        if (std::find(ports.begin(), ports.end(), name) == ports.end()) {
            auto unknown = error(code("E0211"), "model `" + d.name().text + "` has no input `" + name + "`").at(d.name().where);
            if (const auto near = source::nearest(name, ports); !near.empty())
                unknown.help = "did you mean `" + std::string(near) + "`?";
            fail(std::move(unknown));
        }
    if (failed_since(errors)) return false;
    if (run(s, model.body) == Flow::returned)
        fail(error(code("E0305"), "a model has `output`s, nothing to return").at(d.name().where));
    return !failed_since(errors);
}

// The leaves that stood for carries and elements are left out, with what was computed of them: the bodies of scans have it now.
ir::Graph Elaborator::without_placeholders(const ir::Graph& graph) {
    ir::Builder b(ir::Builder::Sharing::off);
    std::vector<ir::NodeId> moved(graph.size());
    const auto now = [&](ir::NodeId id) { return moved[id.value]; };
    for (std::uint32_t k = 0; k < graph.size(); ++k) {
        const ir::Node& node = graph[ir::NodeId{k}];
        if (node.leaf() && (node.leaf()->kind == ir::LeafKind::carry || node.leaf()->kind == ir::LeafKind::slice)) continue;
        if (std::ranges::all_of(operands(node), [&](ir::NodeId o) { return bool(now(o)); })) moved[k] = b.copy(node, now);
    }
    for (ir::Result r : graph.results()) {
        r.node = now(r.node);
        if (r.target) r.target = now(r.target);
        b.result(std::move(r));
    }
    return std::move(b).finish();
}

Elaborated Elaborator::finish() {
    for (const std::string& leaf : kept_order_) {
        const Kept& kept = kept_.at(leaf);
        if (kept.updated) main_.result({ir::Result::update, leaf, kept.now.as<Tensor>()->node, kept.leaf, kept.where});
    }
    ir::Graph graph = without_placeholders(std::move(main_).finish());
    if (!options_.differentiated) graph = ir::plain(graph);
    count_multiply_adds(graph);
    return {std::move(graph), std::move(init_).finish(), std::move(parameters_), std::move(layers_)};
}

std::optional<Elaborated> Elaborator::callable(const Definition& d, const std::map<std::string, ir::Shape>& shapes) {
    const std::size_t errors = diagnostics_.errors();
    Activation root{Activation::model, {}};
    Scope s{.module = d.module, .activation = &root};
    if (d.space() == Space::model) {
        if (!run_model(d, shapes, s)) return std::nullopt;
        return finish();
    }
    // A function or layer on its own: its tensors are the inputs, its statics come from outside.
    statement_ = d.name().where;
    const text::Function& f = *d.function();
    std::vector<std::string> settable;
    for (const text::Parameter& p : f.parameters) settable.push_back(p.name.text);
    for (const auto& [key, value] : options_.overrides)
        if (std::find(settable.begin(), settable.end(), key) == settable.end()) {
            auto unknown =
                error(code("E0413"), "`--set " + key + "`: `" + f.name.text + "` has no parameter `" + key + "`").at(value->where);
            if (const auto near = source::nearest(key, settable); !near.empty())
                unknown.help = "did you mean `" + std::string(near) + "`?";
            fail(std::move(unknown));
        }
    if (failed_since(errors)) return std::nullopt;
    for (const auto& [name, size] : options_.dims) s.values[name] = {size};
    Activation nobody{Activation::initializer, {}};
    std::vector<Given> given;
    for (const text::Parameter& p : f.parameters) {
        if (const auto it = options_.overrides.find(p.name.text); it != options_.overrides.end()) {
            Scope empty{.module = &program_.root(), .activation = &nobody};
            Value v = is_function(p.type) ? eval_function(empty, *it->second) : eval(empty, *it->second);
            given.push_back({p.name, std::move(v), it->second->where});
            if (is_static(p.type)) s.values[p.name.text] = given.back().value;
            continue;
        }
        if (is_static(p.type)) continue;
        ir::Shape shape;
        const auto it = shapes.find(p.name.text);
        if (it != shapes.end()) {
            shape = it->second;
        } else if (p.fallback) {
            continue;
        } else if (p.type.dims) {
            bool known = true;
            for (const text::Dim& dim : *p.type.dims)
                if (const auto* name = dim.size ? std::get_if<text::Name>(&dim.size->node) : nullptr;
                    dim.pack || (name && !s.values.contains(name->text)))
                    known = false;
            const auto type = known ? tensor_type(s, p.type) : std::nullopt;
            if (!type) {
                if (!failed_since(errors))
                    fail(error(code("E0210"), "nothing gives the shape of `" + p.name.text + "`")
                             .at(p.where)
                             .helped("give it: `--shape " + p.name.text + "=4,8`"));
                return std::nullopt;
            }
            shape = type->second;
        }
        const ir::NodeId leaf =
            main_.leaf(ir::LeafKind::input, p.name.text, element_type(p.type.element), shape, {p.where, p.name.text});
        given.push_back({p.name, {Tensor{leaf}}, p.where});
    }
    for (const auto& [name, shape] : shapes)
        if (std::none_of(f.parameters.begin(), f.parameters.end(), [&](const text::Parameter& p) { return p.name.text == name; })) {
            fail(error(code("E0211"), "`" + f.name.text + "` has no parameter `" + name + "`").at(f.name.where));
            return std::nullopt;
        }
    const Value v = call(s, d, std::move(given), f.name.where, std::string());
    if (v.poison() || failed_since(errors)) return std::nullopt;
    std::vector<Value> values = {v};
    if (const auto* tuple = v.as<Tuple>()) values = tuple->values;
    for (std::size_t k = 0; k < values.size(); ++k) {
        std::string name = values.size() == 1 ? "result" : "result" + std::to_string(k);
        if (k < f.results.size()) name = f.results[k].name.text;
        const ir::NodeId id =
            node(values[k].is_number() && !values[k].is<bool>() ? Value{Fill{values[k].number(), real_, {}}} : values[k],
                 f.name.where, name);
        if (!id) return std::nullopt;
        main_.result({ir::Result::value, name, id, {}, f.name.where});
    }
    return finish();
}

TestCase Elaborator::test(const text::Test& t, Span where) {
    testing_ = true;
    Activation root{Activation::test, {}};
    Scope s{.module = &program_.root(), .activation = &root};
    run(s, t.body);
    return {t.title, where, ir::plain(without_placeholders(std::move(main_).finish()))};
}

// ------------------------------------------------------------------ the interface

namespace {

const Definition* model_named(const Program& program, const std::string& name, source::Diagnostics& diagnostics) {
    const Module& root = program.root();
    const auto& own = root.own[static_cast<std::size_t>(Space::model)];
    if (!name.empty()) {
        if (const Definition* d = root.find(Space::model, name)) return d;
        auto unknown = error(code("E0412"), "no model `" + name + "` in " + root.path);
        if (const auto near = source::nearest(name, root.names(Space::model)); !near.empty())
            unknown.help = "did you mean `" + std::string(near) + "`?";
        diagnostics.report(std::move(unknown));
        return nullptr;
    }
    if (own.size() == 1) return &own.begin()->second;
    if (own.empty()) {
        diagnostics.report(error(code("E0412"), "there is no model in " + root.path)
                               .helped("declare one: `model Name { input … output … loss … }`"));
        return nullptr;
    }
    auto several = error(code("E0412"), "there are several models in " + root.path + ": say which");
    for (const auto& [other, d] : own) several.at(d.name().where, "`" + other + "`");
    diagnostics.report(std::move(several));
    return nullptr;
}

const Definition* callable_named(const Program& program, const std::string& name, source::Diagnostics& diagnostics) {
    const Module& root = program.root();
    if (const Definition* d = root.find(Space::model, name)) return d;
    if (const Definition* d = root.find(Space::function, name)) return d;
    auto unknown = error(code("E0412"), "no model, layer or function `" + name + "` in " + root.path);
    std::vector<std::string> names = root.names(Space::model);
    for (std::string& f : root.names(Space::function)) names.push_back(std::move(f));
    if (const auto near = source::nearest(name, names); !near.empty()) unknown.help = "did you mean `" + std::string(near) + "`?";
    diagnostics.report(std::move(unknown));
    return nullptr;
}

}  // namespace

std::optional<ModelInfo> find_model(const Program& program, const std::string& name, source::Diagnostics& diagnostics) {
    const Definition* d = model_named(program, name, diagnostics);
    if (!d) return std::nullopt;
    const auto& model = *std::get<const text::Model*>(d->node);
    ModelInfo info{model.name.text, model.name.where, {}, {}};
    for (const auto& statement : model.body.statements)
        if (const auto* port = std::get_if<text::Input>(&statement->node))
            info.inputs.push_back({port->name.text, port->target, port->type, statement->where, true});
    for (const text::Parameter& p : model.parameters) info.hyperparameters.push_back(p.name.text);
    return info;
}

std::optional<std::vector<Port>> ports(const Program& program, const std::string& callable, source::Diagnostics& diagnostics) {
    const Definition* d = callable_named(program, callable, diagnostics);
    if (!d) return std::nullopt;
    if (d->space() == Space::model) return find_model(program, callable, diagnostics)->inputs;
    std::vector<Port> found;
    for (const text::Parameter& p : d->function()->parameters)
        if (!is_static(p.type)) found.push_back({p.name.text, false, p.type, p.where, !p.fallback});
    return found;
}

std::optional<Elaborated> elaborate(const Program& program, const std::string& callable, const Options& options,
                                    const std::map<std::string, ir::Shape>& shapes, source::Diagnostics& diagnostics) {
    const Definition* d = callable_named(program, callable, diagnostics);
    if (!d) return std::nullopt;
    // What names neither a hyperparameter nor a setting is an error also where no recipe is wanted.
    if (d->space() == Space::model && !options.overrides.empty() && !recipe(program, options, callable, diagnostics))
        return std::nullopt;
    const std::size_t errors = diagnostics.errors();
    auto result = Elaborator(program, options, diagnostics).callable(*d, shapes);
    if (diagnostics.errors() > errors) return std::nullopt;
    return result;
}

std::optional<Elaborated> elaborate_step(const Program& program, const std::string& model, const Recipe& recipe,
                                         const Options& options, const std::map<std::string, ir::Shape>& shapes,
                                         source::Diagnostics& diagnostics) {
    const Definition* d = model_named(program, model, diagnostics);
    if (!d) return std::nullopt;
    const std::size_t errors = diagnostics.errors();
    auto result = Elaborator(program, options, diagnostics).step(*d, recipe, shapes);
    if (diagnostics.errors() > errors) return std::nullopt;
    return result;
}

std::vector<TestCase> tests(const Program& program, const Options& options, source::Diagnostics& diagnostics) {
    std::vector<TestCase> cases;
    for (const text::Declaration& declaration : program.root().ast.declarations)
        if (const auto* test = std::get_if<text::Test>(&declaration.node))
            cases.push_back(Elaborator(program, options, diagnostics).test(*test, declaration.where));
    return cases;
}

}  // namespace dlc::elaborate

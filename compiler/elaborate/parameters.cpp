// What outlives a step: parameters, states, optimizer slots, and how they begin.
#include <fmt/format.h>

#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/misfits.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

ir::Type Elaborator::element_type(const text::Identifier& element) {
    if (element.text == "f" || element.text == "float") return real_;
    if (element.text == "int") return ir::Type::i64;
    if (const auto type = ir::type_named(element.text)) return *type;
    fail(error(code("E0201"), "unknown element type `" + element.text + "`")
             .at(element.where)
             .helped("the element types are f, f16, bf16, f32, f64, i8, u8, i32, i64, bool"));
    return real_;
}

std::optional<std::pair<ir::Type, ir::Shape>> Elaborator::tensor_type(Scope& s, const text::Type& type) {
    ir::Shape shape;
    if (type.dims)
        for (const text::Dim& d : *type.dims) {
            if (!d.pack) {
                const auto n = size(s, *d.size, "a size");
                if (!n) return std::nullopt;
                if (!fits(*n, d.where)) return std::nullopt;
                shape.push_back(*n);
                continue;
            }
            const auto it = d.name ? s.values.find(d.name->text) : s.values.end();
            const List* sizes = it == s.values.end() ? nullptr : it->second.as<List>();
            if (!sizes) {
                fail(error(code("E0210"), "nothing gives the sizes of `" + text::print(type) + "`").at(d.where));
                return std::nullopt;
            }
            for (const Value& v : sizes->items()) shape.push_back(v.as<std::int64_t>() ? *v.as<std::int64_t>() : 0);
        }
    return std::pair(element_type(type.element), shape);
}

// Evaluated over statics alone: how a tensor begins cannot depend on data.
ir::NodeId Elaborator::initial(Scope& caller, const text::Expr* initializer, ir::Type type, const ir::Shape& shape,
                               const std::string& path, Span where) {
    if (!initializer) return b_->fill(0, type, shape, origin());
    Activation activation{Activation::initializer, path};
    Scope s{.module = caller.module, .activation = &activation};
    for (const auto& [name, value] : caller.values)
        if (value.is_static()) s.values[name] = value;
    const ir::Shape* const before = drawn_;
    drawn_ = &shape;

    // `~ zeros` and `~ he_normal(fan_in = K)` name initializers; anything else is an expression.
    const text::Identifier* callee = nullptr;
    text::Identifier bare;
    const std::vector<text::Argument>* arguments = nullptr;
    if (const auto* c = std::get_if<text::Call>(&initializer->node)) {
        callee = &c->callee;
        arguments = &c->arguments;
    } else if (const auto* n = std::get_if<text::Name>(&initializer->node); n && !s.values.contains(n->text)) {
        bare = {n->text, initializer->where};
        callee = &bare;
    }
    Value v{Poison{}};
    const Definition* d = callee ? s.module->find(Space::initializer, callee->text) : nullptr;
    if (d) {
        static const std::vector<text::Argument> none;
        auto given = evaluate(s, arguments ? *arguments : none, nullptr, Callable{*callee, d});
        Activation inner{Activation::initializer, path};
        Scope body{.module = d->module, .activation = &inner};
        if (given) {
            calls_.push_back({initializer->where, callee->text});
            if (bind_arguments(body, callee->text, d->parameters(), std::move(*given), initializer->where, nullptr))
                v = eval(body, *std::get<const text::Initializer*>(d->node)->value);
            calls_.pop_back();
        }
    } else if (callee && !builtins().contains(callee->text) && !s.module->find(Space::function, callee->text) &&
               !ir::find_scalar(callee->text) && callee->text != "inf" && callee->text != "pi") {
        fail(unknown_initializer(*s.module, *callee));
    } else if (callee == &bare && builtins().contains(bare.text)) {
        v = eval_call(s, bare, {}, nullptr, initializer->where);
    } else {
        v = eval(s, *initializer);
    }
    drawn_ = before;
    if (v.poison()) return {};
    if (v.is_number()) return b_->fill(v.number(), type, shape, origin());
    auto e = element(s, v, initializer->where);
    if (!e) return {};
    bool fits = e->shape.size() <= shape.size();
    for (std::size_t k = 0; k < e->shape.size() && fits; ++k) {
        const std::int64_t have = e->shape[e->shape.size() - 1 - k];
        fits = have == 1 || have == shape[shape.size() - 1 - k];
    }
    if (!fits) {
        fail(error(code("E0217"), "the initial value is " + describe(v) + ", the tensor " + type_text(type, shape))
                 .at(initializer->where)
                 .at(where));
        return {};
    }
    Element wide = broadcast(*e, shape);
    wide.expr = ir::convert(wide.expr, type);
    return node({wide}, initializer->where, path);
}

void Elaborator::declare_parameter(Scope& s, const text::Param& n, Span where) {
    s.values[n.name.text] = {Poison{}};
    const auto type = tensor_type(s, n.type);
    if (!type) return;
    const std::string path = join(s.activation->path, n.name.text);
    keep(s, n.name, path, path, type->first, type->second, n.initializer ? &*n.initializer : nullptr, ir::LeafKind::parameter,
         where);
}

void Elaborator::declare_state(Scope& s, const text::State& n, Span where) {
    s.values[n.name.text] = {Poison{}};
    std::pair<ir::Type, ir::Shape> type{real_, {}};
    const bool slot = s.activation->kind == Activation::optimizer;
    if (n.type) {
        const auto given = tensor_type(s, *n.type);
        if (!given) return;
        type = *given;
    } else if (slot) {
        type = {(*b_)[s.values.at("w").as<Tensor>()->node].type, (*b_)[s.values.at("w").as<Tensor>()->node].shape};
    }
    const std::string& path = s.activation->path;
    const std::string leaf = slot ? "optimizer/" + n.name.text + "/" + path : "state/" + join(path, n.name.text);
    keep(s, n.name, leaf, slot ? path : join(path, n.name.text), type.first, type.second, &*n.initial,
         slot ? ir::LeafKind::slot : ir::LeafKind::state, where);
}

ir::Type Elaborator::kept_type(ir::Type type) const { return ir::is_half(type) && type == real_ ? ir::Type::f32 : type; }

// One leaf for each name; an instance used again finds the leaves it made.
void Elaborator::keep(Scope& s, const text::Identifier& name, const std::string& leaf, const std::string& path, ir::Type declared,
                      const ir::Shape& shape, const text::Expr* initializer, ir::LeafKind kind, Span where) {
    const ir::Type type = kept_type(declared);
    if (!s.declared.insert(name.text).second) {
        fail(declared_twice(name, kept_.contains(leaf) ? kept_.at(leaf).where : Span()));
        return;
    }
    if (const auto it = kept_.find(leaf); it != kept_.end()) {
        if (it->second.shape != shape || it->second.type != type) {
            fail(error(code("E0218"),
                       "`" + leaf + "` is " + type_text(it->second.type, it->second.shape) + " and " + type_text(type, shape))
                     .at(where)
                     .at(it->second.where, "it is shared with what was declared here"));
            return;
        }
        s.values[name.text] = it->second.now;
        return;
    }
    Kept kept{{}, {}, false, kind == ir::LeafKind::parameter, where, shape, type};
    std::vector<OpenScan> around;  // a parameter begins before the first step
    around.swap(scans_);
    const auto begin = [&] {
        const ir::NodeId id = initial(s, initializer, type, shape, path, where);
        around.swap(scans_);
        return id;
    };
    if (testing_ || unrolling_) {
        const ir::NodeId id = begin();
        if (!id) return;
        kept.now = {Tensor{id}};
    } else {
        b_ = &init_;
        const ir::NodeId id = begin();
        if (id) {
            const ir::NodeId target = init_.leaf(kind, leaf, type, shape, origin(name.text));
            init_.result({ir::Result::update, leaf, id, target, where});
        }
        b_ = &main_;
        if (!id) return;
        kept.leaf = main_.leaf(kind, leaf, type, shape, origin(name.text));
        ir::NodeId now = kept.parameter && parameter_view_ ? parameter_view_(path, kept.leaf) : kept.leaf;
        if (kept.parameter && type != declared)
            now = main_.pointwise(declared, shape, ir::convert(main_.read_all(now), declared), origin(name.text));
        kept.now = {Tensor{now}};
        if (kept.parameter) {
            const auto layer = layer_kinds_.find(s.activation->path);
            parameters_.push_back(
                {path, type, shape, where, s.activation->path, layer == layer_kinds_.end() ? std::string() : layer->second});
        }
    }
    s.values[name.text] = kept.now;
    kept_.emplace(leaf, std::move(kept));
    kept_order_.push_back(leaf);
}

void Elaborator::update(Scope& s, const text::Update& n, Span where) {
    binding_ = n.name.text;
    const Value v = eval(s, *n.value);
    const std::string& path = s.activation->path;
    const bool optimizer = s.activation->kind == Activation::optimizer;
    std::string leaf =
        optimizer ? (n.name.text == "w" ? path : "optimizer/" + n.name.text + "/" + path) : "state/" + join(path, n.name.text);
    const auto it = kept_.find(leaf);
    if (it == kept_.end()) {
        const bool declared = s.values.contains(n.name.text);
        if (declared && s.values.at(n.name.text).poison()) return;
        auto d = error(code("E0305"), "`" + n.name.text + "` is no state, so it has no next value").at(n.name.where);
        d.help = declared ? "write `" + n.name.text + " = …`, or declare `state " + n.name.text + " = …`"
                          : "declare it: `state " + n.name.text + " = …`";
        fail(std::move(d));
        return;
    }
    if (v.poison()) return;
    if (!scans_.empty() && !unrolling_) {
        fail(error(code("E0305"), "a state has one next value a step, so `<-` does not belong in a `scan`")
                 .at(where)
                 .helped("carry it: `with " + n.name.text + " = …`, and update it after the `scan`"));
        return;
    }
    Kept& kept = it->second;
    auto e = element(s, v, n.value->where);
    if (!e) return;
    bool fits = e->shape.size() <= kept.shape.size();
    for (std::size_t k = 0; k < e->shape.size() && fits; ++k) {
        const std::int64_t have = e->shape[e->shape.size() - 1 - k];
        fits = have == 1 || have == kept.shape[kept.shape.size() - 1 - k];
    }
    if (!fits) {
        fail(error(code("E0218"),
                   "the next value of `" + n.name.text + "` is " + describe(v) + ", it is " + type_text(kept.type, kept.shape))
                 .at(n.value->where)
                 .at(kept.where, "declared here"));
        return;
    }
    if (ir::is_real(e->expr->type) && !ir::is_real(kept.type)) {
        fail(error(code("E0218"), "the next value of `" + n.name.text + "` is real, it is " + type_text(kept.type, kept.shape))
                 .at(n.value->where)
                 .at(kept.where, "declared here"));
        return;
    }
    Element wide = broadcast(*e, kept.shape);
    wide.expr = ir::convert(wide.expr, kept.type);
    kept.now = {Tensor{node({wide}, where, n.name.text)}};
    kept.updated = true;
    s.values[n.name.text] = kept.now;
}

}  // namespace dlc::elaborate

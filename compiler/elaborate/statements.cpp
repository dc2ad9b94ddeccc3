// Statements: names for values, static control flow, assertions.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/misfits.h"
#include "dsl/text/parse.h"
#include "dsl/text/walk.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

Elaborator::Flow Elaborator::run(Scope& s, const text::Block& block) {
    for (std::size_t k = 0; k < block.statements.size(); ++k) {
        const text::Stmt& statement = *block.statements[k];
        const Flow flow = run(s, statement);
        if (flow == Flow::next) continue;
        if (std::holds_alternative<text::Return>(statement.node) && k + 1 < block.statements.size())
            fail(error(code("E0305"), "a statement behind `return`, which is the last one of its block")
                     .at(block.statements[k + 1]->where)
                     .at(statement.where, "the function ends here"));
        return flow;
    }
    return Flow::next;
}

std::optional<bool> Elaborator::static_bool(Scope& s, const text::Expr& e, const char* what) {
    const Value v = eval(s, e);
    if (v.poison()) return std::nullopt;
    if (v.is_number()) return v.number() != 0;
    fail(error(code("E0302"), std::string(what) + " must be known when the program is compiled")
             .at(e.where, "this is " + describe(v))
             .helped("choose element by element: `if c then a else b`"));
    return std::nullopt;
}

void Elaborator::define(Scope& s, const text::Identifier& name, Value v) {
    // In a function of numbers a name stands for an expression; elsewhere a named value is a node.
    // The place of a step, as `T - 1 - t`, stays an index.
    if (const auto* e = v.as<Element>(); e && !e->framed && !s.frame && !(e->index && !scans_.empty()))
        v = {Tensor{node(v, name.where, name.text), e->known}};
    if (v.is<Fill>() && !s.frame) v = {Tensor{node(v, name.where, name.text)}};
    if (const List* list = v.as<List>(); list && is_real_list(v)) list->data->tensor = true;
    if (is_size_name(name.text) && !v.poison()) {
        const List* list = v.as<List>();
        const auto whole = [](const Value& x) { return x.is<std::int64_t>(); };
        if (!whole(v) && !(list && std::ranges::all_of(list->items(), whole)))
            v = fail(no_size(name, "this is " + describe(v)));
        else if (s.values.contains(name.text))
            v = fail(no_size(name, "it has a value already, and a size keeps it"));
    }
    s.values[name.text] = std::move(v);
}

// Sizes are the user's, so a product of them that leaves 64 bits is an error of the statement it happens in.
Elaborator::Flow Elaborator::run(Scope& s, const text::Stmt& statement) {
    Frame* const frame = s.frame;
    const auto axis = s.axis;
    ir::Builder* const builder = b_;
    const std::size_t depth = calls_.size();
    try {
        return run_statement(s, statement);
    } catch (const std::overflow_error&) {
        s.frame = frame;
        s.axis = axis;
        s.indices.clear();
        b_ = builder;
        calls_.resize(depth);
        fail(error(code("E0303"), "a product of sizes exceeds 64 bits").at(statement.where));
        if (const auto* a = std::get_if<text::Assign>(&statement.node))
            for (const text::Identifier& name : a->names) s.values[name.text] = {Poison{}};
        if (const auto* e = std::get_if<text::Equation>(&statement.node)) s.values[e->name.text] = {Poison{}};
        return Flow::next;
    }
}

Elaborator::Flow Elaborator::run_statement(Scope& s, const text::Stmt& statement) {
    statement_ = statement.where;
    binding_.clear();
    s.hoisted.clear();
    s.along.clear();
    const Span where = statement.where;
    const auto only_in = [&](const char* what, std::initializer_list<Activation::Kind> kinds) {
        if (std::ranges::find(kinds, s.activation->kind) != kinds.end()) return true;
        const char* place = s.activation->kind == Activation::function ? "a function; make it a `layer`" : "this block";
        fail(error(code("E0305"), fmt::format("{} does not belong in {}", what, place)).at(where));
        return false;
    };
    return std::visit(
        [&](const auto& n) -> Flow {
            using T = std::decay_t<decltype(n)>;
            using A = Activation;
            if constexpr (std::is_same_v<T, text::Return>) {
                std::vector<Value> values;
                for (const auto& v : n.values) values.push_back(eval(s, *v));
                s.returned = std::move(values);
                return Flow::returned;
            } else if constexpr (std::is_same_v<T, text::Yield>) {
                run_yield(s, n, where);
            } else if constexpr (std::is_same_v<T, text::IfStmt>) {
                const auto taken = static_bool(s, *n.condition, "the condition of an `if` statement");
                if (!taken) return Flow::next;
                if (*taken) return run(s, n.then);
                if (n.otherwise) return run(s, *n.otherwise);
            } else if constexpr (std::is_same_v<T, text::For>) {
                return run_for(s, n, where);
            } else if constexpr (std::is_same_v<T, text::Assert>) {
                if (!run_assert(s, n, where)) return Flow::failed;
            } else if constexpr (std::is_same_v<T, text::Input>) {
                if (only_in(n.target ? "`target`" : "`input`", {A::model}))
                    declare_port(s, n, where);
                else
                    s.values[n.name.text] = {Poison{}};
            } else if constexpr (std::is_same_v<T, text::Definition>) {
                binding_ = n.name.text;
                if (n.kind == text::Definition::shared)
                    shared(s, n);
                else if (only_in(n.kind == text::Definition::output ? "`output`"
                                 : n.kind == text::Definition::loss ? "`loss`"
                                                                    : "`metric`",
                                 {A::model}))
                    result(s, n, where);
            } else if constexpr (std::is_same_v<T, text::Param>) {
                if (only_in("`param`", {A::layer, A::model, A::test}))
                    declare_parameter(s, n, where);
                else
                    s.values[n.name.text] = {Poison{}};
            } else if constexpr (std::is_same_v<T, text::State>) {
                if (only_in("`state`", {A::layer, A::model, A::test, A::optimizer}))
                    declare_state(s, n, where);
                else
                    s.values[n.name.text] = {Poison{}};
            } else if constexpr (std::is_same_v<T, text::Update>) {
                if (only_in("`<-`", {A::layer, A::model, A::test, A::optimizer})) update(s, n, where);
            } else if constexpr (std::is_same_v<T, text::Equation>) {
                run_equation(s, n, where);
            } else {
                static_assert(std::is_same_v<T, text::Assign>);
                binding_ = n.names.front().text;
                Value v = eval(s, *n.value);
                if (n.names.size() == 1) {
                    if (const auto* tuple = v.as<Tuple>()) {
                        const std::size_t count = tuple->values.size();
                        v = fail(
                            error(code("E0215"), fmt::format("{} for one name", counted(static_cast<std::int64_t>(count), "value")))
                                .at(n.value->where)
                                .at(n.names[0].where));
                    }
                    define(s, n.names[0], std::move(v));
                    return Flow::next;
                }
                const std::vector<Value>* values = nullptr;
                if (const auto* tuple = v.as<Tuple>()) values = &tuple->values;
                if (const auto* list = v.as<List>()) values = &list->items();
                if (!v.poison() && (!values || values->size() != n.names.size())) {
                    const std::size_t count = values ? values->size() : 1;
                    fail(error(code("E0215"), fmt::format("{} for {}", counted(static_cast<std::int64_t>(count), "value"),
                                                          counted(static_cast<std::int64_t>(n.names.size()), "name")))
                             .at(n.value->where)
                             .at(n.names.front().where));
                    values = nullptr;
                }
                for (std::size_t k = 0; k < n.names.size(); ++k) define(s, n.names[k], values ? (*values)[k] : Value{Poison{}});
            }
            return Flow::next;
        },
        statement.node);
}

std::size_t Elaborator::layer_calls(const Scope& s, const text::Block& block) const {
    std::size_t layers = 0;
    const auto is_layer = [&](const std::string& name) {
        const auto value = s.values.find(name);
        const auto* f = value == s.values.end() ? nullptr : value->second.as<Callable>();
        const Definition* d = f ? f->definition : s.module->find(Space::function, name);
        return d && d->is_layer() && !(f && f->path);
    };
    const auto count = [&](const text::Expr& e) {
        const text::Identifier* callee = nullptr;
        if (const auto* c = std::get_if<text::Call>(&e.node)) callee = &c->callee;
        if (const auto* p = std::get_if<text::Pipe>(&e.node)) callee = &p->callee;
        layers += callee && is_layer(callee->text);
    };
    text::for_each_statement(block, [&](const text::Stmt& statement) {
        text::for_each_part(statement, [&](const text::Expr& e) { text::for_each_inside(e, count); });
    });
    return layers;
}

Elaborator::Flow Elaborator::run_for(Scope& s, const text::For& n, Span where) {
    std::vector<Value> values;
    if (n.high) {
        const auto low = size(s, *n.low, "the first value of a `for`"), high = size(s, *n.high, "the end of a `for`");
        if (!low || !high) return Flow::next;
        constexpr std::int64_t kMostTurns = 1'000'000;
        if (*high - *low > kMostTurns) {
            fail(error(code("E0303"),
                       fmt::format("a `for` is written out when the program is compiled: {} turns are too many", *high - *low))
                     .at(where));
            return Flow::next;
        }
        for (std::int64_t i = *low; i < *high; ++i) values.push_back({i});
    } else {
        const Value v = eval(s, *n.low);
        if (v.poison()) return Flow::next;
        const List* list = v.as<List>();
        if (!list) {
            fail(error(code("E0302"), "a `for` runs over a range `0..n` or a list").at(n.low->where, "this is " + describe(v)));
            return Flow::next;
        }
        values = list->items();
    }
    for (std::size_t k = 0; k < values.size(); ++k) {
        const auto* number = n.high ? values[k].as<std::int64_t>() : nullptr;
        s.values[n.name.text] = values[k];
        const bool single = layer_calls(s, n.body) == 1;
        s.activation->loops.push_back({std::to_string(number ? *number : static_cast<std::int64_t>(k)), single});
        const Flow flow = run(s, n.body);
        s.activation->loops.pop_back();
        if (flow != Flow::next) return flow;
    }
    return Flow::next;
}

void Elaborator::run_yield(Scope& s, const text::Yield& n, Span where) {
    if (!s.scanning) {
        fail(error(code("E0305"), "`yield` belongs in a `scan`").at(where));
    } else if (s.yielded) {
        fail(error(code("E0305"), "a step yields once").at(where).helped("yield several values together: `yield a, b`"));
    } else {
        std::vector<Value> values;
        for (const auto& v : n.values) values.push_back(eval(s, *v));
        s.yielded = std::move(values);
    }
}

bool Elaborator::run_assert(Scope& s, const text::Assert& n, Span where) {
    if (testing_ && s.activation->kind == Activation::test) {
        check_assertion(s, *n.condition, n.message);
        return true;
    }
    const Value v = eval(s, *n.condition);
    if (v.poison()) return true;
    if (!v.is_number()) {
        fail(error(code("E0302"), "an `assert` outside of a test must be known when the program is compiled")
                 .at(n.condition->where, "this is " + describe(v)));
    } else if (v.number() == 0) {
        fail(error(code("E0304"), n.message ? *n.message : "assertion failed: `" + text::print(*n.condition) + "`").at(where));
        return false;
    }
    return true;
}

// What stands on both sides of `and` is asserted each for itself, so that the one which fails is seen.
void Elaborator::check_assertion(Scope& s, const text::Expr& condition, const std::optional<std::string>& message) {
    if (const auto* both = std::get_if<text::Binary>(&condition.node); both && both->op == text::Binary::logical_and) {
        check_assertion(s, *both->left, message);
        check_assertion(s, *both->right, message);
        return;
    }
    const Value v = eval(s, condition);
    if (v.poison()) return;
    const auto compared = std::exchange(compared_, {});
    ir::NodeId violations;
    if (v.is_number()) {
        violations = b_->fill(v.number() == 0, ir::Type::i32, {}, origin("assert"));
    } else {
        const Value all = reduce_all(s, "all", v, condition.where);
        const Value failed = all.poison() ? all : logical_not(s, all, condition.where);
        violations = failed.poison() ? ir::NodeId{} : node(convert(s, failed, ir::Type::i32, condition.where), condition.where);
        if (!violations) return;
    }
    add_check(message ? *message : "`" + text::print(condition) + "` does not hold", violations, condition.where);
    const auto* comparison = std::get_if<text::Compare>(&condition.node);
    const auto* call = std::get_if<text::Call>(&condition.node);
    const bool equality = comparison && comparison->operators == std::vector{text::Compare::equal};
    if (!compared || !scans_.empty() || compared->first.framed || (!equality && !(call && call->callee.text == "close"))) return;
    for (const auto& [name, side] : {std::pair{"left", compared->first}, std::pair{"right", compared->second}})
        b_->result(
            {ir::Result::value, name, b_->pointwise(side.expr->type, side.shape, side.expr, origin(name)), {}, condition.where});
}

}  // namespace dlc::elaborate

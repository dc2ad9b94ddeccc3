// What can be said of a declaration without knowing any shape: names that mean nothing, functions that do not exist, arguments
// that fit no parameter, bodies without a result.  It is said of every declaration, used or not.
//
// Static control flow is not decided here, so a name counts as defined once any branch or turn may define it.  What depends on more
// than that is left to elaboration, and so is a library file, which has tests of its own.
#include <algorithm>

#include "compiler/elaborate/elaborate.h"
#include "compiler/elaborate/misfits.h"
#include "compiler/elaborate/names.h"
#include "dsl/text/walk.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

/// What `f` and `f(…)` call; empty for other expressions.
text::Identifier called(const text::Expr& e) {
    if (const auto* name = std::get_if<text::Name>(&e.node)) return {name->text, e.where};
    if (const auto* call = std::get_if<text::Call>(&e.node)) return call->callee;
    return {};
}

/// Where an expression stands.
struct Place {
    std::set<std::string> indices;
    bool equation = false;  // every index is bound: by the left side or by a reduction
    bool whole = true;      // may be evaluated as a whole tensor, where an index that nothing binds is an axis of the result
};

class Reader {
public:
    Reader(const Module& m, source::Diagnostics& diagnostics) : m_(m), diagnostics_(diagnostics) {}

    void read(const text::Declaration& d) {
        values_.clear();
        functions_.clear();
        std::visit([&](const auto& n) { read(n); }, d.node);
    }

private:
    void report(source::Diagnostic d) { diagnostics_.report(std::move(d)); }

    // ------------------------------------------------------------------ declarations

    void read(const text::Import&) {}
    void read(const text::Train&) {}
    void read(const text::Study&) {}
    void read(const text::Test& t) { block(t.body); }

    void read(const text::Function& f) {
        parameters(f.parameters);
        if (f.value) {
            expression(*f.value, {});
            return adjoint(f);
        }
        block(*f.body);
        adjoint(f);
        bool returns = false;
        text::for_each_statement(*f.body,
                                 [&](const text::Stmt& s) { returns = returns || std::holds_alternative<text::Return>(s.node); });
        if (returns) return;
        for (const text::ResultName& r : f.results)
            if (!values_.contains(r.name.text)) report(result_never_defined(f, r));
        if (f.results.empty()) report(no_result(f));
    }

    // It sees what the body ends with.
    void adjoint(const text::Function& f) {
        if (!f.adjoint) return;
        const std::set<std::string> body = values_;
        for (const std::string& name : result_names(f)) values_.insert({name, "d_" + name});
        block(*f.adjoint);
        values_ = body;
    }

    void read(const text::Initializer& i) {
        parameters(i.parameters);
        expression(*i.value, {});
    }

    void read(const text::Optimizer& o) {
        parameters(o.parameters);
        values_.insert({"w", "g", "t"});
        block(o.body);
    }

    void read(const text::Model& m) {
        parameters(m.parameters);
        text::for_each_statement(m.body, [&](const text::Stmt& s) {
            if (const auto* port = std::get_if<text::Input>(&s.node)) sizes(port->type);
        });
        block(m.body);
    }

    // Sizes that the types bring, then the types' lower-case names and the defaults, which may use any of them.
    void parameters(const std::vector<text::Parameter>& list) {
        for (const text::Parameter& p : list) {
            values_.insert(p.name.text);
            if (is_function(p.type)) functions_.insert(p.name.text);
            sizes(p.type);
        }
        for (const text::Parameter& p : list) {
            if (p.type.dims)
                for (const text::Dim& d : *p.type.dims)
                    if (d.size)
                        names_in(*d.size, [&](const std::string& name, Span where) {
                            if (!values_.contains(name)) report(unknown_size(name, where, list));
                        });
            if (p.fallback) argument(p.type, *p.fallback, {});
        }
    }

    void sizes(const text::Type& type) {
        if (!type.dims) return;
        // The length of a list of statics may be named by any word.
        const bool list = is_static(type);
        for (const text::Dim& d : *type.dims) {
            if (d.name) values_.insert(d.name->text);
            if (d.size)
                names_in(*d.size, [&](const std::string& name, Span) {
                    if (list || is_size_name(name)) values_.insert(name);
                });
        }
    }

    // ------------------------------------------------------------------ statements

    void block(const text::Block& b) {
        for (const auto& s : b.statements) std::visit([&](const auto& n) { statement(n); }, s->node);
    }

    void statement(const text::Return& n) { all(n.values); }
    void statement(const text::Yield& n) { all(n.values); }
    void statement(const text::IfStmt& n) {
        expression(*n.condition, {});
        block(n.then);
        if (n.otherwise) block(*n.otherwise);
    }
    void statement(const text::For& n) {
        expression(*n.low, {});
        if (n.high) expression(*n.high, {});
        values_.insert(n.name.text);
        functions_.insert(n.name.text);  // it may run over a list of them
        // What one turn defines the next one sees.
        text::for_each_statement(n.body, [&](const text::Stmt& s) {
            if (const auto* a = std::get_if<text::Assign>(&s.node))
                for (const text::Identifier& name : a->names) values_.insert(name.text);
            if (const auto* e = std::get_if<text::Equation>(&s.node)) values_.insert(e->name.text);
            if (const auto* d = std::get_if<text::Definition>(&s.node)) values_.insert(d->name.text);
        });
        block(n.body);
    }
    void statement(const text::Assert& n) { expression(*n.condition, {}); }
    void statement(const text::Input& n) {
        sizes(n.type);
        values_.insert(n.name.text);
    }
    void statement(const text::Definition& n) {
        if (n.kind == text::Definition::shared)
            shared(*n.value);
        else
            expression(*n.value, {});
        values_.insert(n.name.text);
    }
    void statement(const text::Param& n) {
        text::for_each_part(text::Stmt{text::Param{n.name, n.type, {}}, {}}, [&](const text::Expr& size) { expression(size, {}); });
        if (n.initializer) initializer(*n.initializer);
        values_.insert(n.name.text);
    }
    void statement(const text::State& n) {
        if (n.initial) initializer(*n.initial);
        values_.insert(n.name.text);
    }
    void statement(const text::Update& n) { expression(*n.value, {}); }
    void statement(const text::Assign& n) {
        expression(*n.value, {});
        for (const text::Identifier& name : n.names) values_.insert(name.text);
    }

    void statement(const text::Equation& n) {
        Place place{{}, true, false};
        const std::function<void(const text::Expr&)> left = [&](const text::Expr& e) {
            if (const auto* name = std::get_if<text::Name>(&e.node)) {
                if (!is_size_name(name->text)) place.indices.insert(name->text);
            } else if (const auto* read = std::get_if<text::Read>(&e.node)) {
                for (const text::Item& item : read->items)
                    if (item.value) left(*item.value);
            } else {
                text::for_each_part(e, left);
            }
        };
        for (const text::Left& l : n.left) {
            if (l.bind && l.bind->name) place.indices.insert(l.bind->name->text);
            if (l.value) left(*l.value);
        }
        for (const text::Left& l : n.left) {
            if (l.bind && l.bind->bound) expression(*l.bind->bound, place);
            if (l.value) expression(*l.value, place);
        }
        for (const text::Bind& b : n.bounds)
            if (b.bound) expression(*b.bound, place);
        expression(*n.value, place);
        values_.insert(n.name.text);
    }

    void initializer(const text::Expr& e) {
        const auto* name = std::get_if<text::Name>(&e.node);
        const auto* call = std::get_if<text::Call>(&e.node);
        const text::Identifier callee = called(e);
        if (const Definition* d = m_.find(Space::initializer, callee.text)) {
            static const std::vector<text::Argument> none;
            return arguments(callee.text, d->parameters(), call ? call->arguments : none, nullptr, e.where, {});
        }
        if (name && !values_.contains(callee.text) && callee.text != "inf" && callee.text != "pi" &&
            !is_known_function(callee.text))
            return report(unknown_initializer(m_, callee));
        if (name) return;
        if (call && !is_known_function(callee.text) && !m_.find(Space::function, callee.text))
            return report(unknown_initializer(m_, callee));
        expression(e, {});
    }

    void shared(const text::Expr& e) {
        if (!called(e).text.empty()) function(e);
    }

    // ------------------------------------------------------------------ expressions

    void all(const std::vector<text::ExprRef>& list) {
        for (const text::ExprRef& e : list) expression(*e, {});
    }

    void expression(const text::Expr& e, const Place& place) {
        if (const auto* n = std::get_if<text::Name>(&e.node)) return name(n->text, e.where, place);
        if (const auto* n = std::get_if<text::Call>(&e.node)) return call(n->callee, n->arguments, nullptr, e.where, place);
        if (const auto* n = std::get_if<text::Pipe>(&e.node)) {
            static const std::vector<text::Argument> none;
            return call(n->callee, n->arguments ? *n->arguments : none, &*n->operand, e.where, place);
        }
        if (const auto* n = std::get_if<text::Reduce>(&e.node)) return reduce(*n, place);
        if (const auto* n = std::get_if<text::Read>(&e.node)) {
            Place base = place;
            if (!std::holds_alternative<text::Name>(n->base->node)) base.whole = true;
            expression(*n->base, base);
            for (const text::Item& item : n->items)
                for (const text::ExprRef* part : {&item.value, &item.low, &item.high, &item.step})
                    if (*part) expression(**part, place);
            if (n->otherwise) expression(*n->otherwise, place);
            return;
        }
        if (const auto* n = std::get_if<text::Scan>(&e.node)) return scan(*n);
        text::for_each_part(e, [&](const text::Expr& part) { expression(part, place); });
    }

    // What a step defines is gone after it.
    void scan(const text::Scan& n) {
        for (const text::ScanSource& source : n.sources) {
            expression(*source.low, {});
            if (source.high) expression(*source.high, {});
        }
        for (const text::ScanCarry& carry : n.carries) expression(*carry.initial, {});
        const std::set<std::string> outside = values_;
        for (const text::ScanSource& source : n.sources) values_.insert(source.name.text);
        for (const text::ScanCarry& carry : n.carries)
            if (carry.name.text != "truncate") values_.insert(carry.name.text);
        block(n.body);
        values_ = outside;
    }

    void name(const std::string& name, Span where, const Place& place) {
        if (values_.contains(name) || place.indices.contains(name) || name == "training" || name == "inf" || name == "pi") return;
        std::vector<std::string> visible(values_.begin(), values_.end());
        visible.insert(visible.end(), place.indices.begin(), place.indices.end());
        report(unknown_name(m_, name, where, visible, place.equation));
    }

    void call(const text::Identifier& callee, const std::vector<text::Argument>& list, const text::Expr* piped, Span where,
              const Place& place) {
        Place inner = place;
        inner.whole = true;
        // A shared instance, a function that was given, or it is said later.
        if (functions_.contains(callee.text) || (values_.contains(callee.text) && !m_.find(Space::function, callee.text))) {
            if (piped) expression(*piped, inner);
            for (const text::Argument& a : list) expression(*a.value, inner);
            return;
        }
        std::vector<const Definition*> several;
        if (const Definition* f = m_.find(Space::function, callee.text, &several))
            return several.empty() ? arguments(callee.text, f->parameters(), list, piped, where, inner) : void();
        if (!is_known_function(callee.text)) return report(unknown_function(m_, callee, false));
        for (source::Diagnostic& d : misfits(callee.text, passed(list, piped), where)) report(std::move(d));
        if (piped) expression(*piped, inner);
        std::size_t position = piped ? 1 : 0;
        for (const text::Argument& a : list) {
            const Wanted what = wanted(callee.text, a.name, a.name ? 0 : position++);
            if (what == Wanted::optimizer)
                optimizer(*a.value);
            else if (what == Wanted::function)
                function(*a.value);
            else
                expression(*a.value, inner);
        }
    }

    void optimizer(const text::Expr& e) {
        const text::Identifier callee = called(e);
        const Definition* d = m_.find(Space::optimizer, callee.text);
        if (!callee.text.empty() && !d) return report(unknown_optimizer(m_, callee));
        if (const auto* call = std::get_if<text::Call>(&e.node))
            arguments(callee.text, d->parameters(), call->arguments, nullptr, e.where, {});
    }

    static std::vector<Passed> passed(const std::vector<text::Argument>& list, const text::Expr* piped) {
        std::vector<Passed> given;
        if (piped) given.push_back({{}, piped->where});
        for (const text::Argument& a : list) given.push_back({a.name, a.value->where});
        return given;
    }

    void arguments(const std::string& callee, const std::vector<text::Parameter>& parameters,
                   const std::vector<text::Argument>& list, const text::Expr* piped, Span where, const Place& place) {
        std::size_t position = 0;
        if (piped) argument(parameters, {}, position, *piped, place);
        for (const text::Argument& a : list) argument(parameters, a.name, position, *a.value, place);
        for (source::Diagnostic& d : misfits(callee, parameters, passed(list, piped), where)) report(std::move(d));
    }

    void argument(const std::vector<text::Parameter>& parameters, const std::optional<text::Identifier>& name,
                  std::size_t& position, const text::Expr& e, const Place& place) {
        const auto it = name ? std::ranges::find(parameters, name->text, [](const text::Parameter& p) { return p.name.text; })
                             : parameters.begin() + static_cast<std::ptrdiff_t>(std::min(position++, parameters.size()));
        if (it != parameters.end())
            argument(it->type, e, place);
        else
            expression(e, place);
    }

    void argument(const text::Type& type, const text::Expr& e, const Place& place) {
        if (is_function(type))
            function(e);
        else
            expression(e, place);
    }

    // A function as a value: its name, or a call without the first arguments.
    void function(const text::Expr& e) {
        if (const auto* list = std::get_if<text::List>(&e.node)) {
            for (const text::ExprRef& item : list->items) function(*item);
        } else if (const auto* choice = std::get_if<text::If>(&e.node)) {
            expression(*choice->condition, {});
            function(*choice->then);
            function(*choice->otherwise);
        } else if (const text::Identifier callee = called(e); callee.text.empty()) {
            expression(e, {});
        } else {
            const Definition* f = m_.find(Space::function, callee.text);
            if (!f && !values_.contains(callee.text) && !is_known_function(callee.text))
                return report(unknown_function(m_, callee, false));
            const auto* call = std::get_if<text::Call>(&e.node);
            if (!call) return;
            static const std::vector<text::Parameter> none;
            const auto& parameters = f ? f->parameters() : none;
            std::size_t position = left_out(parameters);
            for (const text::Argument& a : call->arguments) argument(parameters, a.name, position, *a.value, {});
        }
    }

    void reduce(const text::Reduce& n, const Place& place) {
        if (!is_known_function(n.callee.text) && !m_.find(Space::function, n.callee.text) && !functions_.contains(n.callee.text))
            return report(unknown_function(m_, n.callee, values_.contains(n.callee.text)));
        Place inner = place;
        inner.equation = true;
        for (const text::Bind& b : n.binds) {
            if (b.name) inner.indices.insert(b.name->text);
            if (b.bound) expression(*b.bound, place);
        }
        // A whole-tensor reduction makes an axis of every index that nothing binds.
        if (place.whole) {
            const std::function<void(const text::Expr&)> position = [&](const text::Expr& e) {
                if (const auto* name = std::get_if<text::Name>(&e.node);
                    name && !is_size_name(name->text) && !values_.contains(name->text))
                    inner.indices.insert(name->text);
                if (std::holds_alternative<text::Unary>(e.node) || std::holds_alternative<text::Binary>(e.node))
                    text::for_each_part(e, position);
            };
            const auto look = [&](const text::Expr& e) {
                if (const auto* read = std::get_if<text::Read>(&e.node))
                    for (const text::Item& item : read->items)
                        if (item.value) position(*item.value);
            };
            text::for_each_inside(*n.body, look);
            for (const text::Condition& c : n.conditions) text::for_each_inside(*c.value, look);
        }
        for (const text::Condition& c : n.conditions) expression(*c.value, inner);
        expression(*n.body, inner);
        const Definition* f = m_.find(Space::function, n.callee.text);
        static const std::vector<text::Parameter> none;
        std::size_t position = 1;
        for (const text::Argument& a : n.arguments) argument(f ? f->parameters() : none, a.name, position, *a.value, place);
    }

    const Module& m_;
    source::Diagnostics& diagnostics_;
    std::set<std::string> values_, functions_;
};

}  // namespace

void check_declarations(const Program& program, source::Diagnostics& diagnostics) {
    program.for_each_module([&](const Module& m) {
        if (m.library) return;
        Reader reader(m, diagnostics);
        for (const text::Declaration& d : m.ast.declarations) reader.read(d);
    });
}

}  // namespace dlc::elaborate

#include "dsl/text/walk.h"

namespace dlc::text {

namespace {

using See = std::function<void(const Expr&)>;

void part(const ExprRef& e, const See& see) {
    if (e) see(*e);
}

void parts(const std::vector<ExprRef>& list, const See& see) {
    for (const ExprRef& e : list) see(*e);
}

void parts(const std::vector<Bind>& binds, const See& see) {
    for (const Bind& b : binds) part(b.bound, see);
}

void parts(const std::vector<Argument>& arguments, const See& see) {
    for (const Argument& a : arguments) see(*a.value);
}

void parts(const Type& type, const See& see) {
    if (!type.dims) return;
    for (const Dim& d : *type.dims) part(d.size, see);
}

struct InsideExpr {
    const See& see;
    void operator()(const Number&) const {}
    void operator()(const String&) const {}
    void operator()(const Bool&) const {}
    void operator()(const Name&) const {}
    void operator()(const List& n) const { parts(n.items, see); }
    void operator()(const Unary& n) const { see(*n.operand); }
    void operator()(const Binary& n) const {
        see(*n.left);
        see(*n.right);
    }
    void operator()(const Compare& n) const { parts(n.operands, see); }
    void operator()(const If& n) const {
        see(*n.condition);
        see(*n.then);
        see(*n.otherwise);
    }
    void operator()(const Call& n) const { parts(n.arguments, see); }
    void operator()(const Pipe& n) const {
        see(*n.operand);
        if (n.arguments) parts(*n.arguments, see);
    }
    void operator()(const Reduce& n) const {
        parts(n.binds, see);
        for (const Condition& c : n.conditions) see(*c.value);
        see(*n.body);
        parts(n.arguments, see);
    }
    void operator()(const Read& n) const {
        see(*n.base);
        for (const Item& item : n.items)
            for (const ExprRef* e : {&item.value, &item.low, &item.high, &item.step}) part(*e, see);
        part(n.otherwise, see);
    }
    void operator()(const Scan& n) const {
        for (const ScanSource& s : n.sources) {
            part(s.low, see);
            part(s.high, see);
        }
        for (const ScanCarry& c : n.carries) see(*c.initial);
    }
};

struct InsideStmt {
    const See& see;
    void operator()(const Return& n) const { parts(n.values, see); }
    void operator()(const Yield& n) const { parts(n.values, see); }
    void operator()(const IfStmt& n) const { see(*n.condition); }
    void operator()(const For& n) const {
        see(*n.low);
        part(n.high, see);
    }
    void operator()(const Assert& n) const { see(*n.condition); }
    void operator()(const Input& n) const { parts(n.type, see); }
    void operator()(const Definition& n) const { see(*n.value); }
    void operator()(const Param& n) const {
        parts(n.type, see);
        part(n.initializer, see);
    }
    void operator()(const State& n) const {
        if (n.type) parts(*n.type, see);
        part(n.initial, see);
    }
    void operator()(const Update& n) const { see(*n.value); }
    void operator()(const Assign& n) const { see(*n.value); }
    void operator()(const Equation& n) const {
        for (const Left& l : n.left) {
            if (l.bind) part(l.bind->bound, see);
            part(l.value, see);
        }
        parts(n.bounds, see);
        see(*n.value);
    }
};

}  // namespace

void for_each_part(const Expr& e, const See& see) { std::visit(InsideExpr{see}, e.node); }
void for_each_part(const Stmt& s, const See& see) { std::visit(InsideStmt{see}, s.node); }

void for_each_statement(const Block& block, const std::function<void(const Stmt&)>& see) {
    for (const auto& statement : block.statements) {
        see(*statement);
        if (const auto* branch = std::get_if<IfStmt>(&statement->node)) {
            for_each_statement(branch->then, see);
            if (branch->otherwise) for_each_statement(*branch->otherwise, see);
        }
        if (const auto* loop = std::get_if<For>(&statement->node)) for_each_statement(loop->body, see);
    }
}

void for_each_inside(const Expr& e, const See& see) {
    see(e);
    for_each_part(e, [&](const Expr& part) { for_each_inside(part, see); });
}

}  // namespace dlc::text

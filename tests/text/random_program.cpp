#include "random_program.h"

namespace dlc::text {

std::string RandomProgram::word() {
    static const char* const kWords[] = {"x",     "y",     "weight",  "K",      "Batch", "h0", "_private", "max",
                                         "min",   "input", "target",  "output", "loss",  "fn", "model",    "train",
                                         "param", "state", "adjoint", "vary",   "test",  "e1", "f",        "running_mean"};
    return kWords[number(std::size(kWords))];
}

std::string RandomProgram::string() {
    static const char* const kStrings[] = {"",          "std/nn",       "say \"so\"", "back\\slash", "two\nlines",
                                           "tab\there", "# no comment", "naïve ∑",    "{[("};
    return kStrings[number(std::size(kStrings))];
}

ExprRef RandomProgram::expression(int depth) {
    Expr e = node(depth);
    expressions.insert(e.node.index());
    return e;
}

Expr RandomProgram::node(int depth) {
    const auto sub = [&] { return expression(depth - 1); };
    switch (depth > 0 ? number(14) : number(4)) {
        case 0: {
            static const Number kNumbers[] = {{3, true, "3"},
                                              {0.5, false, "0.5"},
                                              {1e-3, false, "1e-3"},
                                              {2e5, false, "2E+5"},
                                              {7, true, {}},
                                              {0.1, false, {}},
                                              {1e300, false, {}},
                                              {4, false, {}},
                                              {1e22, false, {}},
                                              {0, true, "000"},
                                              {9007199254740992.0, true, {}},
                                              {5e-324, false, {}}};
            return {kNumbers[number(std::size(kNumbers))], {}};
        }
        case 1: return {Name{word()}, {}};
        case 2: return {Bool{chance(50)}, {}};
        case 3: return {String{string()}, {}};
        case 4: return {List{some(0, 4, sub)}, {}};
        case 5: return {Unary{chance(50) ? Unary::negate : Unary::logical_not, sub()}, {}};
        case 6:
        case 7: {
            const auto op = static_cast<Binary::Op>(number(9));
            return {Binary{op, sub(), sub()}, {}};
        }
        case 8: {
            Compare c{{}, {sub()}};
            for (int i = number(2) + 1; i > 0; --i) {
                c.operators.push_back(static_cast<Compare::Op>(number(6)));
                c.operands.push_back(sub());
            }
            return {std::move(c), {}};
        }
        case 9: return {If{sub(), sub(), sub()}, {}};
        case 10: return {Call{name(), some(0, 3, [&] { return argument(depth - 1); })}, {}};
        case 11:
            if (chance(60))
                return {Reduce{name(), some(1, 3, [&] { return bind(depth - 1, false); }),
                               some(0, 2,
                                    [&] {
                                        return Condition{chance(40), sub()};
                                    }),
                               sub(), some(0, 2, [&] { return argument(depth - 1); })},
                        {}};
            return {Read{sub(), some(0, 3, [&] { return item(depth - 1); }), maybe(depth - 1)}, {}};
        case 12: {
            Pipe pipe{sub(), name(), {}};
            if (chance(60)) pipe.arguments = some(0, 3, [&] { return argument(depth - 1); });
            return {std::move(pipe), {}};
        }
        default:
            return {Scan{some(1, 2,
                              [&] {
                                  return ScanSource{name(), sub(), maybe(depth - 1)};
                              }),
                         some(1, 2,
                              [&] {
                                  return ScanCarry{name(), sub()};
                              }),
                         block(depth - 1)},
                    {}};
    }
}

Type RandomProgram::type(int depth) {
    Type out{{chance(70) ? "f" : word(), {}}, {}, {}};
    if (chance(70))
        out.dims = some(0, 3, [&] {
            Dim dim;
            dim.pack = chance(40);
            if (!dim.pack)
                dim.size = expression(depth - 1);
            else if (chance(50))
                dim.name = name();
            return dim;
        });
    return out;
}

Argument RandomProgram::argument(int depth) { return {chance(40) ? std::optional(name()) : std::nullopt, expression(depth)}; }

Bind RandomProgram::bind(int depth, bool pack_may_be_nameless) {
    Bind out;
    out.pack = chance(40);
    if (out.pack && pack_may_be_nameless && chance(40)) return out;
    out.name = name();
    out.bound = maybe(depth);
    return out;
}

Item RandomProgram::item(int depth) {
    switch (number(3)) {
        case 0: return {Item::index, expression(depth), {}, {}, {}, {}};
        case 1: return {Item::pack, maybe(depth), {}, {}, {}, {}};
        default: return {Item::slice, {}, maybe(depth), maybe(depth), maybe(depth), {}};
    }
}

Left RandomProgram::left(int depth) {
    if (chance(60)) return {bind(depth, true), {}};
    return {{}, expression(depth)};
}

Block RandomProgram::block(int depth) {
    return {some(0, depth > 0 ? 3 : 1, [&] { return statement(depth); }), {}};
}

Ref<Stmt> RandomProgram::statement(int depth) {
    const auto sub = [&] { return expression(depth - 1); };
    const auto make = [&]() -> Stmt {
        switch (number(depth > 0 ? 12 : 9)) {
            case 0: return {Return{some(1, 3, sub)}, {}};
            case 1: return {Yield{some(1, 3, sub)}, {}};
            case 2: return {Update{name(), sub()}, {}};
            case 3: return {Input{chance(50), name(), type(depth)}, {}};
            case 4: return {Definition{static_cast<Definition::Kind>(number(4)), name(), sub()}, {}};
            case 5: return {Param{name(), type(depth), maybe(depth - 1)}, {}};
            case 6: return {State{name(), chance(50) ? std::optional(type(depth)) : std::nullopt, sub()}, {}};
            case 7: return {Assign{some(1, 3, [&] { return name(); }), sub()}, {}};
            case 8: return {Assert{sub(), chance(50) ? std::optional(string()) : std::nullopt}, {}};
            case 9: {
                IfStmt out{sub(), block(depth - 1), {}};
                if (chance(60)) out.otherwise = block(depth - 1);
                return {std::move(out), {}};
            }
            case 10: return {For{name(), sub(), maybe(depth - 1), block(depth - 1)}, {}};
            default: {
                Equation out{static_cast<Equation::Op>(number(4)), name(), some(0, 3, [&] { return left(depth - 1); }), {}, sub()};
                for (int i = number(3); i > 0; --i) out.bounds.push_back({chance(40), name(), sub(), {}});
                return {std::move(out), {}};
            }
        }
    };
    Stmt out = make();
    statements.insert(out.node.index());
    return out;
}

Parameter RandomProgram::parameter() { return {name(), type(1), maybe(1), {}}; }
Setting RandomProgram::setting() { return {name(), expression(2)}; }

Declaration RandomProgram::declaration() {
    static const char* const kDocs[] = {"",           "",       "One line.", "Two lines,\nthe second.", "A gap\n\nin between",
                                        "  indented", "# sharp"};
    const auto parameters = [&] { return some(0, 4, [&] { return parameter(); }); };
    const auto make = [&]() -> decltype(Declaration::node) {
        switch (number(8)) {
            case 0: return Import{string()};
            case 1: {
                Function out;
                out.layer = chance(50);
                out.name = name();
                out.parameters = parameters();
                out.results = some(0, 2, [&] { return ResultName{name(), chance(40) ? std::optional(type(1)) : std::nullopt}; });
                if (chance(50))
                    out.value = expression(3);
                else
                    out.body = block(3);
                if (chance(30)) out.adjoint = block(2);
                return out;
            }
            case 2: return Initializer{name(), parameters(), expression(3)};
            case 3: return Optimizer{name(), parameters(), block(3)};
            case 4: return Model{name(), parameters(), block(3)};
            case 5: return Train{some(0, 3, [&] { return setting(); })};
            case 6: {
                Study out{name(), {}};
                out.entries.resize(number(4));
                for (auto& entry : out.entries) {
                    if (chance(50)) {
                        entry.emplace<Setting>(setting());
                        continue;
                    }
                    auto& list = entry.emplace<std::vector<Vary>>(number(2) + 1);
                    for (Vary& vary : list) vary = {some(1, 3, [&] { return name(); }), expression(1)};
                }
                return out;
            }
            default: return Test{string(), block(3)};
        }
    };
    Declaration out{make(), kDocs[number(std::size(kDocs))], {}};
    declarations.insert(out.node.index());
    return out;
}

File RandomProgram::file() {
    return {some(1, 4, [&] { return declaration(); })};
}

}  // namespace dlc::text

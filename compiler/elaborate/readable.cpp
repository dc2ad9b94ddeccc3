// Builds the syntax tree node for node and leaves the layout to the printer.  Indices and tensors share one namespace in the
// language, so index letters avoid every tensor's name.
#include "compiler/elaborate/readable.h"

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "compiler/ir/text.h"
#include "dsl/source/diagnostic.h"

namespace dlc::elaborate {
namespace {

using namespace text;

const std::set<std::string, std::less<>> kReserved{"if",     "then",   "else",  "for",  "in",   "and",  "or",
                                                   "not",    "return", "yield", "scan", "with", "true", "false",
                                                   "assert", "inf",    "pi",    "f",    "w",    "g",    "t"};

Identifier identifier(std::string text) { return {std::move(text), {}}; }
ExprRef make(auto node) { return Expr{std::move(node), {}}; }
ExprRef name(const std::string& text) { return make(Name{text}); }

ExprRef number(double value) {
    if (std::isnan(value)) return make(Binary{Binary::subtract, name("inf"), name("inf")});
    if (std::isinf(value)) return value > 0 ? name("inf") : make(Unary{Unary::negate, name("inf")});
    if (std::signbit(value) && value != 0) return make(Unary{Unary::negate, number(-value)});
    const bool integer = value == std::floor(value) && value <= 9007199254740992.0;
    std::string spelling;
    if (integer) {
        spelling = std::to_string(std::int64_t(value));
    } else {
        for (int digits = 1; digits <= 17; ++digits) {
            char buffer[40];
            std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
            spelling = buffer;
            if (std::strtod(buffer, nullptr) == value) break;
        }
    }
    return make(Number{value, integer, spelling});
}

ExprRef call(const std::string& callee, std::vector<ExprRef> arguments) {
    Call c{identifier(callee), {}};
    for (ExprRef& a : arguments) c.arguments.push_back({std::nullopt, std::move(a)});
    return make(std::move(c));
}

class Writer {
public:
    Writer(const ir::Graph& graph, const std::string& function) : graph_(&graph), function_(function) { find_reals(graph); }

    File write() {
        choose_names();
        Function f;
        f.name = identifier(function_);
        f.body.emplace();
        for (std::uint32_t i = 0; i < graph_->size(); ++i) {
            const ir::Node& node = graph_->nodes()[i];
            if (node.leaf()) {
                f.parameters.push_back({identifier(names_[i]), type(node.type, node.shape), {}, {}});
            } else {
                statement(f.body->statements, i);
            }
        }
        for (std::size_t i = 0; i < graph_->results().size(); ++i) {
            const ir::Result& result = graph_->results()[i];
            if (result.kind == ir::Result::check) continue;
            f.results.push_back({identifier(result_names_[i]), {}});
            const std::string& source = names_[result.node.value];
            if (source != result_names_[i])
                f.body->statements.push_back(Stmt{Assign{{identifier(result_names_[i])}, name(source)}, {}});
        }
        File file;
        file.declarations.push_back({std::move(f), {}, {}});
        return file;
    }

private:
    void find_reals(const ir::Graph& graph) {
        for (const ir::Node& node : graph.nodes()) {
            if (ir::is_real(node.type)) reals_.insert(node.type);
            if (node.scan()) find_reals(*node.scan()->body);
        }
    }

    std::string unique(const std::string& wanted) {
        std::string base;
        for (char c : std::string_view(wanted).substr(wanted.starts_with('.')))
            base += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
        if (base.empty() || !std::islower(static_cast<unsigned char>(base[0]))) base = "v_" + base;
        std::string candidate = base;
        for (int n = 2; kReserved.contains(candidate) || !taken_.insert(candidate).second; ++n)
            candidate = base + "_" + std::to_string(n);
        return candidate;
    }

    void choose_names() {
        names_.resize(graph_->size());
        result_names_.resize(graph_->results().size());
        for (std::uint32_t i = 0; i < graph_->size(); ++i)
            if (const ir::Leaf* leaf = graph_->nodes()[i].leaf()) names_[i] = unique(leaf->name);
        for (std::size_t i = 0; i < graph_->results().size(); ++i) {
            const ir::Result& result = graph_->results()[i];
            if (result.kind == ir::Result::check) continue;
            result_names_[i] = unique(result.kind == ir::Result::update ? "new_" + result.name : result.name);
            if (names_[result.node.value].empty()) names_[result.node.value] = result_names_[i];
        }
        for (std::uint32_t i = 0; i < graph_->size(); ++i) {
            if (!names_[i].empty()) continue;
            const std::string& origin = graph_->nodes()[i].origin.name;
            names_[i] = unique(origin.empty() ? "v" + std::to_string(i) : origin);
        }
        name_loops(*graph_);
        // Letters in the order mathematics uses them, then numbered ones.
        for (const char* letter :
             {"i", "j", "k", "l", "m", "n", "p", "q", "r", "s", "u", "v", "x", "y", "z", "a", "b", "c", "d", "e", "h", "o"})
            if (!taken_.contains(letter)) letters_.push_back(letter);
        for (int n = 0; n < 32; ++n) letters_.push_back(unique("i" + std::to_string(n)));
    }

    /// Names inside a loop: of the body's nodes, of what a carry held before the step, of the sequences the other way round.
    struct LoopNames {
        std::vector<std::string> nodes;
        std::map<ir::NodeId, std::string> before;
        std::map<ir::NodeId, std::string> turned;  // by leaf
        std::vector<std::string> stacks;           // of the values, where the loop gives them in another form
        std::string step;
    };
    void name_loops(const ir::Graph& graph) {
        for (std::uint32_t id = 0; id < graph.size(); ++id) {
            const ir::Scan* scan = graph[ir::NodeId{id}].scan();
            if (!scan) continue;
            LoopNames names;
            const ir::Graph& body = *scan->body;
            names.nodes.resize(body.size());
            names.step = unique("step");
            for (std::uint32_t k = 0; k < body.size(); ++k) {
                const ir::Node& node = body.nodes()[k];
                const ir::Leaf* leaf = node.leaf();
                if (leaf && leaf->kind == ir::LeafKind::input) continue;  // named outside
                const std::string base = node.origin.name.empty() ? "v" + std::to_string(k) : node.origin.name;
                names.nodes[k] = unique(base);
                if (leaf && leaf->kind == ir::LeafKind::carry) names.before[ir::NodeId{k}] = unique("old_" + base);
                if (leaf && leaf->kind == ir::LeafKind::slice && scan->backwards)
                    names.turned[ir::NodeId{k}] = unique("turned_" + base);
            }
            for (std::uint32_t k = id; k < graph.size(); ++k) {
                const ir::Node& member = graph[ir::NodeId{k}];
                if (!same_loop(graph[ir::NodeId{id}], member)) continue;
                const bool last = member.scan()->last;
                names.stacks.push_back(last              ? unique("steps_" + member.origin.name)
                                       : scan->backwards ? unique("turned_" + member.origin.name)
                                                         : "");
            }
            loops_.emplace(std::pair(&graph, id), std::move(names));
            name_loops(body);
        }
    }

    /// Where all reals are of one type they are the model's, `f`, whichever that is.
    std::string element(ir::Type type) const { return ir::is_real(type) && reals_.size() == 1 ? "f" : std::string(ir::name(type)); }

    Type type(ir::Type of, const ir::Shape& shape) const {
        Type t{identifier(element(of)), {}, {}};
        if (shape.empty()) return t;
        t.dims.emplace();
        for (std::int64_t extent : shape) t.dims->push_back({false, {}, number(double(extent)), {}});
        return t;
    }

    const std::string& letter(ir::Var v) const { return letters_.at(v); }

    ExprRef index(const ir::Index& position) {
        ExprRef sum;
        auto append = [&](ExprRef term, bool negative) {
            if (!sum) {
                sum = negative ? make(Unary{Unary::negate, term}) : term;
            } else {
                sum = make(Binary{negative ? Binary::subtract : Binary::add, sum, term});
            }
        };
        for (const auto& term : position.terms()) {
            const std::int64_t c = term.coefficient;
            ExprRef factor = atom(term.atom);
            if (std::abs(c) != 1) factor = make(Binary{Binary::multiply, number(double(std::abs(c))), factor});
            append(factor, c < 0);
        }
        if (position.constant() != 0 || !sum) append(number(double(std::abs(position.constant()))), position.constant() < 0);
        return sum;
    }

    ExprRef atom(const ir::Atom& a) {
        switch (a.kind) {
            case ir::Atom::variable: return name(letter(a.var));
            case ir::Atom::div: return make(Binary{Binary::floor_divide, index(a.dividend()), number(double(a.modulus))});
            case ir::Atom::mod: return make(Binary{Binary::modulo, index(a.dividend()), number(double(a.modulus))});
            case ir::Atom::get: return read(a.tensor, a.at(), {});
        }
        return {};
    }

    ExprRef read(ir::NodeId tensor, const std::vector<ir::Index>& at, ExprRef otherwise) {
        const ExprRef base = name(names_[tensor.value]);
        if (at.empty()) return base;
        Read r{base, {}, std::move(otherwise)};
        for (const ir::Index& i : at) r.items.push_back({Item::index, index(i), {}, {}, {}, {}});
        return make(std::move(r));
    }

    ExprRef condition(const ir::Predicate& p) {
        const Compare::Op op = p.kind == ir::Predicate::ge   ? Compare::greater_equal
                               : p.kind == ir::Predicate::eq ? Compare::equal
                                                             : Compare::not_equal;
        return make(Compare{{op}, {index(p.index), number(0)}});
    }

    ExprRef expression(const ir::Expr& e) {
        if (auto known = memo_.find(e->digest); known != memo_.end()) return known->second;
        return memo_[e->digest] = expression_of(e);
    }

    ExprRef expression_of(const ir::Expr& e) {
        using Node = ir::ExprNode;
        switch (e->kind) {
            case Node::constant:
                if (e->type == ir::Type::boolean) return make(Bool{e->value != 0});
                return number(e->value);
            case Node::index: return index(e->position);
            case Node::read: return read(e->tensor, e->at, e->otherwise ? expression(e->otherwise) : ExprRef{});
            case Node::call: break;
        }
        std::vector<ExprRef> args;
        for (const ir::Expr& a : e->args) args.push_back(expression(a));
        static const std::map<std::string_view, Binary::Op> kBinary{
            {"add", Binary::add},    {"sub", Binary::subtract},          {"mul", Binary::multiply},
            {"div", Binary::divide}, {"floordiv", Binary::floor_divide}, {"mod", Binary::modulo},
            {"pow", Binary::power},  {"and", Binary::logical_and},       {"or", Binary::logical_or}};
        static const std::map<std::string_view, Compare::Op> kCompare{{"lt", Compare::less},    {"le", Compare::less_equal},
                                                                      {"gt", Compare::greater}, {"ge", Compare::greater_equal},
                                                                      {"eq", Compare::equal},   {"ne", Compare::not_equal}};
        const std::string_view scalar = e->scalar->name;
        if (auto op = kBinary.find(scalar); op != kBinary.end()) return make(Binary{op->second, args[0], args[1]});
        if (auto op = kCompare.find(scalar); op != kCompare.end()) return make(Compare{{op->second}, {args[0], args[1]}});
        if (scalar == "neg") return make(Unary{Unary::negate, args[0]});
        if (scalar == "not") return make(Unary{Unary::logical_not, args[0]});
        if (scalar == "select") return make(If{args[0], args[1], args[2]});
        if (scalar == "cast")
            return call(ir::is_real(e->type) && reals_.size() == 1 ? "float" : std::string(ir::name(e->type)), args);
        return call(std::string(scalar), std::move(args));
    }

    // Variables whose range the reader of the program finds without a bound: they stand alone in a read that has no `else`.
    std::set<ir::Var> bare(const ir::Equation& equation, const ir::Shape& extents) {
        std::set<ir::Var> found;
        for (const ir::Expr& r : ir::reads(equation.body)) {
            if (r->otherwise) continue;
            const ir::Shape& shape = (*graph_)[r->tensor].shape;
            for (std::size_t d = 0; d < r->at.size(); ++d)
                if (auto v = r->at[d].as_variable(); v && shape[d] == extents[*v]) found.insert(*v);
        }
        return found;
    }

    Bind bind(ir::Var v, const ir::Shape& extents, const std::set<ir::Var>& known) {
        return {false, identifier(letter(v)), known.contains(v) ? ExprRef{} : number(double(extents[v])), {}};
    }

    void statement(std::vector<Ref<Stmt>>& out, std::uint32_t id) {
        const ir::Node& node = graph_->nodes()[id];
        memo_.clear();
        if (const ir::Constant* constant = node.constant()) {
            std::size_t at = 0;
            out.push_back(Stmt{Assign{{identifier(names_[id])}, list(*constant, node.shape, 0, at)}, {}});
        } else if (const ir::Library* library = node.library()) {
            std::vector<ExprRef> arguments;
            for (ir::NodeId input : library->inputs) arguments.push_back(name(names_[input.value]));
            out.push_back(Stmt{Assign{{identifier(names_[id])}, call(library->operation, std::move(arguments))}, {}});
        } else if (node.scan()) {
            loop(out, id);
        } else {
            equation(out, id);
        }
    }

    /// `target[i, …] = source[steps - 1 - i, …]`.
    void turn(std::vector<Ref<Stmt>>& out, const std::string& target, const std::string& source, const ir::Shape& shape) {
        Read r{name(source), {}, {}};
        Equation statement{Equation::define, identifier(target), {}, {}, {}};
        for (ir::Var v = 0; v < shape.size(); ++v) {
            const ir::Index at = v == 0 ? ir::Index(shape[0] - 1) - ir::Index::variable(0) : ir::Index::variable(v);
            r.items.push_back({Item::index, index(at), {}, {}, {}, {}});
            statement.left.push_back({Bind{false, identifier(letter(v)), number(double(shape[v])), {}}, {}});
        }
        statement.value = make(std::move(r));
        out.push_back(Stmt{std::move(statement), {}});
    }

    // A loop is one statement for all its values.  One that runs backwards runs forwards over sequences that were turned round.
    void loop(std::vector<Ref<Stmt>>& out, std::uint32_t id) {
        const ir::Scan& scan = *graph_->nodes()[id].scan();
        std::vector<std::uint32_t> members;
        for (std::uint32_t k = 0; k < graph_->size(); ++k)
            if (same_loop(graph_->nodes()[id], graph_->nodes()[k])) members.push_back(k);
        if (members.front() != id) return;
        LoopNames& names = loops_.at({graph_, id});
        const ir::Graph& body = *scan.body;

        Scan loop;
        std::size_t input = 0;
        for (std::uint32_t k = 0; k < body.size(); ++k) {
            const ir::Leaf* leaf = body.nodes()[k].leaf();
            if (!leaf) continue;
            const ir::NodeId outer = scan.inputs[input++];
            const std::string& given = names_[outer.value];
            if (leaf->kind == ir::LeafKind::input) names.nodes[k] = given;
            if (leaf->kind == ir::LeafKind::carry) loop.carries.push_back({identifier(names.nodes[k]), name(given)});
            if (leaf->kind != ir::LeafKind::slice) continue;
            const auto turned = names.turned.find(ir::NodeId{k});
            if (turned != names.turned.end()) turn(out, turned->second, given, (*graph_)[outer].shape);
            loop.sources.push_back({identifier(names.nodes[k]), name(turned == names.turned.end() ? given : turned->second), {}});
        }
        if (loop.sources.empty()) loop.sources.push_back({identifier(names.step), number(0), number(double(scan.steps))});
        if (loop.carries.empty()) loop.carries.push_back({identifier(names.step), number(0)});

        const ir::Graph* const around = std::exchange(graph_, &body);
        std::swap(names_, names.nodes);
        std::vector<Ref<Stmt>>& inside = loop.body.statements;
        for (std::uint32_t k = 0; k < body.size(); ++k)
            if (!body.nodes()[k].leaf()) statement(inside, k);
        // What a carry held is asked for under another name, since the carry is given its next value.
        std::set<ir::NodeId> kept;
        const auto value = [&](ir::NodeId node) {
            const auto before = names.before.find(node);
            if (before == names.before.end()) return names_[node.value];
            if (kept.insert(node).second)
                inside.push_back(Stmt{Assign{{identifier(before->second)}, name(names_[node.value])}, {}});
            return before->second;
        };
        std::vector<std::pair<std::string, std::string>> updates;
        for (const ir::Result& r : body.results())
            if (r.node != r.target) updates.emplace_back(names_[r.target.value], value(r.node));
        Yield yield;
        for (const std::uint32_t m : members) yield.values.push_back(name(value(around->nodes()[m].scan()->yield)));
        for (const auto& [carry, next] : updates) inside.push_back(Stmt{Assign{{identifier(carry)}, name(next)}, {}});
        inside.push_back(Stmt{std::move(yield), {}});
        std::swap(names_, names.nodes);
        graph_ = around;
        memo_.clear();

        Assign assign;
        for (std::size_t m = 0; m < members.size(); ++m)
            assign.names.push_back(identifier(names.stacks[m].empty() ? names_[members[m]] : names.stacks[m]));
        assign.value = make(std::move(loop));
        out.push_back(Stmt{std::move(assign), {}});
        for (std::size_t m = 0; m < members.size(); ++m) {
            const ir::Node& member = graph_->nodes()[members[m]];
            if (member.scan()->last)
                out.push_back(Stmt{Assign{{identifier(names_[members[m]])}, last_of(names.stacks[m], scan.steps)}, {}});
            else if (scan.backwards)
                turn(out, names_[members[m]], names.stacks[m], member.shape);
        }
    }
    /// `stack[steps - 1]`.
    ExprRef last_of(const std::string& stack, std::int64_t steps) {
        Read r{name(stack), {}, {}};
        r.items.push_back({Item::index, number(double(steps - 1)), {}, {}, {}, {}});
        return make(std::move(r));
    }

    ExprRef list(const ir::Constant& constant, const ir::Shape& shape, std::size_t dimension, std::size_t& at) {
        if (dimension == shape.size()) return number(constant.values[at++]);
        List l;
        for (std::int64_t i = 0; i < shape[dimension]; ++i) l.items.push_back(list(constant, shape, dimension + 1, at));
        return make(std::move(l));
    }

    void equation(std::vector<Ref<Stmt>>& out, std::uint32_t id) {
        const ir::Node& node = graph_->nodes()[id];
        const ir::Equation& eq = *node.equation();
        const ir::Shape extents = ir::extents_of(node);
        const std::set<ir::Var> known = bare(eq, extents);
        ExprRef body = expression(eq.body);
        // Alone, a number without a point is an integer.
        if (const auto* alone = std::get_if<Number>(&body->node); alone && alone->integer && ir::is_real(node.type))
            body = make(Number{alone->value, false, alone->spelling + ".0"});
        if (eq.scatter) {
            scatter(out, id, eq, extents, body);
            return;
        }
        if (eq.reduce != ir::Reduce::none) {
            Reduce r{identifier(std::string(ir::name(eq.reduce))), {}, {}, body, {}};
            for (ir::Var v = ir::Var(node.shape.size()); v < extents.size(); ++v) r.binds.push_back(bind(v, extents, known));
            for (const ir::Predicate& p : eq.where) r.conditions.push_back({false, condition(p)});
            body = make(std::move(r));
        } else if (!eq.where.empty()) {
            body = make(If{conjunction(eq.where), body, number(0)});
        }
        if (node.shape.empty()) {
            out.push_back(Stmt{Assign{{identifier(names_[id])}, body}, {}});
            return;
        }
        Equation statement{Equation::define, identifier(names_[id]), {}, {}, body};
        for (ir::Var v = 0; v < node.shape.size(); ++v) statement.left.push_back({bind(v, extents, known), {}});
        out.push_back(Stmt{std::move(statement), {}});
    }

    ExprRef conjunction(const std::vector<ir::Predicate>& predicates) {
        ExprRef all;
        for (const ir::Predicate& p : predicates) all = all ? make(Binary{Binary::logical_and, all, condition(p)}) : condition(p);
        return all;
    }

    void scatter(std::vector<Ref<Stmt>>& out, std::uint32_t id, const ir::Equation& eq, const ir::Shape& extents, ExprRef body) {
        const ir::Node& node = graph_->nodes()[id];
        Equation initial{Equation::define, identifier(names_[id]), {}, {}, number(ir::identity(eq.reduce, node.type))};
        for (ir::Var v = 0; v < node.shape.size(); ++v)
            initial.left.push_back({Bind{false, identifier(letter(v)), number(double(node.shape[v])), {}}, {}});
        out.push_back(Stmt{std::move(initial), {}});
        const ir::Box box = ir::box_of(node);
        std::vector<ir::Predicate> where = eq.where;
        if (eq.lossy) {
            for (std::size_t d = 0; d < eq.map.size(); ++d) {
                const ir::Predicate above{ir::Predicate::ge, eq.map[d]},
                    below{ir::Predicate::ge, ir::Index(node.shape[d] - 1) - eq.map[d]};
                for (const ir::Predicate& p : {above, below})
                    if (ir::decide(p, box) != ir::Truth::always) where.push_back(p);
            }
        }
        if (!where.empty()) body = make(If{conjunction(where), body, number(ir::identity(eq.reduce, node.type))});
        const Equation::Op op = eq.reduce == ir::Reduce::max   ? Equation::maximum
                                : eq.reduce == ir::Reduce::min ? Equation::minimum
                                                               : Equation::add;
        Equation statement{op, identifier(names_[id]), {}, {}, body};
        for (const ir::Index& position : eq.map) statement.left.push_back({std::nullopt, index(position)});
        for (ir::Var v = 0; v < extents.size(); ++v)
            statement.bounds.push_back({false, identifier(letter(v)), number(double(extents[v])), {}});
        out.push_back(Stmt{std::move(statement), {}});
    }

    const ir::Graph* graph_;  // or the body of the loop at hand
    std::string function_;
    std::vector<std::string> names_, result_names_;                          // names_: of the nodes of graph_
    std::map<std::pair<const ir::Graph*, std::uint32_t>, LoopNames> loops_;  // by the graph and number of their first value
    std::set<std::string, std::less<>> taken_;
    std::set<ir::Type> reals_;  // of nodes
    std::vector<std::string> letters_;
    std::map<ir::Digest, ExprRef> memo_;
};

}  // namespace

text::File readable(const ir::Graph& graph, const std::string& name) { return Writer(graph, name).write(); }

}  // namespace dlc::elaborate

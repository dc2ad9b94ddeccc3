#include "compiler/kernels/recognize.h"

#include <algorithm>
#include <set>

#include "compiler/ir/arith.h"
#include "compiler/ir/condition.h"

namespace dlc::kernels {
namespace {

using ir::Atom;
using ir::Box;
using ir::Equation;
using ir::Expr;
using ir::ExprNode;
using ir::Graph;
using ir::Index;
using ir::Node;
using ir::NodeId;
using ir::Predicate;
using ir::Reduce;
using ir::Var;

using Vars = std::set<Var>;

Vars vars_of(const Index& index) {
    const std::vector<Var> all = index.variables();
    return {all.begin(), all.end()};
}
void each_index(const Expr& e, const std::function<void(const Index&)>& see) {
    ir::visit(e, [&](const Expr& x) {
        if (x->kind == ExprNode::index) see(x->position);
        for (const Index& index : x->at) see(index);
    });
}
Vars vars_of(const Expr& e) {
    Vars all;
    each_index(e, [&](const Index& index) { all.merge(vars_of(index)); });
    return all;
}
bool within(const Vars& a, const Vars& b) { return std::ranges::includes(b, a); }
Vars common(const Vars& a, const Vars& b) {
    Vars result;
    std::ranges::set_intersection(a, b, std::inserter(result, result.end()));
    return result;
}
Vars difference(const Vars& a, const Vars& b) {
    Vars result;
    std::ranges::set_difference(a, b, std::inserter(result, result.end()));
    return result;
}
std::vector<Var> list(const Vars& vars) { return {vars.begin(), vars.end()}; }

/// The only variable of an index, with any coefficient and offset.
std::optional<Var> lone(const Index& index) {
    if (index.terms().size() != 1 || index.terms()[0].atom.kind != Atom::variable) return std::nullopt;
    return index.terms()[0].atom.var;
}
/// The same with coefficient 1.
std::optional<Var> plain(const Index& index) {
    const auto v = lone(index);
    return v && index.coefficient(*v) == 1 ? v : std::nullopt;
}
/// A dense mixed radix as the indices of a view, outermost first; otherwise the index itself.
std::vector<Index> digits(const Index& index, const Box& box) {
    if (index.terms().size() < 2 || index.constant() != 0 || !index.is_affine()) return {index};
    std::vector<Index::Term> terms = index.terms();
    std::ranges::sort(terms, std::greater{}, &Index::Term::coefficient);
    std::int64_t weight = 1;
    std::vector<Index> result(terms.size());
    for (std::size_t k = terms.size(); k-- > 0;) {
        if (terms[k].coefficient != weight) return {index};
        weight *= box[terms[k].atom.var].high + 1;
        result[k] = Index::variable(terms[k].atom.var);
    }
    return result;
}

class Recognizer {
public:
    Recognizer(const Graph& graph, NodeId id) : graph_(graph), node_(graph[id]) {}

    Recognized run() {
        if (!node_.equation()) return named(Form::library, node_.library() ? "library" : node_.leaf() ? "leaf" : "constant");
        result_.equation = *node_.equation();
        result_.outputs = node_.shape;
        result_.reduce = result_.equation.reduce;
        for (Var v = 0; v < node_.shape.size(); ++v) result_.splits.push_back({v});
        if (result_.equation.scatter) return named(Form::scatter, "scatter " + std::string(ir::name(result_.reduce)));
        if (result_.reduce == Reduce::none && is_interleave(result_.equation.body)) return named(Form::interleave, "interleave");
        split_outputs();
        box_ = ir::box_of(result_.outputs);
        const Box reductions = ir::box_of(result_.equation.reductions);
        box_.insert(box_.end(), reductions.begin(), reductions.end());
        for (Var v = 0; v < box_.size(); ++v) (v < result_.outputs.size() ? outputs_ : reduced_).insert(v);
        return reduced_.empty() ? without_reduction() : with_reduction();
    }

private:
    Recognized named(Form form, std::string name) {
        result_.form = form;
        result_.name = std::move(name);
        return std::move(result_);
    }
    const Equation& e() const { return result_.equation; }

    // --- viewed form ----------------------------------------------------------------------------------------------------------

    void each_of_all(const std::function<void(const Index&)>& see) const {
        each_index(e().body, see);
        for (const Predicate& p : e().where) see(p.index);
    }
    /// The largest m < extent that divides it and under which the output is read as `v div m` or `v mod m`.
    std::int64_t modulus_of(Var v) const {
        std::int64_t best = 1;
        const std::function<void(const Index&)> look = [&](const Index& index) {
            for (const Index::Term& term : index.terms()) {
                if (!term.atom.parts) continue;
                for (const Index& part : *term.atom.parts) look(part);
                const std::int64_t m = term.atom.modulus;
                if (term.atom.kind != Atom::get && term.atom.dividend().as_variable() == v && result_.outputs[v] % m == 0 &&
                    m < result_.outputs[v])
                    best = std::max(best, m);
            }
        };
        each_of_all(look);
        return best;
    }
    void split_outputs() {
        for (Var v = 0; v < result_.outputs.size();) {
            const std::int64_t m = modulus_of(v);
            if (m == 1) {
                ++v;
                continue;
            }
            result_.outputs[v] /= m;
            result_.outputs.insert(result_.outputs.begin() + v + 1, m);
            ir::Shape extents = result_.outputs;
            extents.insert(extents.end(), e().reductions.begin(), e().reductions.end());
            const Box box = ir::box_of(extents);
            std::vector<Index> by;
            for (Var w = 0; w + 1 < extents.size(); ++w)
                by.push_back(w < v   ? Index::variable(w)
                             : w > v ? Index::variable(w + 1)
                                     : Index::variable(v, m) + Index::variable(v + 1));
            result_.equation.body = substitute(e().body, by, box);
            for (Predicate& p : result_.equation.where) p.index = p.index.substitute(by, box);
            for (std::vector<Var>& split : result_.splits) {
                for (Var& w : split)
                    if (w > v) ++w;
                if (const auto at = std::ranges::find(split, v); at != split.end()) split.insert(at + 1, v + 1);
            }
        }
    }

    // --- without reduction ----------------------------------------------------------------------------------------------------

    /// Selects on residues of the outputs whose branches are reads of the pieces, or 0.
    static bool is_interleave(const Expr& body) {
        if (!body->is("select")) return false;
        const auto conditions = ir::as_predicates(body->args[0]);
        if (!conditions || conditions->empty()) return false;
        for (const Predicate& p : *conditions)
            if (p.kind != Predicate::eq || p.index.terms().size() != 1 || p.index.terms()[0].atom.kind != Atom::mod) return false;
        const auto is_piece = [](const auto& self, const Expr& x) -> bool {
            return x->kind == ExprNode::read || (x->is("add") && self(self, x->args[0]) && self(self, x->args[1]));
        };
        const Expr& rest = body->args[2];
        return is_piece(is_piece, body->args[1]) &&
               (rest->kind == ExprNode::constant || is_piece(is_piece, rest) || is_interleave(rest));
    }

    /// The position in memory, row-major, of an element.
    static Index flat(const std::vector<Index>& at, const ir::Shape& shape) {
        Index position;
        for (std::size_t k = 0; k < at.size(); ++k) position = position * shape[k] + at[k];
        return position;
    }

    Recognized without_reduction() {
        const Expr& body = e().body;
        bool looks_up = false;
        ir::visit(body, [&](const Expr& x) { looks_up = looks_up || std::ranges::any_of(x->at, &Index::has_get); });
        if (looks_up) return named(Form::gather, "gather");
        if (body->kind != ExprNode::read || !e().where.empty()) return named(Form::pointwise, "pointwise");
        result_.a.factor = body;
        const ir::Shape& shape = graph_[body->tensor].shape;
        std::vector<Index> own;
        for (Var v = 0; v < result_.outputs.size(); ++v) own.push_back(Index::variable(v));
        if (!body->otherwise && (flat(body->at, shape) - flat(own, result_.outputs)).is_constant())
            return named(Form::view, "view");
        std::vector<std::optional<Var>> order;
        for (const Index& index : body->at)
            for (const Index& digit : digits(index, box_)) order.push_back(digit.as_variable());
        std::ranges::sort(order);
        const bool permuted = !body->otherwise && order.size() == own.size() &&
                              std::ranges::equal(order, outputs_, [](const std::optional<Var>& a, Var b) { return a == b; });
        return permuted ? named(Form::transpose, "transpose") : named(Form::copy, "copy");
    }

    // --- with reduction -------------------------------------------------------------------------------------------------------

    /// What the body multiplies.  A condition around a factor is a factor of 1 or 0; of indices alone, it joins the equation's own.
    void factors(const Expr& x, std::vector<Expr>& into) {
        if (x->is("mul")) {
            factors(x->args[0], into);
            factors(x->args[1], into);
        } else if (x->is("div") && !ir::is_constant(x->args[0], 1)) {
            factors(x->args[0], into);
            factors(one_like(x) / x->args[1], into);
        } else if (x->is("neg")) {
            into.push_back(Expr::constant(-1, x->type));
            factors(x->args[0], into);
        } else if (x->is("select") && ir::is_constant(x->args[2], 0) && !ir::is_constant(x->args[1], 1)) {
            if (const auto predicates = ir::as_predicates(x->args[0])) {
                conditions_.insert(conditions_.end(), predicates->begin(), predicates->end());
            } else {
                into.push_back(select(x->args[0], one_like(x), zero_like(x)));
            }
            factors(x->args[1], into);
        } else {
            into.push_back(x);
        }
    }
    static bool is_mask(const Expr& x) {
        return x->is("select") && ir::is_constant(x->args[1], 1) && ir::is_constant(x->args[2], 0);
    }
    bool is_routing(const Expr& x) const {
        bool looks_up = false;
        ir::visit(x, [&](const Expr& y) { looks_up = looks_up || (y->kind == ExprNode::read && is_integer(y->type)); });
        return is_mask(x) && looks_up;
    }
    bool windowed(const Expr& x) const {
        return std::ranges::any_of(ir::reads(x), [&](const Expr& read) {
            return std::ranges::any_of(read->at, [&](const Index& index) {
                return std::ranges::any_of(digits(index, box_), [](const Index& digit) { return digit.variables().size() > 1; });
            });
        });
    }

    /// Factors together with those whose variables lie within theirs, the widest first.  A product of two reads where one has all
    /// the variables is a matrix times a vector: there the narrower read keeps a group of its own.
    std::vector<std::vector<Expr>> groups(std::vector<Expr> core) const {
        std::ranges::stable_sort(core, std::greater{},
                                 [](const Expr& x) { return std::pair(vars_of(x).size(), x->kind == ExprNode::read); });
        std::vector<std::vector<Expr>> result;
        for (const Expr& f : core) {
            const Vars vars = vars_of(f);
            const auto fits = [&](const std::vector<Expr>& group) {
                const Vars wider = vars_of(group.front());
                if (!within(vars, wider)) return false;
                if (is_mask(f)) return true;
                if (vars != wider && windowed(group.front())) return false;
                const auto inside = std::ranges::count_if(core, [&](const Expr& g) { return within(vars_of(g), wider); });
                return static_cast<std::size_t>(inside) < core.size();
            };
            const auto group = std::ranges::find_if(result, fits);
            if (group == result.end()) {
                result.push_back({f});
            } else {
                group->push_back(f);
            }
        }
        return result;
    }
    static Operand operand(const std::vector<Expr>& group) { return {group.front(), {group.begin() + 1, group.end()}}; }

    /// The innermost dimension of a read that is indexed at all.
    std::optional<Index> innermost(const Expr& x) const {
        if (x->kind != ExprNode::read) return std::nullopt;
        for (std::size_t k = x->at.size(); k-- > 0;)
            if (!x->at[k].is_constant()) return digits(x->at[k], box_).back();
        return std::nullopt;
    }
    bool reduces_rows(const Expr& x) const {
        const std::vector<Expr> all = ir::reads(x);
        const auto last = all.empty() ? std::nullopt : innermost(all.front());
        return last && plain(*last) && reduced_.contains(*plain(*last));
    }

    Recognized with_reduction() {
        std::vector<Expr> all, core;
        conditions_ = e().where;
        if (e().reduce == Reduce::sum) {
            factors(e().body, all);
        } else {
            all = {e().body};
        }
        for (const Expr& f : all) {
            const bool reduced = !common(vars_of(f), reduced_).empty();
            (reduced ? core : result_.epilogue).push_back(f);
            result_.routed = result_.routed || (reduced && is_routing(f));
        }
        for (const Predicate& p : conditions_)
            result_.routed = result_.routed || (p.index.has_get() && !common(vars_of(p.index), reduced_).empty());
        const std::vector<std::vector<Expr>> g = groups(core);
        if (!g.empty()) {
            result_.a = operand(g[0]);
            result_.rows = reduces_rows(g[0].front());
        }
        const bool masks_apart = g.size() == 2 && std::ranges::any_of(g[1], is_mask);
        if (g.size() <= 1 || masks_apart) return one_group();
        if (g.size() == 2 && g[0].front()->kind == ExprNode::read && g[1].front()->kind == ExprNode::read)
            return two_groups(g[0], g[1]);
        return product();
    }
    Recognized product() { return named(Form::reduce_product, "reduction of a product"); }

    Recognized one_group() {
        const std::string op(ir::name(e().reduce));
        const std::string routed = result_.routed ? " routed" : "";
        if (result_.a.factor && windowed(result_.a.factor)) return named(Form::window, "window " + op + routed);
        for (const Predicate& p : conditions_)
            if (p.kind == Predicate::ge && !common(vars_of(p.index), reduced_).empty() &&
                !common(vars_of(p.index), outputs_).empty())
                return named(Form::scan, "scan " + op);
        const std::string which = e().reduce == Reduce::sum ? "" : " " + op;
        return named(result_.rows ? Form::reduce_rows : Form::reduce_columns,
                     (result_.rows ? "reduce rows" : "reduce columns") + which + routed);
    }

    Recognized two_groups(const std::vector<Expr>& first, const std::vector<Expr>& second) {
        const bool windows_first = windowed(first.front()), windows_second = windowed(second.front());
        if (windows_first && windows_second) return named(Form::reduce_product, "two windowed operands");
        if (windows_first) return convolution(first, second);
        if (windows_second) return convolution(second, first);
        return matrix_product(first, second);
    }

    Recognized matrix_product(std::vector<Expr> first, std::vector<Expr> second) {
        for (const Expr& x : {first.front(), second.front()})
            for (const Index& index : x->at)
                for (const Index& digit : digits(index, box_))
                    if (!digit.is_constant() && !lone(digit)) return named(Form::reduce_product, "strided reduction");
        Vars a = vars_of(first.front()), b = vars_of(second.front());
        const Vars k = common(common(a, b), reduced_);
        if (k != reduced_) return named(Form::reduce_product, "reduce first");
        Vars m = common(difference(a, b), outputs_), n = common(difference(b, a), outputs_);
        if (!n.empty() && (m.empty() || *n.begin() < *m.begin())) {
            std::swap(first, second);
            std::swap(m, n);
        }
        result_.a = operand(first);
        result_.b = operand(second);
        result_.batch = list(common(common(a, b), outputs_));
        result_.m = list(m);
        result_.n = list(n);
        result_.k = list(k);
        const auto ends_in_k = [&](const Expr& x) {
            const auto last = innermost(x);
            return last && plain(*last) && k.contains(*plain(*last));
        };
        result_.layout_a = ends_in_k(first.front()) ? 'N' : 'T';
        result_.layout_b = ends_in_k(second.front()) ? 'T' : 'N';
        if (!m.empty() && !n.empty()) return named(Form::gemm, std::string("gemm ") + result_.layout_a + result_.layout_b);
        return m.empty() ? named(Form::dot, "dot") : named(Form::gemv, "gemv");
    }

    Recognized convolution(const std::vector<Expr>& input, const std::vector<Expr>& kernel) {
        const Expr &x = input.front(), &y = kernel.front();
        const Vars vx = vars_of(x), vy = vars_of(y);
        Vars positions, taps;
        double points = 1, reduced = 1;
        for (std::size_t d = 0; d < x->at.size(); ++d) {
            const Index& index = x->at[d];
            if (index.variables().size() < 2 || digits(index, box_).size() > 1) continue;
            if (!index.is_affine() || index.terms().size() != 2) return named(Form::reduce_product, "general window");
            Window w{.dim = d};
            w.offset = index.constant();
            Vars outs;
            for (const Index::Term& term : index.terms()) {
                const Var v = term.atom.var;
                if (outputs_.contains(v)) outs.insert(v);
                (outputs_.contains(v) ? w.out : w.red) = v;
                (outputs_.contains(v) ? w.stride : w.dilation) = term.coefficient;
            }
            if (outs.size() != 1) return named(Form::reduce_product, "general window");
            if (!vy.contains(w.red)) return named(Form::reduce_product, "window of one operand");
            points *= static_cast<double>(box_[w.out].high + 1);
            reduced *= static_cast<double>(box_[w.red].high + 1);
            positions.insert(w.out);
            taps.insert(w.red);
            result_.windows.push_back(w);
        }
        if (!common(positions, vy).empty()) return product();
        if (!within(reduced_, common(vx, vy))) return named(Form::reduce_product, "reduce first");
        result_.a = operand(input);
        result_.b = operand(kernel);
        result_.k = list(difference(common(common(vx, vy), reduced_), taps));
        result_.batch = list(common(common(vx, vy), outputs_));
        result_.n = list(common(difference(vy, vx), outputs_));
        result_.m = list(difference(common(difference(vx, vy), outputs_), positions));
        const bool weight_gradient = reduced > points;
        const bool depthwise =
            !result_.batch.empty() && result_.n.empty() && (weight_gradient ? result_.m.empty() : result_.k.empty());
        std::string name = weight_gradient ? "conv weight gradient" : "conv";
        if (depthwise) name += " depthwise";
        name += " " + std::to_string(result_.windows.size()) + "d";
        return named(weight_gradient ? Form::conv_weight_gradient : Form::conv, std::move(name));
    }

    const Graph& graph_;
    const Node& node_;
    Recognized result_;
    Box box_;
    Vars outputs_, reduced_;
    std::vector<Predicate> conditions_;  // the equation's and those around its factors
};

}  // namespace

Recognized recognize(const Graph& graph, NodeId id) { return Recognizer(graph, id).run(); }

}  // namespace dlc::kernels

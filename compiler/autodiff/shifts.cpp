#include "compiler/autodiff/shifts.h"

#include <algorithm>
#include <unordered_map>

namespace dlc::autodiff {
namespace {

using ir::Box;
using ir::Expr;
using ir::ExprNode;
using ir::Index;
using ir::NodeId;
using ir::Reduce;
using ir::Var;

/// How a value answers to an amount t[at] added to the shift.
struct Response {
    enum Kind { none, added, multiplied, unknown } kind = none;  // by nothing, by k t, by e^(k t), in another way
    double k = 0;
    std::vector<Index> at;  // which element of the shift, over the variables of the value
};
const Response kUnknown{Response::unknown, 0, {}};

Response made(Response::Kind kind, double k, std::vector<Index> at) {
    return k == 0 ? Response{} : Response{kind, k, std::move(at)};
}
Response scaled(const Response& r, double factor) { return made(r.kind, r.k * factor, r.at); }

/// r + sign s where both are of one kind (or nothing), about the same element.
Response combined(const Response& r, const Response& s, double sign, Response::Kind kind) {
    if ((r.kind != kind && r.kind != Response::none) || (s.kind != kind && s.kind != Response::none)) return kUnknown;
    if (s.kind == Response::none) return r;
    if (r.kind == Response::none) return scaled(s, sign);
    return r.at == s.at ? made(kind, r.k + sign * s.k, r.at) : kUnknown;
}
bool same(const Response& r, const Response& s) { return r.kind == s.kind && r.k == s.k && r.at == s.at; }

class Analysis {
public:
    Analysis(const ir::Builder& b, NodeId shift) : b_(b), responses_(b.size()) {
        const std::size_t rank = b[shift].shape.size();
        std::vector<Index> at;
        for (Var v = 0; v < rank; ++v) at.push_back(Index::variable(v));
        responses_[shift.value] = {Response::added, 1, std::move(at)};
        for (std::uint32_t id = shift.value + 1; id < b.size(); ++id) {
            const ir::Node& node = b[NodeId{id}];
            if (std::ranges::none_of(operands(node), [&](NodeId o) { return response(o).kind != Response::none; })) continue;
            responses_[id] = node.equation() ? of_equation(node) : kUnknown;
        }
    }
    const Response& response(NodeId id) const { return responses_[id.value]; }

private:
    Response of_equation(const ir::Node& node) const {
        const ir::Equation& e = *node.equation();
        const Box box = box_of(node);
        for (const ir::Predicate& p : e.where)
            for (NodeId t : p.index.tensors())
                if (response(t).kind != Response::none) return kUnknown;
        for (const Index& i : e.map)
            for (NodeId t : i.tensors())
                if (response(t).kind != Response::none) return kUnknown;
        const Response body = of_body(e.body, box);
        if (body.kind == Response::none) return body;
        if (body.kind == Response::unknown || e.scatter) return kUnknown;
        // A position among values that all move alike stays; the rest must move alike along the reduction.
        const bool apart = std::ranges::any_of(body.at, [&](const Index& i) {
            return std::ranges::any_of(i.variables(), [&](Var v) { return v >= node.shape.size(); });
        });
        if (apart) return kUnknown;
        switch (e.reduce) {
            case Reduce::none: return e.where.empty() || body.kind == Response::multiplied ? body : kUnknown;
            case Reduce::sum: return body.kind == Response::multiplied ? body : kUnknown;
            case Reduce::max:
            case Reduce::min: return e.where.empty() ? body : kUnknown;
            case Reduce::argmax:
            case Reduce::argmin: return {};
            case Reduce::prod: break;
        }
        return kUnknown;
    }

    Response of_body(const Expr& body, const Box& box) const {
        std::unordered_map<ir::Digest, Response> known;
        ir::visit(body, [&](const Expr& e) { known[e->digest] = of_node(e, box, known); });
        return known.at(body->digest);
    }
    Response of_node(const Expr& e, const Box& box, const std::unordered_map<ir::Digest, Response>& known) const {
        const auto arg = [&](std::size_t k) -> const Response& { return known.at(e->args[k]->digest); };
        if (e->kind == ExprNode::constant) return {};
        if (e->kind == ExprNode::index) {
            return std::ranges::any_of(e->position.tensors(), [&](NodeId t) { return response(t).kind != Response::none; })
                       ? kUnknown
                       : Response{};
        }
        if (e->kind == ExprNode::read) {
            for (const Index& i : e->at)
                for (NodeId t : i.tensors())
                    if (response(t).kind != Response::none) return kUnknown;
            const Response& r = response(e->tensor);
            if (e->otherwise && (r.kind != Response::none || known.at(e->otherwise->digest).kind != Response::none))
                return kUnknown;
            if (r.kind == Response::none || r.kind == Response::unknown) return r;
            std::vector<Index> at;
            for (const Index& i : r.at) at.push_back(i.substitute(e->at, box));
            return {r.kind, r.k, std::move(at)};
        }
        if (e->is("stop_gradient")) return {};  // what matters is what derivatives see
        std::vector<Response> args;
        for (std::size_t k = 0; k < e->args.size(); ++k) args.push_back(arg(k));
        if (std::ranges::all_of(args, [](const Response& r) { return r.kind == Response::none; })) return {};
        if (std::ranges::any_of(args, [](const Response& r) { return r.kind == Response::unknown; })) return kUnknown;
        if (e->is("add")) return combined(args[0], args[1], 1, Response::added);
        if (e->is("sub")) return combined(args[0], args[1], -1, Response::added);
        if (e->is("cast") && is_real(e->type)) return args[0];
        if (e->is("neg")) return args[0].kind == Response::added ? scaled(args[0], -1) : args[0];
        if (e->is("exp") && args[0].kind == Response::added) return {Response::multiplied, args[0].k, args[0].at};
        if (e->is("log") && args[0].kind == Response::multiplied) return {Response::added, args[0].k, args[0].at};
        if (e->is("mul") || e->is("div")) {
            for (std::size_t k = 0; k < 2; ++k)  // a multiple of a shifted value
                if (args[k].kind == Response::added && e->args[1 - k]->kind == ExprNode::constant && (k == 0 || e->is("mul")))
                    return scaled(args[k], e->is("mul") ? e->args[1 - k]->value : 1 / e->args[1 - k]->value);
            return combined(args[0], args[1], e->is("mul") ? 1 : -1, Response::multiplied);
        }
        const bool compares = e->is("lt") || e->is("le") || e->is("gt") || e->is("ge") || e->is("eq") || e->is("ne");
        if (compares && same(args[0], args[1])) return {};
        if ((e->is("max") || e->is("min")) && same(args[0], args[1])) return args[0];
        if (e->is("select") && args[0].kind == Response::none) {
            if (same(args[1], args[2])) return args[1];
            for (std::size_t k = 1; k < 3; ++k)  // a multiple of 0 is 0
                if (ir::ExprNode::constant == e->args[k]->kind && e->args[k]->value == 0 &&
                    args[3 - k].kind == Response::multiplied)
                    return args[3 - k];
        }
        return kUnknown;
    }

    const ir::Builder& b_;
    std::vector<Response> responses_;
};

}  // namespace

bool is_immaterial(const ir::Builder& b, NodeId shift, std::span<const NodeId> values) {
    const Analysis analysis(b, shift);
    return std::ranges::all_of(values, [&](NodeId v) { return analysis.response(v).kind == Response::none; });
}

}  // namespace dlc::autodiff

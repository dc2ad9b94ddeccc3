#include "compiler/schedules/written_out.h"

#include <algorithm>

#include "compiler/schedules/contraction.h"

namespace dlc::schedules {
namespace {

/// Terms of a reduction that is written out: more are better off in a loop.
constexpr std::int64_t kWrittenOut = 32;

bool is_variable(const ir::Index& index, ir::Var v) {
    const ir::Index rest = index - ir::Index::variable(v);
    return rest.is_constant() && rest.constant() == 0;
}

/// The dimension of an input that a factor of the reduction reads along one output variable, no other dimension depending on any,
/// if its neighbours are apart in memory; nothing if the input is read elsewhere too.
std::optional<std::size_t> crossed_dimension(const Parts& parts, const Parts::Stage& stage, const ir::Expr& read) {
    const int input = parts.input_of[read->tensor.value];
    const ir::Shape& shape = parts.node(read->tensor).shape;
    const std::size_t outs = parts.node(stage.node).shape.size();
    if (input < 0 || read->at.size() != shape.size() || read->otherwise) return std::nullopt;
    std::optional<std::size_t> found;
    for (std::size_t d = 0; d < shape.size(); ++d) {
        const std::vector<ir::Var> used = read->at[d].variables();
        if (read->at[d].has_get()) return std::nullopt;
        if (std::none_of(used.begin(), used.end(), [&](ir::Var v) { return v < outs; })) continue;
        if (found || used.size() != 1 || !is_variable(read->at[d], used[0])) return std::nullopt;
        found = d;
    }
    if (!found || kernels::strides(shape, parts.kernel->inputs[static_cast<std::size_t>(input)])[*found] == 1) return std::nullopt;
    const auto reads_it = [&](const Parts::Stage& s) { return std::ranges::count(ir::tensors(s.body), read->tensor); };
    if (std::ranges::count_if(ir::reads(stage.body), [&](const ir::Expr& r) { return r->tensor == read->tensor; }) != 1)
        return std::nullopt;
    for (const Parts::Stage& s : parts.reductions)
        if (s.node != stage.node && reads_it(s)) return std::nullopt;
    if (std::ranges::any_of(parts.outputs, reads_it)) return std::nullopt;
    return found;
}

/// Reads of the input go to a copy of it in which dimension `along` is the innermost.
void copy_across(const Parts& parts, ir::NodeId input, std::size_t along, Lowering& lowering) {
    const ir::Node& n = parts.node(input);
    const std::size_t rank = n.shape.size();
    std::vector<std::size_t> order{along};
    for (std::size_t d = rank; d-- > 0;)
        if (d != along) order.push_back(d);
    std::vector<ir::Index> everywhere;
    Values at(rank);
    std::vector<Halide::Var> args;
    for (std::size_t d = 0; d < rank; ++d) everywhere.push_back(ir::Index::variable(static_cast<ir::Var>(d)));
    for (const std::size_t d : order) {
        args.emplace_back("across" + std::to_string(d));
        at[d] = args.back();
    }
    Halide::Func copy("across");
    copy(args) = lowering.value(ir::Expr::read(input, n.type, everywhere), at, ir::box_of(n.shape));
    copy.compute_root();
    for (std::size_t i = 0; i < rank; ++i) copy.bound(args[i], 0, static_cast<int>(n.shape[order[i]]));
    lowering.provide(input, [copy, order](const Values& position) {
        std::vector<Halide::Expr> there;
        for (const std::size_t d : order) there.push_back(position[d]);
        return Halide::Expr(copy(there));
    });
}

}  // namespace

bool written_out(const Parts& parts, const Parts::Stage& stage, const Target& target) {
    const ir::Node& n = parts.node(stage.node);
    const ir::Equation& e = *n.equation();
    if (e.scatter || ir::volume(e.reductions) > kWrittenOut || ir::volume(e.reductions) == 0 || ir::prefix_of(n)) return false;
    std::size_t terms = 0;
    ir::visit(stage.body, [&](const ir::Expr& x) { terms += x->kind == ir::ExprNode::call; });
    if (terms > 8) return false;
    for (const Parts::Stage& r : parts.reductions) {
        const auto read = ir::tensors(r.body);
        if (std::find(read.begin(), read.end(), stage.node) != read.end()) return false;
    }
    for (const Parts::Stage& o : parts.outputs) {
        const auto read = ir::tensors(o.body);
        if (std::find(read.begin(), read.end(), stage.node) == read.end()) continue;
        if (ir::volume(parts.node(o.node).shape) > ir::volume(n.shape)) return false;
    }
    // A product of two operands is a contraction, however short.
    Work w{parts, target, space_of_reduction(parts, stage, kernels::row_major(n.shape.size())), &stage, {}};
    simplify(w.space, parts, true);
    return !contraction_of(w) && dense_variable(w) < static_cast<int>(w.space.outs);
}

void write_out(const Parts& parts, const Parts::Stage& stage, Lowering& lowering) {
    const ir::Node& n = parts.node(stage.node);
    const ir::Shape reductions = n.equation()->reductions;
    const Accumulator a = accumulator_of(parts, stage);
    const ir::Box box = ir::box_of(n);
    for (const ir::Expr& read : ir::reads(stage.body))
        if (const auto along = crossed_dimension(parts, stage, read)) copy_across(parts, read->tensor, *along, lowering);
    lowering.provide(stage.node, [&parts, &stage, &lowering, reductions, a, box](const Values& at) {
        Values all = at;
        all.resize(at.size() + reductions.size());
        const std::int64_t terms = ir::volume(reductions);
        std::optional<Halide::Tuple> sum;
        for (std::int64_t t = 0; t < terms; ++t) {
            std::int64_t rest = t;
            for (std::size_t d = reductions.size(); d-- > 0;) {
                all[at.size() + d] = Halide::Expr(static_cast<int>(rest % reductions[d]));
                rest /= reductions[d];
            }
            const Halide::Expr holds = Halide::Internal::simplify(lowering.holds(stage.where, all, box));
            const Halide::Tuple term = a.term(lowering.value(stage.body, all, box), Halide::Expr(static_cast<int>(t)), holds);
            sum = sum ? a.step(*sum, term) : term;
        }
        return a.result(*sum);
    });
}

}  // namespace dlc::schedules

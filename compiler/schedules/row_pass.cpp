#include "compiler/schedules/row_pass.h"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/schedules/reduction.h"

namespace dlc::schedules {
namespace {

using Halide::Expr;
using Halide::Func;
using Halide::TailStrategy;
using Halide::Var;

/// A primitive of this weight or more is better kept for a row than computed again.
constexpr int kDear = 8;

double cost(const std::vector<Work>& works) {
    double total = 0;
    for (const Work& w : works) total += w.cost();
    return total;
}

/// The least divisor of n in a range.
std::optional<std::int64_t> divisor(std::int64_t n, std::int64_t low, std::int64_t high) {
    for (std::int64_t d = low; d <= std::min(high, n); ++d)
        if (n % d == 0) return d;
    return std::nullopt;
}

/// Reads of reductions in their own row, of `rank` dimensions, lose their indices; false where another row is read.
bool read_own_row(Space& s, std::size_t rank, const Parts& parts) {
    bool own = true;
    const auto change = [&](ir::Expr& e) {
        if (!e) return;
        each_index(e, [&](const ir::Index& index, bool) {
            for (const ir::NodeId tensor : index.tensors()) own = own && !parts.reduction(tensor);
        });
        e = ir::replace_reads(e, [&](const ir::ExprNode& read) -> ir::Expr {
            if (!parts.reduction(read.tensor) || read.at.empty()) return {};
            own = own && !read.otherwise && read.at.size() == rank;
            for (std::size_t d = 0; d < read.at.size(); ++d)
                own = own && read.at[d] == ir::Index::variable(static_cast<ir::Var>(d));
            return ir::Expr::read(read.tensor, read.type, {});
        });
    };
    for (ir::Expr& value : s.values) change(value);
    change(s.term);
    return own;
}

/// Whether the variable is, wherever memory is touched, a step along it and no digit.
bool is_plain(const Space& s, ir::Var v) {
    bool plain = true;
    const auto see = [&](const ir::Index& index, bool) {
        for (const ir::Index::Term& t : index.terms())
            if (t.atom.kind == ir::Atom::div || t.atom.kind == ir::Atom::mod) plain = plain && !t.atom.dividend().uses(v);
    };
    for (const ir::Expr& value : s.values) each_index(value, see);
    if (s.term) each_index(s.term, see);
    for (const ir::Index& offset : s.offsets) see(offset, true);
    return plain;
}

/// The variables of each stage become the row and what is along it; false where they cannot.
bool by_rows(Space& s, std::size_t rank, const Parts& parts) {
    if (!read_own_row(s, rank, parts)) return false;
    const auto rows = static_cast<ir::Var>(rank);
    join(s, rows, static_cast<ir::Var>(s.extents.size()), parts);  // of one kind: outputs, or reduced
    join(s, 0, rows, parts);
    if (s.extents.size() > 1 && !is_plain(s, 1)) return false;
    // Dense rows of what is written, one after another.
    return std::ranges::all_of(s.offsets, [&](const ir::Index& offset) {
        return offset.is_affine() && (s.outs < 2 || offset.coefficient(1) == 1) && offset.coefficient(0) >= 1;
    });
}

}  // namespace

std::optional<RowPass> RowPass::of(const Parts& parts, const Target& target) {
    if (parts.reductions.empty() || parts.in_place()) return std::nullopt;
    const ir::Shape rows = parts.node(parts.reductions[0].node).shape;
    const std::int64_t count = ir::volume(rows);
    if (rows.empty() || count < 2) return std::nullopt;
    RowPass pass;
    std::int64_t longest = 0;
    for (const Parts::Stage& r : parts.reductions) {
        const ir::Node& n = parts.node(r.node);
        if (n.equation()->scatter || n.shape != rows || ir::prefix_of(n) || ir::volume(n.equation()->reductions) < 1)
            return std::nullopt;
        longest = std::max(longest, ir::volume(n.equation()->reductions));
        pass.works_.push_back({parts, target, space_of_reduction(parts, r, kernels::row_major(rows.size())), &r, {}});
    }
    pass.reductions_ = pass.works_.size();
    std::map<ir::Shape, std::vector<int>> groups;
    for (std::size_t o = 0; o < parts.outputs.size(); ++o)
        groups[parts.node(parts.outputs[o].node).shape].push_back(static_cast<int>(o));
    for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
        const ir::Shape& shape = group->first;
        if (shape.size() < rows.size() || !std::equal(rows.begin(), rows.end(), shape.begin())) return std::nullopt;
        longest = std::max(longest, ir::volume(shape) / count);
        pass.works_.push_back({parts, target, space_of_outputs(parts, group->second), nullptr, group->second});
    }
    const std::size_t outputs = groups.size();
    if (outputs > 2 || (outputs == 2 && groups.begin()->first.size() != rows.size())) return std::nullopt;
    // Where no output has several numbers in a row, one reduction shares nothing, and [rows…, 1] beside [rows…] has no row of its
    // own.
    if (pass.main().space.out_volume() == count && (pass.works_.size() < 3 || outputs == 2)) return std::nullopt;
    for (Work& w : pass.works_) {
        if (!by_rows(w.space, rows.size(), parts)) return std::nullopt;
        w.of_row = true;
        w.inside = w.reduction != nullptr;
        if (w.reduction && dense_variable(w) != 1) return std::nullopt;
    }
    pass.tasks_ = tasks_for(cost(pass.works_));
    // Rows written by two functions in one loop are shared out evenly: what they read is computed before a guard of the last ones.
    if (outputs == 2 && pass.tasks_ > 1) pass.tasks_ = divisor(count, pass.tasks_, 4 * pass.tasks_).value_or(count + 1);
    if (count < pass.tasks_ || longest * 8 > target.l2_bytes) return std::nullopt;
    return pass;
}

/// What more than one stage computes, dear and different along the row, the largest of such expressions; none unless all rows have
/// one length.
std::vector<ir::Expr> RowPass::shared_values() {
    std::map<ir::Digest, std::pair<ir::Expr, int>> dear;
    for (std::size_t i = 0; i <= reductions_; ++i) {
        const Space& s = works_[i].space;
        if (s.extents != main().space.extents) return {};
        std::set<ir::Digest> here;
        for (const ir::Expr& e : works_[i].reduction ? std::vector{s.term} : s.values)
            ir::visit(e, [&](const ir::Expr& x) {
                const bool is_dear = x->kind == ir::ExprNode::call && ir::weight(*x->scalar) >= kDear && ir::uses(x, 1);
                if (is_dear && here.insert(x->digest).second) ++dear.try_emplace(x->digest, x, 0).first->second.second;
            });
    }
    std::erase_if(dear, [](const auto& entry) { return entry.second.second < 2; });
    std::set<ir::Digest> parts;
    for (const auto& [digest, entry] : dear)
        ir::visit(entry.first, [&](const ir::Expr& x) {
            if (x->digest != digest) parts.insert(x->digest);
        });
    std::vector<ir::Expr> found;
    for (const auto& [digest, entry] : dear)
        if (!parts.contains(digest)) found.push_back(entry.first);
    return found;
}

/// Computed when first read: by then what it reads is there.
void RowPass::keep(const ir::Expr& shared) {
    const Space& s = main().space;
    main().lowering->provide(shared, [this, shared, &s](const Values& at) {
        Func& f = kept_[shared->digest];
        if (!f.defined()) {
            const Var along("along");
            f = Func("kept");
            f(along, row_variable()) = main().lowering->computed(shared, {row_variable(), along}, s.box());
            f.bound(along, 0, static_cast<int>(s.extents[1]));
            const int lanes = std::min(main().lanes(), floor_power_of_two(s.extents[1]));
            if (lanes > 1) f.vectorize(along, lanes, TailStrategy::GuardWithIf);
        }
        return Expr(f(at[1], row_variable()));
    });
}

/// Rows as tasks; returns the loop over the rows of one.
Var RowPass::cut(Func f) const {
    if (tasks_ <= 1) return row_variable();
    const Var group("group"), within("within");
    const std::int64_t rows = works_[0].space.extents[0];
    f.split(row_variable(), group, within, static_cast<int>(ceil_div(rows, tasks_)), TailStrategy::GuardWithIf).parallel(group);
    return within;
}

void RowPass::build() {
    for (const ir::Expr& shared : shared_values()) keep(shared);
    std::vector<Func> computed;
    for (std::size_t i = 0; i < reductions_; ++i) {
        Work& w = works_[i];
        build_reduction(w, {.lane_variable = 1, .vectors = static_cast<int>(w.choose("vectors", 4))});
        computed.insert(computed.end(), w.computes.begin(), w.computes.end());
    }
    const Result result = define(main());
    Func f = result.func;
    const Var level = cut(f);
    if (main().space.outs > 1) {
        const int lanes = std::min(main().lanes(), floor_power_of_two(main().space.extents[1]));
        if (lanes > 1) f.vectorize(result.vars[1], lanes, TailStrategy::GuardWithIf);
    }
    if (works_.size() > reductions_ + 1) {
        Func numbers = define(works_.back()).func;
        cut(numbers);
        numbers.compute_with(f, level);
    }
    for (auto& [digest, k] : kept_) computed.push_back(k);
    for (Func& c : computed) c.compute_at(f, level);
}

}  // namespace dlc::schedules

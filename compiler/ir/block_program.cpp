#include "compiler/ir/block_program.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "dsl/shapes/mixed_radix.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {

namespace {

// The position of a data-dependent index that itself leaves its tensor: outside every tensor, whatever is added to it.
constexpr std::int64_t kNowhere = -(std::int64_t{1} << 36);
// Fewer outputs than this leave too many lanes idle to be worth their own blocks.
constexpr std::int64_t kFewOutputs = 64;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

bool takes_positions(Reduce reduce) { return reduce == Reduce::argmax || reduce == Reduce::argmin; }

// Whether `value` replaces `best` as the extremum so far: first on ties, NaN over all.
template <bool kLargest>
bool beats(double value, double best) {
    if (std::isnan(best)) return false;
    return kLargest ? !(value <= best) : !(value >= best);
}

}  // namespace

// ------------------------------------------------------------------ compilation

BlockProgram::BlockProgram(const Node& node, const std::function<const Tensor&(NodeId)>& value_of)
    : node_(node), equation_(*node.equation()), value_of_(value_of), extents_(extents_of(node)), box_(box_of(node)) {
    choose_lanes();
    masks_.push_back({std::vector<unsigned char>(kLanes, 1)});
    outer_mask_.push_back(-1);
    for (const Predicate& predicate : equation_.where) where_.emplace_back(predicate.kind, linear(predicate.index));
    result_ = compile(equation_.body, 0);
    if (equation_.scatter) {
        map_flat_ = flat(equation_.map, node_.shape);
        map_ = leavable(equation_.map, node_.shape);
    }
    registers_.resize(register_changes_.size() * kLanes);
    for (const auto& [r, value] : constants_) std::fill_n(reg(r), kLanes, value);
}

void BlockProgram::choose_lanes() {
    const std::size_t outputs = equation_.scatter ? 0 : node_.shape.size();
    const std::int64_t many = volume(equation_.reductions);
    outputs_are_lanes_ = equation_.reduce == Reduce::none || volume(node_.shape) >= kFewOutputs || volume(node_.shape) >= many;
    if (equation_.scatter) outputs_are_lanes_ = false;
    for (std::size_t v = 0; v < extents_.size(); ++v) {
        const bool lane = (v < outputs) == outputs_are_lanes_;
        Shape& extents = lane ? lane_extents_ : step_extents_;
        slot_.push_back(lane ? static_cast<int>(extents.size()) : -1 - static_cast<int>(extents.size()));
        extents.push_back(extents_[v]);
    }
    lane_values_.assign(lane_extents_.size(), std::vector<std::int64_t>(kLanes));
    step_values_.resize(step_extents_.size());
}

int BlockProgram::linear(const Index& index) {
    if (const auto known = known_linears_.find(index); known != known_linears_.end()) return known->second;
    Linear made;
    made.constant = index.constant();
    for (const auto& term : index.terms()) {
        if (term.atom.kind == Atom::variable) {
            const int slot = slot_[term.atom.var];
            if (slot >= 0)
                made.lanes.emplace_back(slot, term.coefficient);
            else
                made.stepped.emplace_back(-1 - slot, term.coefficient);
        } else {
            const int slot = atom(term.atom);
            (atoms_[at(slot)].changes ? made.step_atoms : made.block_atoms).emplace_back(slot, term.coefficient);
        }
    }
    made.base.resize(kLanes);
    if (!made.step_atoms.empty()) made.whole.resize(kLanes);
    const int slot = static_cast<int>(linears_.size());
    linears_.push_back(std::move(made));
    order_.emplace_back(false, slot);
    known_linears_.emplace(index, slot);
    return slot;
}

int BlockProgram::atom(const Atom& atom) {
    if (const auto known = known_atoms_.find(atom); known != known_atoms_.end()) return known->second;
    AtomValue made;
    made.kind = atom.kind;
    if (atom.kind == Atom::get) {
        made.tensor = &value_of_(atom.tensor);
        made.flat = flat(atom.at(), made.tensor->shape);
        made.dimensions = leavable(atom.at(), made.tensor->shape);
        made.changes = changes(made.flat) || changes(made.dimensions);
    } else {
        made.dividend = linear(atom.dividend());
        made.modulus = atom.modulus;
        made.changes = changes(made.dividend);
    }
    made.values.resize(kLanes);
    const int slot = static_cast<int>(atoms_.size());
    atoms_.push_back(std::move(made));
    order_.emplace_back(true, slot);
    known_atoms_.emplace(atom, slot);
    return slot;
}

int BlockProgram::flat(const std::vector<Index>& indices, const Shape& shape) {
    std::vector<std::int64_t> strides(shape.size());
    shapes::row_major_strides(shape, strides);
    Index position;
    for (std::size_t d = 0; d < indices.size(); ++d) position = position + indices[d] * strides[d];
    return linear(position);
}

bool BlockProgram::inside(const Index& index, std::int64_t extent) const { return index.range(box_).within({0, extent - 1}); }

std::vector<BlockProgram::Dimension> BlockProgram::leavable(const std::vector<Index>& indices, const Shape& shape) {
    std::vector<Dimension> dimensions;
    for (std::size_t d = 0; d < indices.size(); ++d)
        if (!inside(indices[d], shape[d])) dimensions.push_back({linear(indices[d]), shape[d]});
    return dimensions;
}

bool BlockProgram::changes(const std::vector<Dimension>& dimensions) const {
    return std::any_of(dimensions.begin(), dimensions.end(), [&](const Dimension& d) { return changes(d.linear); });
}

bool BlockProgram::asks(const Expr& e) {
    if (const auto known = asks_.find(e->digest); known != asks_.end()) return known->second;
    bool found = false;
    if (e->kind == ExprNode::read && !e->otherwise) {
        const Shape& shape = value_of_(e->tensor).shape;
        for (std::size_t d = 0; d < e->at.size(); ++d) found |= !inside(e->at[d], shape[d]);
    }
    for (const Expr& child : children(e)) found = asks(child) || found;
    asks_.emplace(e->digest, found);
    return found;
}

int BlockProgram::emit(Instruction instruction) {
    const int out = instruction.out;
    (instruction.changes ? step_ : block_).push_back(std::move(instruction));
    return out;
}

int BlockProgram::compile(const Expr& e, int mask) {
    // A value asked for under a wider mask serves here too; one that cannot fail serves everywhere.
    if (!asks(e)) mask = 0;
    for (int wider = mask; wider >= 0; wider = outer_mask_[at(wider)])
        if (const auto known = compiled_.find({e->digest, wider}); known != compiled_.end()) return known->second;

    Instruction made;
    made.mask = mask;
    made.type = e->type;
    const auto new_register = [&] {
        register_changes_.push_back(made.changes);
        return made.out = static_cast<int>(register_changes_.size()) - 1;
    };
    const auto new_mask = [&](Instruction test) {
        test.out = static_cast<int>(masks_.size());
        test.mask = mask;
        test.changes = true;
        masks_.push_back({std::vector<unsigned char>(kLanes)});
        outer_mask_.push_back(mask);
        return emit(std::move(test));
    };
    const auto register_changes = [&](int r) { return bool(register_changes_[at(r)]); };

    switch (e->kind) {
        case ExprNode::constant: constants_.emplace_back(new_register(), e->value); break;
        case ExprNode::index:
            made.op = Instruction::index;
            made.linear = linear(e->position);
            made.changes = changes(made.linear);
            new_register();
            emit(made);
            break;
        case ExprNode::read: {
            made.tensor = &value_of_(e->tensor);
            made.linear = flat(e->at, made.tensor->shape);
            made.dimensions = leavable(e->at, made.tensor->shape);
            made.changes = changes(made.linear) || changes(made.dimensions);
            if (made.dimensions.empty()) {
                made.op = Instruction::read;
            } else if (e->otherwise) {
                made.op = Instruction::else_read;
                int outside = mask;
                if (asks(e->otherwise)) {
                    Instruction test = made;
                    test.op = Instruction::outside;
                    outside = new_mask(std::move(test));
                }
                made.args = {compile(e->otherwise, outside)};
                made.changes = made.changes || register_changes(made.args[0]);
            } else {
                made.op = Instruction::checked_read;
                made.changes = true;
            }
            new_register();
            emit(made);
            break;
        }
        case ExprNode::call: {
            made.scalar = e->scalar;
            made.op = Instruction::call;
            if (e->is("select")) {
                made.op = Instruction::select;
                made.args = {compile(e->args[0], mask)};
                for (const std::size_t side : {1, 2}) {
                    int chosen = mask;
                    if (asks(e->args[side])) {
                        Instruction test;
                        test.op = Instruction::chosen;
                        test.args = {made.args[0]};
                        test.negated = side == 2;
                        chosen = new_mask(std::move(test));
                    }
                    made.args.push_back(compile(e->args[side], chosen));
                }
            } else {
                for (const Expr& arg : e->args) made.args.push_back(compile(arg, mask));
                if (is_real(e->type))
                    made.op = e->is("add")   ? Instruction::add
                              : e->is("sub") ? Instruction::sub
                              : e->is("mul") ? Instruction::mul
                                             : made.op;
            }
            made.changes = std::any_of(made.args.begin(), made.args.end(), register_changes);
            new_register();
            emit(made);
            break;
        }
    }
    compiled_.emplace(std::pair{e->digest, mask}, made.out);
    return made.out;
}

// ------------------------------------------------------------------ evaluation

void BlockProgram::start_block(std::int64_t first, std::int64_t count) {
    count_ = count;
    std::vector<std::int64_t> point(lane_extents_.size());
    shapes::unflatten(first, lane_extents_, point);
    for (std::int64_t l = 0; l < count; ++l) {
        for (std::size_t v = 0; v < point.size(); ++v) lane_values_[v][static_cast<std::size_t>(l)] = point[v];
        for (std::size_t v = point.size(); v-- > 0;) {
            if (++point[v] < lane_extents_[v]) break;
            point[v] = 0;
        }
    }
    const auto n = static_cast<std::size_t>(count);
    for (const auto& [is_atom, slot] : order_) {
        if (is_atom) {
            if (!atoms_[at(slot)].changes) evaluate(atoms_[at(slot)]);
            continue;
        }
        Linear& linear = linears_[at(slot)];
        std::fill_n(linear.base.begin(), n, linear.constant);
        const auto add = [&](const std::vector<std::int64_t>& values, std::int64_t coefficient) {
            for (std::size_t l = 0; l < n; ++l) linear.base[l] += coefficient * values[l];
        };
        for (const auto& [v, coefficient] : linear.lanes) add(lane_values_[at(v)], coefficient);
        for (const auto& [a, coefficient] : linear.block_atoms) add(atoms_[at(a)].values, coefficient);
        linear.offset = 0;
        linear.stride = n > 1 ? linear.base[1] - linear.base[0] : 0;
        linear.strided = linear.step_atoms.empty();
        for (std::size_t l = 2; l < n && linear.strided; ++l) linear.strided = linear.base[l] - linear.base[l - 1] == linear.stride;
    }
}

void BlockProgram::start_step() {
    for (const auto& [is_atom, slot] : order_) {
        if (is_atom) {
            if (atoms_[at(slot)].changes) evaluate(atoms_[at(slot)]);
            continue;
        }
        Linear& linear = linears_[at(slot)];
        if (!linear.changes()) continue;
        linear.offset = 0;
        for (const auto& [v, coefficient] : linear.stepped) linear.offset += coefficient * step_values_[at(v)];
        if (linear.step_atoms.empty()) continue;
        for (std::size_t l = 0; l < static_cast<std::size_t>(count_); ++l) {
            linear.whole[l] = linear.base[l] + linear.offset;
            for (const auto& [a, coefficient] : linear.step_atoms) linear.whole[l] += coefficient * atoms_[at(a)].values[l];
        }
    }
}

template <class Use>
void BlockProgram::each(const Linear& linear, const Use& use) const {
    const auto n = static_cast<std::size_t>(count_);
    if (linear.step_atoms.empty())
        for (std::size_t l = 0; l < n; ++l) use(l, linear.base[l] + linear.offset);
    else
        for (std::size_t l = 0; l < n; ++l) use(l, linear.whole[l]);
}

void BlockProgram::evaluate(AtomValue& atom) {
    if (atom.kind == Atom::div)
        return each(linears_[at(atom.dividend)],
                    [&](std::size_t l, std::int64_t x) { atom.values[l] = shapes::floor_div(x, atom.modulus); });
    if (atom.kind == Atom::mod)
        return each(linears_[at(atom.dividend)],
                    [&](std::size_t l, std::int64_t x) { atom.values[l] = shapes::floor_mod(x, atom.modulus); });
    each(linears_[at(atom.flat)], [&](std::size_t l, std::int64_t x) {
        bool inside = true;
        for (const Dimension& d : atom.dimensions) {
            const std::int64_t i = position(linears_[at(d.linear)], static_cast<std::int64_t>(l));
            inside = inside && i >= 0 && i < d.extent;
        }
        atom.values[l] = inside ? static_cast<std::int64_t>(atom.tensor->values[static_cast<std::size_t>(x)]) : kNowhere;
    });
}

bool BlockProgram::evaluate_where() {
    Mask& mask = masks_[0];
    mask.all = mask.any = true;
    if (where_.empty()) return true;
    const auto holds = [](Predicate::Kind kind, std::int64_t x) {
        return kind == Predicate::ge ? x >= 0 : kind == Predicate::eq ? x == 0 : x != 0;
    };
    std::fill_n(mask.on.begin(), count_, 1);
    for (const auto& [kind, slot] : where_) {
        const Linear& linear = linears_[at(slot)];
        if (linear.strided && linear.stride == 0) {
            if (!holds(kind, linear.base[0] + linear.offset)) return mask.all = mask.any = false;
            continue;
        }
        each(linear, [&](std::size_t l, std::int64_t x) { mask.on[l] &= static_cast<unsigned char>(holds(kind, x)); });
    }
    const auto end = mask.on.begin() + count_;
    mask.all = std::find(mask.on.begin(), end, 0) == end;
    mask.any = std::find(mask.on.begin(), end, 1) != end;
    return mask.any;
}

void BlockProgram::execute(const Instruction& i) {
    const auto n = static_cast<std::size_t>(count_);
    const auto left = [&](std::size_t l) {
        for (const Dimension& d : i.dimensions) {
            const std::int64_t x = position(linears_[at(d.linear)], static_cast<std::int64_t>(l));
            if (x < 0 || x >= d.extent) return true;
        }
        return false;
    };
    const bool is_mask = i.op == Instruction::outside || i.op == Instruction::chosen;
    double* const out = is_mask ? nullptr : reg(i.out);
    switch (i.op) {
        case Instruction::read: {
            const Linear& linear = linears_[at(i.linear)];
            const double* const data = i.tensor->values.data();
            if (linear.strided && linear.stride == 0)
                std::fill_n(out, n, data[linear.base[0] + linear.offset]);
            else if (linear.strided && linear.stride == 1)
                std::memcpy(out, data + linear.base[0] + linear.offset, n * sizeof(double));
            else
                each(linear, [&](std::size_t l, std::int64_t x) { out[l] = data[x]; });
            break;
        }
        case Instruction::checked_read: {
            const Mask& mask = masks_[at(i.mask)];
            each(linears_[at(i.linear)], [&](std::size_t l, std::int64_t x) {
                out[l] = 0;
                if (!mask.all && !mask.on[l]) return;
                if (left(l)) fail_outside("a read", i.dimensions, static_cast<std::int64_t>(l));
                out[l] = i.tensor->values[static_cast<std::size_t>(x)];
            });
            break;
        }
        case Instruction::else_read: {
            const double* const otherwise = reg(i.args[0]);
            each(linears_[at(i.linear)], [&](std::size_t l, std::int64_t x) {
                out[l] = left(l) ? otherwise[l] : i.tensor->values[static_cast<std::size_t>(x)];
            });
            break;
        }
        case Instruction::outside:
        case Instruction::chosen: {
            const Mask& parent = masks_[at(i.mask)];
            Mask& mask = masks_[at(i.out)];
            mask.all = false;
            for (std::size_t l = 0; l < n; ++l) {
                const bool asked = parent.all || parent.on[l];
                mask.on[l] = asked && (i.op == Instruction::outside ? left(l) : (reg(i.args[0])[l] != 0) != i.negated);
            }
            break;
        }
        case Instruction::index:
            each(linears_[at(i.linear)], [&](std::size_t l, std::int64_t x) { out[l] = static_cast<double>(x); });
            break;
        case Instruction::select: {
            const double *const condition = reg(i.args[0]), *const then = reg(i.args[1]), *const otherwise = reg(i.args[2]);
            for (std::size_t l = 0; l < n; ++l) out[l] = condition[l] != 0 ? then[l] : otherwise[l];
            break;
        }
        case Instruction::add:
        case Instruction::sub:
        case Instruction::mul: {
            const double *const a = reg(i.args[0]), *const b = reg(i.args[1]);
            if (i.op == Instruction::add)
                for (std::size_t l = 0; l < n; ++l) out[l] = a[l] + b[l];
            else if (i.op == Instruction::sub)
                for (std::size_t l = 0; l < n; ++l) out[l] = a[l] - b[l];
            else
                for (std::size_t l = 0; l < n; ++l) out[l] = a[l] * b[l];
            break;
        }
        case Instruction::call: {
            std::array<const double*, 8> args{};
            std::array<double, 8> values{};
            const std::size_t arity = i.args.size();
            DLC_ASSERT(arity <= args.size(), "a scalar primitive takes at most 8 arguments");
            for (std::size_t a = 0; a < arity; ++a) args[a] = reg(i.args[a]);
            for (std::size_t l = 0; l < n; ++l) {
                for (std::size_t a = 0; a < arity; ++a) values[a] = args[a][l];
                out[l] = i.scalar->meaning(std::span(values.data(), arity), i.type);
            }
            break;
        }
    }
}

void BlockProgram::execute(bool changing) {
    for (const Instruction& instruction : changing ? step_ : block_) execute(instruction);
}

void BlockProgram::accumulate_lanes(std::int64_t step) {
    const double* const value = reg(result_);
    const Mask& mask = masks_[0];
    const auto active = [&](const auto& use) {
        for (std::size_t l = 0; l < static_cast<std::size_t>(count_); ++l)
            if (mask.all || mask.on[l]) use(l);
    };
    const auto extremum = [&](auto better) {
        active([&](std::size_t l) {
            if (best_at_[l] >= 0 && !better(value[l], best_[l])) return;
            best_[l] = value[l];
            best_at_[l] = step;
        });
    };
    switch (equation_.reduce) {
        case Reduce::none: active([&](std::size_t l) { best_[l] = value[l]; }); break;
        case Reduce::sum:
            if (mask.all)
                for (std::size_t l = 0; l < static_cast<std::size_t>(count_); ++l) best_[l] += value[l];
            else
                active([&](std::size_t l) { best_[l] += value[l]; });
            break;
        case Reduce::prod: active([&](std::size_t l) { best_[l] *= value[l]; }); break;
        case Reduce::max:
        case Reduce::argmax: extremum(beats<true>); break;
        case Reduce::min:
        case Reduce::argmin: extremum(beats<false>); break;
    }
}

void BlockProgram::accumulate_step(std::int64_t first, std::int64_t step) {
    const double* const value = reg(result_);
    const Mask& mask = masks_[0];
    double best = best_[static_cast<std::size_t>(step)];
    std::int64_t best_at = best_at_[static_cast<std::size_t>(step)];
    const auto active = [&](const auto& use) {
        for (std::size_t l = 0; l < static_cast<std::size_t>(count_); ++l)
            if (mask.all || mask.on[l]) use(l);
    };
    const auto extremum = [&](auto better) {
        active([&](std::size_t l) {
            if (best_at >= 0 && !better(value[l], best)) return;
            best = value[l];
            best_at = first + static_cast<std::int64_t>(l);
        });
    };
    switch (equation_.reduce) {
        case Reduce::none:
        case Reduce::sum: active([&](std::size_t l) { best += value[l]; }); break;
        case Reduce::prod: active([&](std::size_t l) { best *= value[l]; }); break;
        case Reduce::max:
        case Reduce::argmax: extremum(beats<true>); break;
        case Reduce::min:
        case Reduce::argmin: extremum(beats<false>); break;
    }
    best_[static_cast<std::size_t>(step)] = best;
    best_at_[static_cast<std::size_t>(step)] = best_at;
}

void BlockProgram::scatter(std::vector<double>& out) {
    const double* const value = reg(result_);
    const Mask& mask = masks_[0];
    each(linears_[at(map_flat_)], [&](std::size_t l, std::int64_t x) {
        if (!mask.all && !mask.on[l]) return;
        for (const Dimension& d : map_) {
            const std::int64_t i = position(linears_[at(d.linear)], static_cast<std::int64_t>(l));
            if (i >= 0 && i < d.extent) continue;
            if (equation_.lossy) return;
            fail_outside("a scatter", map_, static_cast<std::int64_t>(l));
        }
        double& target = out[static_cast<std::size_t>(x)];
        if (equation_.reduce == Reduce::sum)
            target += value[l];
        else if (equation_.reduce == Reduce::max ? beats<true>(value[l], target) : beats<false>(value[l], target))
            target = value[l];
    });
}

std::vector<double> BlockProgram::run() {
    const std::int64_t elements = volume(node_.shape), points = volume(lane_extents_), steps = volume(step_extents_);
    std::vector<double> out(static_cast<std::size_t>(elements), identity(equation_.reduce, node_.type));
    const bool positions = takes_positions(equation_.reduce);
    const std::size_t accumulators = static_cast<std::size_t>(outputs_are_lanes_ ? kLanes : equation_.scatter ? 0 : steps);
    const auto reset = [&] {
        best_.assign(accumulators, identity(equation_.reduce, node_.type));
        best_at_.assign(accumulators, -1);
    };
    const auto store = [&](std::int64_t first, std::int64_t count) {
        for (std::int64_t l = 0; l < count; ++l)
            out[static_cast<std::size_t>(first + l)] =
                positions ? static_cast<double>(best_at_[static_cast<std::size_t>(l)]) : best_[static_cast<std::size_t>(l)];
    };
    reset();
    for (std::int64_t first = 0; first < points; first += kLanes) {
        start_block(first, std::min(kLanes, points - first));
        execute(false);
        std::fill(step_values_.begin(), step_values_.end(), 0);
        for (std::int64_t step = 0; step < steps; ++step) {
            start_step();
            if (evaluate_where()) {
                execute(true);
                if (equation_.scatter)
                    scatter(out);
                else if (outputs_are_lanes_)
                    accumulate_lanes(step);
                else
                    accumulate_step(first, step);
            }
            for (std::size_t v = step_values_.size(); v-- > 0;) {
                if (++step_values_[v] < step_extents_[v]) break;
                step_values_[v] = 0;
            }
        }
        if (outputs_are_lanes_) {
            store(first, count_);
            reset();
        }
    }
    if (!outputs_are_lanes_ && !equation_.scatter) store(0, steps);
    return out;
}

void BlockProgram::fail_outside(const char* what, const std::vector<Dimension>& dimensions, std::int64_t lane) const {
    std::string message = std::string(what) + " leaves its tensor";
    for (const Dimension& d : dimensions) {
        const std::int64_t x = position(linears_[at(d.linear)], lane);
        if (x >= 0 && x < d.extent) continue;
        message = std::string(what) + " leaves its tensor: ";
        if (x <= kNowhere / 2 || x >= -kNowhere / 2)
            message += "an index it uses was itself read outside";
        else
            message += "index " + std::to_string(x) + " of a dimension of " + std::to_string(d.extent);
        break;
    }
    source::Diagnostic diagnostic = source::error(source::code("E0502"), std::move(message));
    if (node_.origin.span) diagnostic.at(node_.origin.span, node_.origin.name.empty() ? "" : "in `" + node_.origin.name + "`");
    throw source::UserError(std::move(diagnostic));
}

}  // namespace dlc::ir

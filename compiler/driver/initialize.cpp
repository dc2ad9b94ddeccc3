#include "compiler/driver/initialize.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <thread>

#include "compiler/driver/derivative.h"
#include "compiler/driver/runnable.h"
#include "compiler/ir/interpreter.h"
#include "dsl/source/diagnostic.h"
#include "runtime/data/array.h"

namespace dlc::driver {
namespace {

/// The number that is everywhere in the value, where its equation says so.
std::optional<double> fill_of(const ir::Node& node) {
    const ir::Equation* e = node.equation();
    if (!e || e->scatter || e->reduce != ir::Reduce::none || !e->where.empty()) return {};
    if (e->body->kind != ir::ExprNode::constant) return {};
    return e->body->value;
}

void fill(const train::Tensor& tensor, double number) {
    const std::span<std::byte> all = train::storage(tensor);
    const auto size = std::size_t(data::size_of(tensor.type));
    if (all.empty()) return;
    data::store(tensor.type, all.data(), 0, number);
    for (std::size_t done = size; done < all.size();) {  // as much again as there is
        const std::size_t more = std::min(done, all.size() - done);
        std::copy_n(all.begin(), more, all.begin() + std::ptrdiff_t(done));
        done += more;
    }
}

void assign(const train::Tensor& tensor, const std::vector<double>& values) {
    std::vector<std::byte> packed(std::size_t(train::bytes(tensor)));
    for (std::size_t i = 0; i < values.size(); ++i) data::store(tensor.type, packed.data(), std::int64_t(i), values[i]);
    train::write(tensor, packed.data());
}

/// What one thread computes.
struct Share {
    std::vector<const train::Tensor*> tensors = {};
    std::vector<ir::NodeId> nodes = {};
    std::int64_t elements = 0;
    std::exception_ptr failure = {};
};

}  // namespace

void initialize(train::Program& program, const ir::Graph& init, std::uint64_t seed, int threads) {
    std::map<std::string, ir::Tensor> leaves;
    for (ir::NodeId leaf : init.leaves(ir::LeafKind::seed)) leaves[init[leaf].leaf()->name] = {{}, {double(seed)}};
    for (ir::NodeId leaf : init.leaves(ir::LeafKind::step)) leaves[init[leaf].leaf()->name] = {{}, {0}};
    std::map<std::string_view, ir::NodeId> values;
    bool checks = false;
    for (const ir::Result& r : init.results()) {
        if (r.kind == ir::Result::check)
            checks = true;
        else
            values[r.name] = r.node;
    }
    if (checks) ir::interpret(with_results(init, {}), leaves);

    std::vector<const train::Tensor*> tensors;
    for (train::Role role : {train::Role::parameter, train::Role::state, train::Role::slot})
        for (const train::Tensor* tensor : program.all(role)) tensors.push_back(tensor);
    // The largest first, each to the thread that has least.  A value that two threads need is computed by both.
    std::ranges::stable_sort(tensors, std::greater{}, [](const train::Tensor* t) { return data::volume(t->shape); });
    std::vector<Share> shares(std::size_t(thread_count(threads)));
    for (const train::Tensor* tensor : tensors) {
        const auto value = values.find(tensor->name);
        DLC_ASSERT(value != values.end(), "nothing initializes " + tensor->name);
        if (const std::optional<double> number = fill_of(init[value->second])) {
            fill(*tensor, *number);
            continue;
        }
        Share& least = *std::ranges::min_element(shares, {}, &Share::elements);
        least.tensors.push_back(tensor);
        least.nodes.push_back(value->second);
        least.elements += data::volume(tensor->shape);
    }

    const auto compute = [&](Share& share) {
        try {
            const std::vector<ir::Tensor> found = ir::interpret(init, leaves, share.nodes);
            for (std::size_t i = 0; i < found.size(); ++i) assign(*share.tensors[i], found[i].values);
        } catch (...) { share.failure = std::current_exception(); }
    };
    {
        // Threads of their own: those that run kernels flush denormals.
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < shares.size(); ++i) others.emplace_back(compute, std::ref(shares[i]));
        compute(shares[0]);
    }
    for (const Share& share : shares)
        if (share.failure) std::rethrow_exception(share.failure);
}

}  // namespace dlc::driver

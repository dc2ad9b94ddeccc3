#include "compiler/kernels/kernel.h"

#include <numeric>

#include "dsl/source/diagnostic.h"

namespace dlc::kernels {

Order row_major(std::size_t rank) {
    Order order(rank);
    std::iota(order.begin(), order.end(), 0);
    return order;
}

std::vector<std::int64_t> strides(const ir::Shape& shape, const Order& order) {
    DLC_ASSERT(order.size() == shape.size(), "an order names each dimension once");
    std::vector<std::int64_t> result(shape.size());
    std::int64_t step = 1;
    for (std::size_t i = order.size(); i-- > 0;) {
        const auto dim = static_cast<std::size_t>(order[i]);
        result.at(dim) = step;
        step *= shape[dim];
    }
    return result;
}

ir::Digest Kernel::digest() const {
    ir::Hasher hasher;
    hasher.add("kernel").add(body.digest());
    const auto add = [&](const std::vector<Order>& orders) {
        hasher.add(orders.size());
        for (const Order& order : orders) {
            hasher.add(order.size());
            for (int dim : order) hasher.add(static_cast<std::uint64_t>(dim));
        }
    };
    add(inputs);
    add(outputs);
    for (int input : alias) hasher.add(static_cast<std::uint64_t>(input + 1));
    return hasher.done();
}

std::vector<std::int64_t> times(const Layout& layout) {
    std::vector<std::int64_t> all(layout.calls.size(), 1);
    for (const Loop& loop : layout.loops)
        for (int c = loop.first; c < loop.last; ++c) all[static_cast<std::size_t>(c)] *= loop.steps;
    return all;
}

std::string_view name(Region region) {
    switch (region) {
        case Region::parameter: return "parameter";
        case Region::state: return "state";
        case Region::input: return "input";
        case Region::output: return "output";
        case Region::workspace: return "workspace";
        case Region::constant: return "constant";
    }
    return "?";
}

}  // namespace dlc::kernels

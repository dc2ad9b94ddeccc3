#include "compiler/ir/memory.h"

#include <fmt/format.h>
#include <unistd.h>

namespace dlc::ir {

double memory_of_machine() { return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE)); }

double elements(const Shape& shape) {
    double product = 1;
    for (const std::int64_t extent : shape) product *= static_cast<double>(extent);
    return product;
}

namespace {
double bytes_of(const Node& node) { return elements(node.shape) * sizeof(double); }
}  // namespace

source::UserError no_memory(const Origin& origin, const std::string& name, const Shape& shape, double bytes) {
    source::Diagnostic diagnostic = source::error(
        source::code("E0504"), fmt::format("{} of shape [{}] takes {:.0f} bytes, and there is no memory for it",
                                           name.empty() ? "a tensor" : "`" + name + "`", fmt::join(shape, ", "), bytes));
    if (origin.span) diagnostic.at(origin.span);
    diagnostic.notes.push_back(fmt::format("this machine has {:.1f} GiB of memory", memory_of_machine() / (1 << 30)));
    return source::UserError(std::move(diagnostic));
}

source::UserError no_memory(const Node& node) {
    return no_memory(node.origin, node.leaf() ? node.leaf()->name : node.origin.name, node.shape, bytes_of(node));
}

void require_memory(const Node& node) {
    if (bytes_of(node) > memory_of_machine()) throw no_memory(node);
}

}  // namespace dlc::ir

// An entry holds the number of kernels, their keys, and the layout.
#include "compiler/codegen/plan_cache.h"

#include <chrono>
#include <cstring>

#include "compiler/codegen/cache.h"
#include "compiler/codegen/versions.h"
#include "compiler/kernels/layout_bytes.h"

namespace dlc::codegen {
namespace {

constexpr std::string_view kPlan = ".plan";

/// Of what a graph's own digest leaves out: where its nodes and results come from.
ir::Digest origins_digest(const ir::Graph& graph) {
    ir::Hasher hasher;
    const auto add = [&](const source::Span& span) {
        hasher.add(std::uint64_t{span.file}).add(std::uint64_t{span.begin} << 32 | span.end);
    };
    for (const ir::Node& node : graph.nodes()) {
        const ir::Origin& origin = node.origin;
        add(origin.span);
        hasher.add(origin.name).add(origin.layer).add(std::uint64_t{origin.checkpoint}).add(origin.also.size());
        for (const source::Span& span : origin.also) add(span);
        if (node.scan()) hasher.add(origins_digest(*node.scan()->body));
    }
    for (const ir::Result& result : graph.results()) {
        add(result.span);
        add(result.inside);
    }
    return hasher.done();
}

}  // namespace

ir::Digest plan_key(const ir::Graph& graph, const schedules::Target& target) {
    return ir::Hasher().add(graph.digest()).add(origins_digest(graph)).add(target.digest()).add(plan_versions()).done();
}

std::optional<StoredPlan> load_plan(const ir::Digest& key, const std::filesystem::path& folder) {
    const Cache cache(folder);
    const std::optional<std::string> bytes = cache.read(key, kPlan);
    if (!bytes) return {};
    std::string_view rest = *bytes;
    StoredPlan plan;
    std::uint64_t kernels = 0;
    if (rest.size() < sizeof kernels) return {};
    std::memcpy(&kernels, rest.data(), sizeof kernels);
    rest.remove_prefix(sizeof kernels);
    if (kernels > rest.size() / sizeof(ir::Digest)) return {};
    plan.code.keys.resize(kernels);
    std::memcpy(plan.code.keys.data(), rest.data(), kernels * sizeof(ir::Digest));
    rest.remove_prefix(kernels * sizeof(ir::Digest));
    std::optional<kernels::Layout> layout = kernels::layout_from(rest);
    if (!layout) return {};
    plan.layout = *std::move(layout);
    const auto start = std::chrono::steady_clock::now();
    for (const ir::Digest& kernel : plan.code.keys) {
        std::optional<Cache::Loaded> loaded = cache.load(kernel);
        if (!loaded) return {};
        plan.code.kernels.push_back(loaded->kernel);
        plan.code.libraries.push_back(std::move(loaded->library));
    }
    plan.code.from_cache = kernels;
    plan.code.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return plan;
}

void store_plan(const ir::Digest& key, const kernels::Layout& layout, const Compiled& code, const std::filesystem::path& folder) {
    const std::uint64_t kernels = code.keys.size();
    std::string bytes(reinterpret_cast<const char*>(&kernels), sizeof kernels);
    bytes.append(reinterpret_cast<const char*>(code.keys.data()), kernels * sizeof(ir::Digest));
    Cache(folder).write(key, kPlan, bytes + kernels::to_bytes(layout));
}

}  // namespace dlc::codegen

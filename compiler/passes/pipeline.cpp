// The order of the passes.  A row of the table (a file of this folder) is found by its name; a name may stand here more than once.
#include <algorithm>
#include <iterator>
#include <string>

#include "compiler/ir/verify.h"
#include "compiler/passes/pass.h"
#include "dsl/source/diagnostic.h"

namespace dlc::passes {

extern const Pass* const kPassRows[];

namespace {

constexpr std::string_view kOrder[] = {
    "loops",         "simplify",         "inline-views",     "gatherize",   "simplify",  "inline-views", "diagonals", "simplify",
    "reuse-outputs", "inline-pointwise", "simplify",         "last-values", "sequences", "reductions",   "lookups",   "prefixes",
    "simplify",      "inline-views",     "inline-pointwise", "simplify",    "quotients", "simplify",     "routes",    "wide-sums",
};

const Pass* find(std::string_view name) {
    for (const Pass* const* row = kPassRows; *row; ++row)
        if ((*row)->name == name) return *row;
    DLC_ASSERT(false, "no pass is named " + std::string(name));
    return nullptr;
}

}  // namespace

std::span<const Pass* const> pipeline() {
    static const std::vector<const Pass*> passes = [] {
        std::vector<const Pass*> result;
        std::ranges::transform(kOrder, std::back_inserter(result), find);
        return result;
    }();
    return passes;
}

ir::Graph run(const ir::Graph& graph, std::string_view until, const std::function<void(const Pass&, const ir::Graph&)>& after) {
    auto passes = pipeline();
    if (!until.empty()) {  // of a pass that runs twice, the last time counts
        const auto last = std::ranges::find(passes.rbegin(), passes.rend(), until, &Pass::name);
        DLC_ASSERT(last != passes.rend(), "the pipeline has no pass named " + std::string(until));
        passes = passes.first(static_cast<std::size_t>(last.base() - passes.begin()));
    }
    ir::Graph current = graph;
    for (const Pass* pass : passes) {
        current = pass->run(current);
#ifdef DLC_VERIFY
        ir::verify_or_die(current, pass->name);
#endif
        if (after) after(*pass, current);
    }
    return current;
}

}  // namespace dlc::passes

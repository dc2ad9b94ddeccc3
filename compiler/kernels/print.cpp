#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/kernels/kernel.h"

namespace dlc::kernels {
namespace {

std::string type_and_order(const Buffer& b) {
    std::string text = fmt::format("{}[{}]", ir::name(b.type), fmt::join(b.shape, ", "));
    if (b.order != row_major(b.shape.size())) text += fmt::format(" order {}", fmt::join(b.order, ""));
    return text;
}

std::string value(const Layout& layout, int buffer) {
    const Buffer& b = layout.buffers[static_cast<std::size_t>(buffer)];
    return fmt::format("{} {}", b.name.empty() ? fmt::format("#{}", buffer) : b.name, type_and_order(b));
}

}  // namespace

std::string print(const Plan& plan, const Describe& describe) {
    std::string text = fmt::format("{} calls of {} kernels\n", plan.calls.size(), plan.kernels.size());
    std::size_t next = 0;  // loop
    std::vector<const Loop*> open;
    const auto close = [&](std::size_t now) {
        while (!open.empty() && static_cast<std::size_t>(open.back()->last) <= now) {
            open.pop_back();
            text += fmt::format("     {:{}}end\n", "", 2 * open.size());
        }
    };
    for (std::size_t c = 0; c < plan.calls.size(); ++c) {
        const Call& call = plan.calls[c];
        const Kernel& kernel = plan.kernels[static_cast<std::size_t>(call.kernel)];
        close(c);
        for (; next < plan.loops.size() && static_cast<std::size_t>(plan.loops[next].first) == c; ++next) {
            const Loop& loop = plan.loops[next];
            text += fmt::format("     {:{}}{} steps{}, each calls {}..{}\n", "", 2 * open.size(), loop.steps,
                                loop.backwards ? " backwards" : "", loop.first, loop.last - 1);
            open.push_back(&loop);
        }
        text += fmt::format("{:>3}  kernel {:<3} {}\n", c, call.kernel, describe.kernel ? describe.kernel(plan, call) : "");
        for (std::size_t i = 0; i < call.inputs.size(); ++i)
            text += fmt::format("       reads   {}\n", value(plan, call.inputs[i]));
        for (std::size_t o = 0; o < call.outputs.size(); ++o)
            text += fmt::format("       writes  {}{}\n", value(plan, call.outputs[o]), kernel.alias[o] < 0 ? "" : "  in place");
        std::vector<std::string> names, places;
        const auto add = [](std::vector<std::string>& list, const std::string& entry) {
            if (!entry.empty() && std::ranges::find(list, entry) == list.end()) list.push_back(entry);
        };
        for (const ir::Origin& origin : call.origins) {
            add(names, origin.name);
            if (!describe.place) continue;
            if (origin.span) add(places, describe.place(origin.span));
            for (const source::Span& span : origin.also)
                if (span) add(places, describe.place(span));
        }
        if (!names.empty()) text += fmt::format("       of      {}\n", fmt::join(names, ", "));
        if (!places.empty()) text += fmt::format("       from    {}\n", fmt::join(places, ", "));
    }
    close(plan.calls.size());
    return text;
}

std::string print_memory(const Layout& layout) {
    std::string text = fmt::format("{:<10} {:>12} {:>12}  {:<9} {}\n", "region", "offset", "bytes", "calls", "holds");
    for (std::size_t i = 0; i < layout.buffers.size(); ++i) {
        const Buffer& b = layout.buffers[i];
        text += fmt::format("{:<10} {:>12} {:>12}  {:<9} {}\n", name(b.region), b.offset, b.bytes,
                            b.region == Region::workspace ? fmt::format("{}..{}", b.first, b.last) : "",
                            value(layout, static_cast<int>(i)));
    }
    for (std::size_t r = 0; r < std::size(layout.region_bytes); ++r)
        text += fmt::format("{:<10} {:>12} bytes\n", name(static_cast<Region>(r)), layout.region_bytes[r]);
    return text;
}

}  // namespace dlc::kernels

#include "compiler/ir/plain.h"

namespace dlc::ir {
namespace {

class Plain {
public:
    struct Made {
        Graph graph;
        std::vector<NodeId> by_id;
    };
    Made run(const Graph& graph) {
        Builder b(Builder::Sharing::off);
        Made made{{}, std::vector<NodeId>(graph.size())};
        const auto now = [&](NodeId id) { return made.by_id[id.value]; };
        for (std::uint32_t k = 0; k < graph.size(); ++k) {
            Node node = graph[NodeId{k}];
            if (const Custom* custom = node.custom()) {
                made.by_id[k] = now(custom->inputs[custom->result]);
                continue;
            }
            if (Scan* scan = std::get_if<Scan>(&node.what)) {
                const auto& [body, moved] = this->body(scan->body);
                scan->yield = moved[scan->yield.value];
                scan->body = body;
            }
            made.by_id[k] = b.copy(node, now);
        }
        for (Result r : graph.results()) {
            r.node = now(r.node);
            if (r.target) r.target = now(r.target);
            b.result(std::move(r));
        }
        made.graph = std::move(b).finish();
        return made;
    }

private:
    using Body = std::pair<std::shared_ptr<const Graph>, std::vector<NodeId>>;
    /// Values of one loop share its body.
    const Body& body(const std::shared_ptr<const Graph>& old) {
        const auto known = bodies_.find(old);
        if (known != bodies_.end()) return known->second;
        Made made = run(*old);
        return bodies_[old] = {std::make_shared<const Graph>(std::move(made.graph)), std::move(made.by_id)};
    }
    std::map<std::shared_ptr<const Graph>, Body> bodies_;
};

}  // namespace

Graph plain(const Graph& graph) { return Plain().run(graph).graph; }

}  // namespace dlc::ir

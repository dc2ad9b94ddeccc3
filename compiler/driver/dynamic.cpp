#include "compiler/driver/dynamic.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "compiler/driver/program.h"

namespace dlc::driver {
namespace {

// A size that is no factor of any other extent, for which a program says what it does at every point.
constexpr std::int64_t kManyPoints = 1009;

bool speaks_of(const text::Expr& e, const std::string& name) {
    if (const auto* n = std::get_if<text::Name>(&e.node)) return n->text == name;
    if (const auto* unary = std::get_if<text::Unary>(&e.node)) return speaks_of(*unary->operand, name);
    if (const auto* binary = std::get_if<text::Binary>(&e.node))
        return speaks_of(*binary->left, name) || speaks_of(*binary->right, name);
    return false;
}

[[noreturn]] void meets(const DynamicDim& dim, const ir::Coupling& coupling) {
    const std::string here = coupling.origin.name.empty() ? "here" : fmt::format("in `{}`", coupling.origin.name);
    const auto said = [&]() -> std::string {
        switch (coupling.kind) {
            case ir::Coupling::reduces: return fmt::format("{} `{}` is reduced", here, dim.name);
            case ir::Coupling::another: return fmt::format("{} a point of `{}` reads another one", here, dim.name);
            case ir::Coupling::place: return fmt::format("{} a number depends on the place in `{}`", here, dim.name);
            case ir::Coupling::random: return fmt::format("{} random numbers are drawn by the place in `{}`", here, dim.name);
            case ir::Coupling::shared:
                return fmt::format("{} {}, which belongs to no point of `{}`, is read at the place of one", here,
                                   coupling.other.empty() ? "a tensor" : fmt::format("`{}`", coupling.other), dim.name);
            case ir::Coupling::steps: return fmt::format("{} `{}` is the steps of a recurrence", here, dim.name);
            case ir::Coupling::unclear: break;
        }
        return fmt::format("{} what a point of `{}` takes from the others cannot be told", here, dim.name);
    }();
    source::Diagnostic d = source::error(source::code("E0407"), said);
    if (coupling.origin.span) d.at(coupling.origin.span);
    d.notes.push_back(
        fmt::format("--dynamic {} computes points in groups, so that each must be computed from itself alone", dim.name));
    throw source::UserError(std::move(d));
}

[[noreturn]] void differs(const DynamicDim& dim, std::int64_t size, const ir::Graph& one, const ir::Graph& other) {
    const ir::Node* first = nullptr;
    for (std::size_t k = 0; k < std::min(one.size(), other.size()) && !first; ++k)
        if (one.nodes()[k].digest != other.nodes()[k].digest) first = &other.nodes()[k];
    const std::string name = first && !first->origin.name.empty() ? fmt::format("`{}`", first->origin.name) : "the program";
    source::Diagnostic d =
        source::error(source::code("E0408"),
                      fmt::format("{} is computed in another way for `{}` = {} than for {}", name, dim.name, size, kManyPoints));
    if (first && first->origin.span) d.at(first->origin.span);
    d.notes.push_back(
        fmt::format("--dynamic {} computes points in groups, so that the size must not enter what is computed", dim.name));
    throw source::UserError(std::move(d));
}

/// A tensor of `points` points seen as [outside, points, inside].
struct Rows {
    std::size_t outside, points, inside;
    Rows(const ir::Shape& shape, const ir::PointAxis& axis, std::int64_t count) : points(std::size_t(count)) {
        std::int64_t all = axis.inner;
        for (std::size_t d = axis.axis + 1; d < shape.size(); ++d) all *= shape[d];
        inside = std::size_t(all);
        outside = count == 0 ? 0 : std::size_t(ir::volume(shape) / (count * all));
    }
};

ir::Shape with_points(ir::Shape shape, const ir::PointAxis& axis, std::int64_t from, std::int64_t to) {
    if (from != to) shape[axis.axis] = shape[axis.axis] / from * to;
    return shape;
}

/// The points of a tile; what is left of the tile repeats the last one.
ir::Tensor points_of(const ir::Tensor& whole, const ir::PointAxis& axis, std::int64_t points, const runtime::Tile& tile) {
    const Rows rows(whole.shape, axis, points);
    ir::Tensor part{with_points(whole.shape, axis, points, tile.size), {}};
    part.values.reserve(rows.outside * std::size_t(tile.size) * rows.inside);
    for (std::size_t o = 0; o < rows.outside; ++o)
        for (std::int64_t p = 0; p < tile.size; ++p) {
            const std::size_t point = std::size_t(tile.first + std::min(p, tile.count - 1));
            const auto from = whole.values.begin() + std::ptrdiff_t((o * rows.points + point) * rows.inside);
            part.values.insert(part.values.end(), from, from + std::ptrdiff_t(rows.inside));
        }
    return part;
}

void put_points(ir::Tensor& whole, const ir::PointAxis& axis, std::int64_t points, const ir::Tensor& part,
                const runtime::Tile& tile) {
    const Rows rows(whole.shape, axis, points);
    const std::size_t size = std::size_t(tile.size), count = std::size_t(tile.count), first = std::size_t(tile.first);
    for (std::size_t o = 0; o < rows.outside; ++o)
        std::copy_n(part.values.begin() + std::ptrdiff_t(o * size * rows.inside), count * rows.inside,
                    whole.values.begin() + std::ptrdiff_t((o * rows.points + first) * rows.inside));
}

}  // namespace

CLI::Option* DynamicOption::declare(CLI::App& app) {
    return app
        .add_option(
            "--dynamic", text,
            "a dimension of any size, computed by programs for a few sizes of it (default 1, 8 and 64): --dynamic Batch=1,32")
        ->type_name("NAME[=SIZES]");
}

std::optional<DynamicDim> parse_dynamic(const DynamicOption& option, const std::vector<elaborate::Port>& ports) {
    if (option.text.empty()) return {};
    const std::size_t equals = option.text.find('=');
    DynamicDim dim{option.text.substr(0, equals), {}};
    check_dims("--dynamic", {dim.name}, ports);
    if (equals == std::string::npos) {
        dim.sizes = {1, 8, 64};
        return dim;
    }
    const char* at = option.text.data() + equals + 1;
    const char* end = option.text.data() + option.text.size();
    for (bool more = true; more;) {
        std::int64_t size = 0;
        const auto parsed = std::from_chars(at, end, size);
        if (parsed.ec != std::errc() || size < 1 || (parsed.ptr != end && *parsed.ptr != ','))
            usage_error(fmt::format("--dynamic wants sizes of at least 1, separated by commas, got `{}`", option.text),
                        "--dynamic Batch=1,32");
        dim.sizes.push_back(size);
        more = parsed.ptr != end;
        at = parsed.ptr + more;
    }
    std::ranges::sort(dim.sizes);
    dim.sizes.erase(std::ranges::unique(dim.sizes).begin(), dim.sizes.end());
    return dim;
}

std::map<std::string, std::size_t> axes_of(const std::string& dim, const std::vector<elaborate::Port>& ports) {
    std::map<std::string, std::size_t> axes;
    for (const elaborate::Port& port : ports) {
        if (!port.type.dims) continue;
        for (std::size_t d = 0; d < port.type.dims->size(); ++d) {
            const text::Dim& size = (*port.type.dims)[d];
            if (size.pack || !size.size || !speaks_of(*size.size, dim)) continue;
            const bool whole = std::holds_alternative<text::Name>(size.size->node);
            const bool packed = std::ranges::any_of(port.type.dims->begin(), port.type.dims->begin() + std::ptrdiff_t(d),
                                                    [](const text::Dim& before) { return before.pack; });
            if (whole && !packed && axes.emplace(port.name, d).second) continue;
            throw source::UserError(
                source::error(source::code("E0408"), fmt::format("`{}` must be one whole axis of `{}`, and no pack "
                                                                 "may be before it, to be of any size",
                                                                 dim, port.name))
                    .at(port.span));
        }
    }
    return axes;
}

Dynamic::Dynamic(DynamicDim dim, std::map<std::string, std::size_t> axes, std::int64_t points, ProgramOfSize program,
                 CompileSettings settings, std::function<void(Runnable&)> prepare)
    : dim_(std::move(dim)), axes_(std::move(axes)), points_(points), settings_(std::move(settings)), prepare_(std::move(prepare)) {
    ir::PerPoint one = per_point(program(kManyPoints), kManyPoints);
    for (std::size_t r = 0; r < one.axes.size(); ++r)
        if (const ir::Result& result = one.graph.results()[r]; result.kind != ir::Result::check)
            results_[result.name] = one.axes[r];
    if (points_ < 2) {  // a program of its own
        tiles_ = {{points_, 0, points_}};
        programs_.emplace(points_, OfSize{program(points_)});
        return;
    }
    tiles_ = runtime::tiles(points_, dim_.sizes);
    const auto as_for_many = [&](std::int64_t size) {
        ir::Graph graph = program(size);
        const ir::PerPoint found = per_point(graph, size);
        if (found.graph.digest() != one.graph.digest() || found.axes != one.axes) differs(dim_, size, one.graph, found.graph);
        return graph;
    };
    for (const runtime::Tile& tile : tiles_)
        if (tile.size > 1 && !programs_.contains(tile.size)) programs_.emplace(tile.size, OfSize{as_for_many(tile.size)});
    if (!programs_.contains(points_)) as_for_many(points_);
    if (tiles_.back().size == 1) programs_.emplace(1, OfSize{std::move(one.graph)});
}

ir::PerPoint Dynamic::per_point(const ir::Graph& graph, std::int64_t size) const {
    std::map<ir::NodeId, std::size_t> leaves;
    for (const auto& [name, axis] : axes_)
        if (const ir::NodeId leaf = graph.leaf(name)) leaves[leaf] = axis;
    std::variant<ir::PerPoint, ir::Coupling> found = ir::unbatch(graph, size, leaves);
    if (const auto* coupling = std::get_if<ir::Coupling>(&found)) meets(dim_, *coupling);
    return std::move(std::get<ir::PerPoint>(found));
}

Runnable& Dynamic::program(const runtime::Tile& tile) {
    OfSize& found = programs_.at(tile.size);
    if (!found.runnable) {
        found.runnable = std::make_unique<Runnable>(found.graph, settings_);
        prepare_(*found.runnable);
    }
    return *found.runnable;
}

std::map<std::string, ir::Tensor> Dynamic::run(const std::map<std::string, ir::Tensor>& leaves) {
    std::map<std::string, ir::Tensor> whole;
    for (const runtime::Tile& tile : tiles_) {
        Runnable& runnable = program(tile);
        for (const auto& [name, value] : leaves) {
            if (!runnable.has_leaf(name)) continue;
            const auto axis = axes_.find(name);
            assign(runnable.leaf(name), axis == axes_.end() ? value : points_of(value, {axis->second, 1}, points_, tile));
        }
        runnable.run();
        for (const auto& [name, axis] : results_) {
            const ir::Tensor part = to_tensor(runnable.result(name));
            if (!axis) {
                whole[name] = part;
                continue;
            }
            ir::Tensor& all = whole[name];
            if (tile.first == 0) {
                all.shape = with_points(part.shape, *axis, tile.size, points_);
                all.values.resize(std::size_t(ir::volume(all.shape)));
            }
            put_points(all, *axis, points_, part, tile);
        }
    }
    return whole;
}

}  // namespace dlc::driver

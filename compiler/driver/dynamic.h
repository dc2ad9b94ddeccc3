// `--dynamic NAME`: one program for any size of a dimension, made of programs for a few sizes of it (docs/decisions/0009).
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/driver/runnable.h"
#include "compiler/elaborate/elaborate.h"
#include "compiler/ir/unbatch.h"
#include "runtime/tiles.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace dlc::driver {

/// `NAME`, or `NAME=1,32,128` with the sizes to compile for.
struct DynamicOption {
    std::string text;
    CLI::Option* declare(CLI::App&);
};

/// A dimension whose size is known when the program runs.
struct DynamicDim {
    std::string name;
    std::vector<std::int64_t> sizes;  // to compile for, ascending
};
/// Throws UsageError: sizes that are none, or a name that no type of `ports` speaks of.
std::optional<DynamicDim> parse_dynamic(const DynamicOption&, const std::vector<elaborate::Port>& ports);

/// The axis of each port along which the dimension lies; ports without it are left out.  Fails with source::UserError (E0408) where
/// it is a part of an axis, or several axes of one port.
std::map<std::string, std::size_t> axes_of(const std::string& dim, const std::vector<elaborate::Port>&);

/// What computes the results of `points` points of a dimension.  The points are independent: that is proved from the program.
class Dynamic {
public:
    using ProgramOfSize = std::function<ir::Graph(std::int64_t size)>;

    /// `axes`: of leaves, by name.  `prepare` sees every program after it is compiled and before it runs.  Fails with
    /// source::UserError: points meet (E0407), or a point is computed in another way for another number of them (E0408).
    Dynamic(DynamicDim, std::map<std::string, std::size_t> axes, std::int64_t points, ProgramOfSize, CompileSettings,
            std::function<void(Runnable&)> prepare);

    const std::vector<runtime::Tile>& tiles() const { return tiles_; }
    /// Compiled when first asked for.
    Runnable& program(const runtime::Tile&);
    /// Where the points lie in a result that is no check; empty: it is the same for all points.
    const std::optional<ir::PointAxis>& axis(const std::string& result) const { return results_.at(result); }

    /// All results of all points, from all leaves.
    std::map<std::string, ir::Tensor> run(const std::map<std::string, ir::Tensor>& leaves);

private:
    struct OfSize {
        ir::Graph graph;
        std::unique_ptr<Runnable> runnable = {};
    };
    ir::PerPoint per_point(const ir::Graph&, std::int64_t size) const;

    DynamicDim dim_;
    std::map<std::string, std::size_t> axes_;
    std::int64_t points_;
    CompileSettings settings_;
    std::function<void(Runnable&)> prepare_;
    std::vector<runtime::Tile> tiles_;
    std::map<std::int64_t, OfSize> programs_;  // by size of tile
    std::map<std::string, std::optional<ir::PointAxis>> results_;
};

}  // namespace dlc::driver

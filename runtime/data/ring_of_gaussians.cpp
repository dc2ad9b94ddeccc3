#include "runtime/data/made.h"

namespace dlc::data {
namespace {

/// Normal clouds at equal distances on a circle, the usual trial of generative adversarial networks (Metz et al. 2017).
DataSet ring_of_gaussians(const Arguments& given) {
    const std::int64_t modes = given.integer("modes");
    const double radius = given.real("radius"), sd = given.real("sd");
    const auto empty = [](std::int64_t examples) {
        return Table{{{"x", Array(DLC_F32, {examples, 2})}, {"mode", Array(DLC_I32, {examples})}}};
    };
    return made("ring_of_gaussians", given, empty, [&](Table& table, std::int64_t row, Draws& draws) {
        const std::int32_t mode = draws.below(modes);
        const double angle = 2 * std::numbers::pi * mode / static_cast<double>(modes);
        float* x = table.columns[0].values.as<float>().data() + 2 * row;
        x[0] = static_cast<float>(radius * std::cos(angle) + sd * draws.normal());
        x[1] = static_cast<float>(radius * std::sin(angle) + sd * draws.normal());
        table.columns[1].values.as<std::int32_t>()[static_cast<std::size_t>(row)] = mode;
    });
}

}  // namespace

namespace rows {
DLC_ROW(Source, gaussians) = {
    .name = "ring_of_gaussians",
    .doc = "normal clouds on a circle: x f32[2], mode i32",
    .options = {{.name = "modes", .fallback = std::int64_t{8}, .least = 1, .below = 1e6},
                {.name = "radius", .fallback = 2.0, .least = 0},
                {.name = "sd", .fallback = 0.02, .least = 0},
                examples_option(10000),
                seed_option()},
    .load = ring_of_gaussians,
};
}  // namespace rows
}  // namespace dlc::data

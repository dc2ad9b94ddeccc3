#include "runtime/data/augment.h"

#include <algorithm>
#include <numbers>

namespace dlc::data {
namespace {

// An augmentation is a function object over the type of its numbers.
template <class Kind>
constexpr Augmentation row(std::string_view name, std::string_view doc, std::vector<Option> options, int axes) {
    return {name, doc, std::move(options), axes, &Kind::template apply<float>, &Kind::template apply<double>};
}

template <class Real>
std::span<const Real> copied(const Pictures<Real>& pictures, std::span<Real> scratch) {
    std::copy(pictures.values.begin(), pictures.values.end(), scratch.begin());
    return scratch.first(pictures.values.size());
}

struct Shift {
    template <class Real>
    static void apply(const Arguments& given, Draws& draws, Pictures<Real> pictures, std::span<Real> scratch) {
        const std::int64_t by = given.integer("by");
        const std::int64_t down = draws.below(2 * by + 1) - by, right = draws.below(2 * by + 1) - by;
        shift(pictures, copied(pictures, scratch), down, right);
    }
};

struct Flip {
    template <class Real>
    static void apply(const Arguments& given, Draws& draws, Pictures<Real> pictures, std::span<Real>) {
        if (draws.uniform() < given.real("p")) mirror(pictures);
    }
};

struct Rotate {
    template <class Real>
    static void apply(const Arguments& given, Draws& draws, Pictures<Real> pictures, std::span<Real> scratch) {
        const double degrees = given.real("degrees") * (2 * draws.uniform() - 1);
        rotate(pictures, copied(pictures, scratch), degrees * std::numbers::pi / 180);
    }
};

struct Crop {
    template <class Real>
    static void apply(const Arguments& given, Draws& draws, Pictures<Real> pictures, std::span<Real> scratch) {
        const double least = given.real("least"), share = least + (1 - least) * draws.uniform();
        const double top = (1 - share) * draws.uniform() * static_cast<double>(pictures.height);
        const double left = (1 - share) * draws.uniform() * static_cast<double>(pictures.width);
        crop(pictures, copied(pictures, scratch), share, top, left);
    }
};

struct Noise {
    template <class Real>
    static void apply(const Arguments& given, Draws& draws, Pictures<Real> pictures, std::span<Real>) {
        draws.add_normals(pictures.values, static_cast<Real>(given.real("sd")));
    }
};

constexpr std::uint32_t kAugment = 0xa963 << 16;  // keeps these numbers apart from those of shuffles, hold-outs and made sets

}  // namespace

std::span<const Augmentation> augmentations() {
    static const std::vector<Augmentation> all = {
        row<Shift>("shift", "moved by up to `by` pixels down and across, zeros at the border",
                   {{.name = "by", .fallback = std::int64_t{1}, .required = true, .least = 0, .below = 1 << 16}}, 2),
        row<Flip>("flip", "left and right exchanged with probability `p`", {{.name = "p", .fallback = 0.5, .least = 0, .most = 1}},
                  2),
        row<Rotate>("rotate", "turned about the centre by up to `degrees` either way, zeros in the corners",
                    {{.name = "degrees", .fallback = 0.0, .required = true, .least = 0, .most = 180}}, 2),
        row<Crop>("crop", "a window of at least the share `least` of height and width, enlarged to the whole",
                  {{.name = "least", .fallback = 1.0, .required = true, .least = 0.01, .most = 1}}, 2),
        row<Noise>("noise", "N(0, `sd`^2) added to each number", {{.name = "sd", .fallback = 0.0, .required = true, .least = 0}},
                   1),
    };
    return all;
}

const Augmentation* augmentation_named(std::string_view name) {
    const auto found = std::ranges::find(augmentations(), name, &Augmentation::name);
    return found == augmentations().end() ? nullptr : &*found;
}

Augmenter::Augmenter(std::vector<Augment> list, const std::vector<Field>& fields, std::uint64_t seed) : seed_(seed) {
    for (std::size_t n = 0; n < list.size(); ++n) {
        const auto field = std::ranges::find(fields, list[n].field, &Field::name);
        if (field == fields.end()) continue;
        const Shape& shape = field->shape;
        Stage stage{std::move(list[n]),
                    static_cast<std::uint32_t>(n),
                    static_cast<std::size_t>(field - fields.begin()),
                    field->type,
                    {{}, 1, 1, 1},
                    volume(Shape(shape.begin() + 1, shape.end()))};
        if (shape.size() > 1) stage.form.width = shape.back();
        if (shape.size() > 2) stage.form.height = shape[shape.size() - 2];
        stage.form.planes = stage.elements / std::max<std::int64_t>(stage.form.area(), 1);
        stages_.push_back(std::move(stage));
    }
}

template <class Real>
void Augmenter::run(const Stage& stage, Draws& draws, std::span<Real> values, std::vector<Real>& scratch) {
    scratch.resize(std::max(scratch.size(), values.size()));
    const Pictures<Real> pictures{values, stage.form.planes, stage.form.height, stage.form.width};
    if constexpr (sizeof(Real) == sizeof(float))
        stage.augment.kind->single(stage.augment.arguments, draws, pictures, scratch);
    else
        stage.augment.kind->twice(stage.augment.arguments, draws, pictures, scratch);
}

void Augmenter::apply(std::span<std::vector<std::byte>> batch, std::int64_t i, std::int64_t epoch, std::int64_t row) {
    const std::uint64_t example = static_cast<std::uint64_t>(epoch) << 32 ^ static_cast<std::uint64_t>(row);
    for (const Stage& stage : stages_) {
        Draws draws(seed_, kAugment | stage.number, example);
        const auto count = static_cast<std::size_t>(stage.elements);
        std::byte* values = batch[stage.field].data() + i * stage.elements * size_of(stage.type);
        if (stage.type == DLC_F32) {
            run(stage, draws, std::span(reinterpret_cast<float*>(values), count), single_scratch_);
        } else if (stage.type == DLC_F64) {
            run(stage, draws, std::span(reinterpret_cast<double*>(values), count), double_scratch_);
        } else {
            singles_.resize(count);
            for (std::int64_t e = 0; e < stage.elements; ++e)
                singles_[static_cast<std::size_t>(e)] = static_cast<float>(load(stage.type, values, e));
            run(stage, draws, std::span(singles_), single_scratch_);
            for (std::int64_t e = 0; e < stage.elements; ++e) store(stage.type, values, e, singles_[static_cast<std::size_t>(e)]);
        }
    }
}

}  // namespace dlc::data

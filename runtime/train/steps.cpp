#include "runtime/train/steps.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

namespace dlc::train {
namespace {

/// The first word that is NaN, or infinite as well: all bits of the exponent are set.
template <class Word>
std::optional<std::size_t> first_word(std::span<const std::byte> bytes, Word infinity, Bad bad) {
    constexpr Word kSign = Word{1} << (sizeof(Word) * 8 - 1);
    const std::size_t count = bytes.size() / sizeof(Word);
    for (std::size_t i = 0; i < count; ++i) {
        Word word;
        std::memcpy(&word, bytes.data() + i * sizeof(Word), sizeof word);
        word = static_cast<Word>(word & static_cast<Word>(~kSign));
        if (word > infinity || (word == infinity && bad == Bad::nan_or_infinite)) return i;
    }
    return std::nullopt;
}

}  // namespace

std::optional<double> first_bad(dlc_type type, std::span<const std::byte> bytes, Bad bad) {
    std::optional<std::size_t> at;
    switch (type) {
        case DLC_F16: at = first_word<std::uint16_t>(bytes, 0x7c00, bad); break;
        case DLC_BF16: at = first_word<std::uint16_t>(bytes, 0x7f80, bad); break;
        case DLC_F32: at = first_word<std::uint32_t>(bytes, 0x7f800000, bad); break;
        case DLC_F64: at = first_word<std::uint64_t>(bytes, 0x7ff0000000000000, bad); break;
        default: break;
    }
    if (!at) return std::nullopt;
    return data::load(type, bytes.data(), static_cast<std::int64_t>(*at));
}

Stepper::Stepper(Program& program, const data::Feed& feed)
    : program_(program), steps_(program.all(Role::step)), losses_(program.all(Role::loss)), checks_(program.all(Role::check)) {
    for (const data::Field& field : feed.fields()) {
        const Tensor* tensor = program.find(Role::input, field.name);
        if (!tensor) tensor = program.find(Role::target, field.name);
        DLC_ASSERT(!tensor || (tensor->type == field.type && tensor->shape == field.shape),
                   "`" + field.name + "` of the feed is that of the program");
        inputs_.push_back(tensor);
    }
    measured_ = losses_;
    for (const Tensor* metric : program.all(Role::metric)) measured_.push_back(metric);
    for (const Tensor* tensor : measured_) DLC_ASSERT(data::volume(tensor->shape) == 1, "`" + tensor->name + "` is one number");
}

void Stepper::load(const data::Batch& batch) {
    for (std::size_t f = 0; f < inputs_.size(); ++f)
        if (inputs_[f]) write(*inputs_[f], batch.fields[f].data());
    for (const Tensor* step : steps_) set_scalar(*step, batch.step);
}

void Stepper::run(std::optional<std::int64_t> step) {
    const int code = program_.run();
    DLC_ASSERT(code == 0, fmt::format("a kernel failed with code {}: {}", code, program_.message()));
    for (const Tensor* check : checks_) {
        double violations = 0;
        for (std::int64_t i = 0; i < data::volume(check->shape); ++i) violations += data::load(check->type, check->data, i);
        if (violations == 0) continue;
        const std::string when = step ? fmt::format("at step {}", *step) : "during evaluation";
        throw CheckFailed(
            source::error(source::code("E0502"), fmt::format("{} ({} {})", check->name, when,
                                                             violations == 1 ? "once" : fmt::format("{} times", violations))),
            step.value_or(-1), check->name, violations);
    }
}

}  // namespace dlc::train

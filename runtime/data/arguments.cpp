#include "runtime/data/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace dlc::data {
namespace {

/// "an integer from 1", "a number from 0 to below 1", "true or false".
std::string wanted(const Option& option) {
    if (std::holds_alternative<bool>(option.fallback)) return "true or false";
    if (std::holds_alternative<std::string>(option.fallback)) return "a string";
    std::string text = std::holds_alternative<double>(option.fallback) ? "a number" : "an integer";
    if (option.least > -std::numeric_limits<double>::infinity()) text += fmt::format(" from {}", option.least);
    if (option.below < std::numeric_limits<double>::infinity()) text += fmt::format(" to below {}", option.below);
    if (option.most < std::numeric_limits<double>::infinity()) text += fmt::format(" to {}", option.most);
    return text;
}

/// The value as the option's type, or nothing.
std::optional<Argument> fitting(const Option& option, Argument value) {
    if (std::holds_alternative<double>(option.fallback))
        if (const auto* integer = std::get_if<std::int64_t>(&value)) value = static_cast<double>(*integer);
    if (value.index() != option.fallback.index()) return std::nullopt;
    const auto* integer = std::get_if<std::int64_t>(&value);
    const auto* real = std::get_if<double>(&value);
    if (!integer && !real) return value;
    const double number = integer ? static_cast<double>(*integer) : *real;
    return number >= option.least && number < option.below && number <= option.most ? std::optional(value) : std::nullopt;
}

}  // namespace

Arguments arguments_of(const std::string& callee, std::span<const Option> options, const GivenArguments& given, source::Code code) {
    const auto wrong = [&](std::string what, std::string help = {}) {
        throw source::UserError(source::error(code, std::move(what)).helped(std::move(help)));
    };
    Arguments out;
    std::size_t positional = 0;
    for (const auto& [name, value] : given) {
        auto option = std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.name == name; });
        if (name.empty()) {
            option = options.begin() + static_cast<std::ptrdiff_t>(std::min(positional++, options.size()));
            if (option != options.end() && !option->required) option = options.end();
        }
        if (option == options.end()) {
            std::vector<std::string> names;
            for (const Option& o : options) names.emplace_back(o.name);
            const std::string near(source::nearest(name, names));
            const std::string help = names.empty() ? "" : fmt::format("its arguments are {}", fmt::join(names, ", "));
            wrong(names.empty()  ? fmt::format("{} takes no argument", callee)
                  : name.empty() ? fmt::format("{} is given an argument without a name too many", callee)
                                 : fmt::format("{} has no argument `{}`", callee, name),
                  near.empty() ? help : fmt::format("did you mean `{}`?", near));
        }
        const std::optional<Argument> fits = fitting(*option, value);
        if (!fits) wrong(fmt::format("`{}` of {} must be {}", option->name, callee, wanted(*option)));
        if (!out.values.emplace(option->name, *fits).second) wrong(fmt::format("`{}` of {} is given twice", option->name, callee));
    }
    for (const Option& option : options) {
        if (option.required && !out.values.contains(option.name))
            wrong(fmt::format("{} wants its `{}`, {}", callee, option.name, wanted(option)));
        out.values.emplace(option.name, option.fallback);
    }
    return out;
}

}  // namespace dlc::data

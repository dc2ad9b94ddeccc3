#include "runtime/data/sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "dsl/source/diagnostic.h"

namespace dlc::data {

extern const Source* const kSourceRows[];

std::span<const Source* const> sources() {
    std::size_t count = 0;
    while (kSourceRows[count]) ++count;
    return {kSourceRows, count};
}

namespace {

[[noreturn]] void wrong(std::string what, std::string help = {}) {
    throw source::UserError(source::error(source::code("E0403"), std::move(what)).helped(std::move(help)));
}

/// "an integer from 1", "a number from 0 to below 1", "true or false".
std::string wanted(const Option& option) {
    if (std::holds_alternative<bool>(option.fallback)) return "true or false";
    if (std::holds_alternative<std::string>(option.fallback)) return "a string";
    std::string text = std::holds_alternative<double>(option.fallback) ? "a number" : "an integer";
    if (option.least > -std::numeric_limits<double>::infinity()) text += fmt::format(" from {}", option.least);
    if (option.below < std::numeric_limits<double>::infinity()) text += fmt::format(" to below {}", option.below);
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
    return number >= option.least && number < option.below ? std::optional(value) : std::nullopt;
}

}  // namespace

Arguments arguments_of(const Source& source, const std::vector<std::pair<std::string, Argument>>& given) {
    Arguments out;
    std::size_t positional = 0;
    for (const auto& [name, value] : given) {
        auto option = std::find_if(source.options.begin(), source.options.end(), [&](const Option& o) { return o.name == name; });
        if (name.empty()) {
            option = source.options.begin() + static_cast<std::ptrdiff_t>(std::min(positional++, source.options.size()));
            if (option != source.options.end() && !option->required) option = source.options.end();
        }
        if (option == source.options.end()) {
            std::vector<std::string> names;
            for (const Option& o : source.options) names.emplace_back(o.name);
            const std::string near(source::nearest(name, names));
            const std::string help = names.empty() ? "" : fmt::format("its arguments are {}", fmt::join(names, ", "));
            wrong(names.empty()  ? fmt::format("data set `{}` takes no argument", source.name)
                  : name.empty() ? fmt::format("data set `{}` is given an argument without a name too many", source.name)
                                 : fmt::format("data set `{}` has no argument `{}`", source.name, name),
                  near.empty() ? help : fmt::format("did you mean `{}`?", near));
        }
        const std::optional<Argument> fits = fitting(*option, value);
        if (!fits) wrong(fmt::format("`{}` of data set `{}` must be {}", option->name, source.name, wanted(*option)));
        if (!out.values.emplace(option->name, *fits).second)
            wrong(fmt::format("`{}` of data set `{}` is given twice", option->name, source.name));
    }
    for (const Option& option : source.options) {
        if (option.required && !out.values.contains(option.name))
            wrong(fmt::format("data set `{}` wants its `{}`, {}", source.name, option.name, wanted(option)));
        out.values.emplace(option.name, option.fallback);
    }
    return out;
}

}  // namespace dlc::data

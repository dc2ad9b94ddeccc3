// What a recipe's calls of data sets and augmentations are told.
#pragma once
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "dsl/source/diagnostic.h"

namespace dlc::data {

/// A value in a recipe's call.
using Argument = std::variant<bool, std::int64_t, double, std::string>;
/// What a data set or an augmentation can be told: `length` of `text("book.txt", length = 64)`.
struct Option {
    std::string_view name;
    Argument fallback;      // has the type of the values
    bool required = false;  // may then be given by position
    double least = -std::numeric_limits<double>::infinity();
    double below = std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
};
/// The values of all options.
struct Arguments {
    std::map<std::string, Argument, std::less<>> values;
    bool flag(std::string_view name) const { return std::get<bool>(values.find(name)->second); }
    std::int64_t integer(std::string_view name) const { return std::get<std::int64_t>(values.find(name)->second); }
    double real(std::string_view name) const { return std::get<double>(values.find(name)->second); }
    const std::string& string(std::string_view name) const { return std::get<std::string>(values.find(name)->second); }
};
/// As a call gives them: positional ones under "".
using GivenArguments = std::vector<std::pair<std::string, Argument>>;

/// What the call of `callee` ("data set `text`") gives, with what is left out filled in.  Fails with `code`: an argument that is
/// unknown, missing, given twice, of another type or out of its range.
Arguments arguments_of(const std::string& callee, std::span<const Option>, const GivenArguments&, source::Code code);

}  // namespace dlc::data

#include "runtime/data/sets.h"

#include <fmt/format.h>

namespace dlc::data {

extern const Source* const kSourceRows[];

std::span<const Source* const> sources() {
    std::size_t count = 0;
    while (kSourceRows[count]) ++count;
    return {kSourceRows, count};
}

Arguments arguments_of(const Source& source, const GivenArguments& given) {
    return arguments_of(fmt::format("data set `{}`", source.name), source.options, given, source::code("E0403"));
}

}  // namespace dlc::data

#include "dsl/source/source.h"

#include <algorithm>

namespace dlc::source {

Span join(Span first, Span second) {
    if (!first) return second;
    if (!second || first.file != second.file) return first;
    return {first.file, std::min(first.begin, second.begin), std::max(first.end, second.end)};
}

std::uint32_t SourceMap::add(std::string path, std::string text) {
    std::vector<std::uint32_t> starts{0};
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\n') starts.push_back(static_cast<std::uint32_t>(i + 1));
    files_.push_back({{std::move(path), std::move(text)}, std::move(starts)});
    return static_cast<std::uint32_t>(files_.size() - 1);
}

std::string_view SourceMap::text(Span span) const {
    if (!span) return {};
    std::string_view all = file(span.file).text;
    const std::size_t begin = std::min<std::size_t>(span.begin, all.size());
    return all.substr(begin, std::max(span.begin, span.end) - span.begin);
}

Position SourceMap::position(std::uint32_t file, std::uint32_t offset) const {
    const Entry& entry = files_.at(file);
    const auto& starts = entry.line_starts;
    const auto after = std::upper_bound(starts.begin(), starts.end(), offset);
    const std::uint32_t begin = *(after - 1);
    const std::string_view before = std::string_view(entry.file.text).substr(begin, offset - begin);
    const auto characters = std::count_if(before.begin(), before.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; });
    return {static_cast<std::uint32_t>(after - starts.begin()), static_cast<std::uint32_t>(characters + 1)};
}

std::string_view SourceMap::line(std::uint32_t file, std::uint32_t offset) const {
    const Entry& entry = files_.at(file);
    const auto& starts = entry.line_starts;
    const auto after = std::upper_bound(starts.begin(), starts.end(), offset);
    const std::uint32_t begin = *(after - 1);
    std::string_view rest = std::string_view(entry.file.text).substr(begin);
    rest = rest.substr(0, rest.find('\n'));
    if (rest.ends_with('\r')) rest.remove_suffix(1);
    return rest;
}

std::string SourceMap::location(Span span) const {
    if (!span) return {};
    const Position at = position(span.file, span.begin);
    return file(span.file).path + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

}  // namespace dlc::source

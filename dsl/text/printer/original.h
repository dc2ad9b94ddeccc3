// What the author wrote, as far as the printer keeps it: where lines ended, columns, comments.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "dsl/text/grammar/token.h"

namespace dlc::text {

class Original {
public:
    Original(const source::SourceMap&, std::uint32_t file);

    std::size_t size() const { return text_.size(); }
    std::size_t newlines(std::size_t begin, std::size_t end) const;
    /// From 1.
    std::size_t column(std::size_t offset) const;
    /// Where the token before `offset` begins, opening parentheses aside: the `=` before a value.
    std::size_t operator_before(std::size_t offset) const;
    /// Where the first `{` at or after `offset` stands.
    std::size_t brace_after(std::size_t offset) const;

    // Comments are handed out once each.
    bool has_comments(std::size_t begin, std::size_t end) const;
    std::vector<Comment> take(std::size_t begin, std::size_t end);
    /// The comment on the line of `offset`, behind it and before `end`.
    std::optional<Comment> take_beside(std::size_t offset, std::size_t end);

private:
    const source::SourceMap& map_;
    std::uint32_t file_;
    std::string_view text_;
    std::vector<Token> tokens_;
    std::vector<Comment> comments_;
};

}  // namespace dlc::text

// What the user reads when something is wrong: one primary span, secondary spans for "because of this", a stable code, a help line.
//
// A stage reports into `Diagnostics` and goes on, so one run shows several errors; a value that could not be made is "poisoned" by
// the stage and says nothing more.  Environment failures (a missing file, a full disk) are `EnvironmentError`s; a broken invariant
// of ours is an `InternalError`.  The driver turns the three into exit codes 1, 3 and 70.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/source/source.h"

namespace dlc::source {

/// A stable code: `E0203`.  The page `docs/errors/E0203.md` explains it.  Codes are written where they are reported, as
/// `code("E0203")`; a test holds every code used against the pages.
struct Code {
    std::string_view text;
    bool operator==(const Code&) const = default;
};
consteval Code code(const char* text) { return Code{text}; }

enum class Severity { error, warning, note };

struct Label {
    Span span;
    std::string text;
    bool operator==(const Label&) const = default;
};

struct Diagnostic {
    Severity severity = Severity::error;
    Code code;
    std::string message;        // one line, lower case, no full stop, both values in full
    std::vector<Label> labels;  // the first is the primary one
    std::vector<std::string> notes;
    std::string help;  // only where the fix is known

    Diagnostic& at(Span span, std::string text = {}) & {
        labels.push_back({span, std::move(text)});
        return *this;
    }
    Diagnostic&& at(Span span, std::string text = {}) && {
        labels.push_back({span, std::move(text)});
        return std::move(*this);
    }
    Diagnostic&& note(std::string text) && {
        notes.push_back(std::move(text));
        return std::move(*this);
    }
    Diagnostic&& helped(std::string text) && {
        help = std::move(text);
        return std::move(*this);
    }
};

Diagnostic error(Code, std::string message);
Diagnostic warning(Code, std::string message);

/// Collects what the stages report, in order, without repeating an equal diagnostic.
class Diagnostics {
public:
    /// What was said of the place already is not said again.
    void report(Diagnostic);
    const std::vector<Diagnostic>& all() const { return all_; }
    std::size_t errors() const { return errors_; }
    bool ok() const { return errors_ == 0; }

private:
    std::vector<Diagnostic> all_;
    std::size_t errors_ = 0;
};

/// The diagnostic as text, with the source lines it points at (see docs/language.md, "Diagnostics").  `color` adds ANSI colours.
std::string render(const SourceMap&, const Diagnostic&, bool color = false);
/// The same as one JSON object on one line: code, severity, message, labels with path, line, column and byte range, help.
std::string render_json(const SourceMap&, const Diagnostic&);

/// The candidate nearest to `word` (edit distance at most a third of its length, at least 1), or empty.  Ties: the first.
std::string_view nearest(std::string_view word, const std::vector<std::string>& candidates);

/// The environment is at fault: what happened and what to do, in one line.  Exit 3.
struct EnvironmentError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The user's program or data are at fault at a place no `Diagnostics` is at hand for.  Exit 1.
struct UserError : std::runtime_error {
    explicit UserError(Diagnostic d) : std::runtime_error(d.message), diagnostic(std::move(d)) {}
    Diagnostic diagnostic;
};

/// Our bug.  Exit 70.
struct InternalError : std::logic_error {
    using std::logic_error::logic_error;
};
[[noreturn]] void fail_assertion(const char* condition, const char* file, int line, const std::string& why);

}  // namespace dlc::source

#define DLC_ASSERT(condition, why)                                                            \
    do {                                                                                      \
        if (!(condition)) ::dlc::source::fail_assertion(#condition, __FILE__, __LINE__, why); \
    } while (false)

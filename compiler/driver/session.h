// One run of a command over one program: its sources, what was reported, and the options that many commands share.
#pragma once
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "compiler/driver/command.h"
#include "compiler/elaborate/elaborate.h"
#include "dsl/source/diagnostic.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace dlc::driver {

/// Ends a command with an exit code; what is to be said has been said.
struct Exit {
    int code;
};
/// The command line is at fault.  Exit 2.
struct UsageError : std::runtime_error {
    UsageError(const std::string& message, std::string the_help) : runtime_error(message), help(std::move(the_help)) {}
    std::string help;
};

/// Seeds pass through a double, which holds the integers up to here.
inline constexpr std::int64_t kLargestSeed = (std::int64_t{1} << 53) - 1;
/// What `--seed` accepts.
CLI::Validator seeds();

/// `--memory-limit 64MiB`.
void add_memory_limit(CLI::App&, std::optional<std::int64_t>& bytes, const std::string& what);

/// Options of commands that compile a program.
struct ProgramOptions {
    std::string file;
    std::string real = "f32";
    std::vector<std::string> sets;  // KEY=VALUE
    std::vector<std::string> dims;  // NAME=SIZE
    void declare(CLI::App&);
};

class Session {
public:
    explicit Session(const Global&);

    const Global& global;
    source::SourceMap map;
    source::Diagnostics diagnostics;

    /// Parses the file and its imports.  Throws Exit{1} after errors in them.
    std::shared_ptr<const elaborate::Program> load(const std::string& path);
    /// Checks the options given as text.  Throws Exit{1} or UsageError.
    elaborate::Options options(const ProgramOptions&, bool training);
    /// Shows what was reported since the last call; throws Exit{1} if there was an error among all.
    void settle();
    /// Shows everything and throws Exit{1}: a stage returned nothing.
    [[noreturn]] void fail();
    void show(const source::Diagnostic&);
    /// Runs `body`; a UserError thrown in it is shown with this session's sources and becomes Exit{1}.
    template <class Body>
    auto guard(Body&& body) {
        try {
            return body();
        } catch (const source::UserError& e) {
            settle();
            show(e.diagnostic);
            throw Exit{1};
        }
    }

private:
    std::size_t shown_ = 0;
};

[[noreturn]] void usage_error(const std::string& message, const std::string& help = {});

/// An error that belongs to no place in a program, on standard error: a line and perhaps a help line, or one JSON object a line.
void complain(const Global&, const std::string& message, const std::string& help = {});

}  // namespace dlc::driver

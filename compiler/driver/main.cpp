// dlc: a table of subcommands.  The three kinds of error become exit codes here and nowhere else.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "compiler/driver/command.h"
#include "compiler/driver/session.h"
#include "compiler/driver/version.h"
#include "dsl/source/diagnostic.h"

namespace dlc::driver {
extern const Command* const kCommandRows[];

namespace {

constexpr int kUsage = 2, kEnvironment = 3, kInternal = 70;

// CLI11 says of an unknown command only that one is required; the nearest name helps more.
int unknown_command(const std::string& word) {
    std::vector<std::string> names;
    for (auto row = kCommandRows; *row; ++row) names.emplace_back((*row)->name);
    fmt::print(stderr, "dlc: error: no command `{}`\n", word);
    if (auto near = source::nearest(word, names); !near.empty()) fmt::print(stderr, "  help: did you mean `{}`?\n", near);
    return kUsage;
}

int run(int argc, char** argv) {
    Global global;
    int exit_code = 0;
    CLI::App app{"dlc: a compiler for deep-learning models", "dlc"};
    app.set_version_flag("-V,--version", std::string("dlc ") + kVersion);
    app.require_subcommand(1);
    app.fallthrough();
    std::string color = "auto";
    app.add_option("--color", color, "colours: auto, always, never")->check(CLI::IsMember({"auto", "always", "never"}));
    app.add_flag("--json", global.json, "answers and errors as JSON");
    app.add_flag("-q,--quiet", global.quiet, "say nothing but answers and errors");
    app.add_flag("-v,--verbose", global.verbose, "say more; may be repeated");
    app.add_option("-j,--threads", global.threads, "threads to compile and run with (default: all processors)")
        ->check(CLI::Range(1, 1024));
    app.parse_complete_callback([&] {
        global.color = color == "always"  ? Global::Color::always
                       : color == "never" ? Global::Color::never
                                          : Global::Color::automatic;
    });
    for (auto row = kCommandRows; *row; ++row) {
        CLI::App* sub = app.add_subcommand(std::string((*row)->name), std::string((*row)->doc));
        sub->footer("example: " + std::string((*row)->example));
        (*row)->declare(*sub, global, exit_code);
    }
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--color" || word == "-j" || word == "--threads") {
            ++i;
            continue;
        }
        if (word.starts_with("-")) continue;
        bool known = false;
        for (auto row = kCommandRows; *row; ++row) known |= (*row)->name == word;
        if (!known) return unknown_command(word);
        break;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) return app.exit(e);
        fmt::print(stderr, "dlc: error: {}\n", e.what());
        if (!app.get_subcommands().empty()) fmt::print(stderr, "  help: dlc {} --help\n", app.get_subcommands()[0]->get_name());
        return kUsage;
    }
    return exit_code;
}

}  // namespace
}  // namespace dlc::driver

int main(int argc, char** argv) {
    using namespace dlc;
    try {
        return driver::run(argc, argv);
    } catch (const driver::Exit& e) { return e.code; } catch (const source::UserError& e) {
        source::SourceMap none;
        fmt::print(stderr, "{}", source::render(none, e.diagnostic));
        return 1;
    } catch (const source::EnvironmentError& e) {
        fmt::print(stderr, "dlc: error: {}\n", e.what());
        return driver::kEnvironment;
    } catch (const std::bad_alloc&) {
        fmt::print(stderr, "dlc: error: out of memory\n");
        return driver::kEnvironment;
    } catch (const std::exception& e) {
        fmt::print(stderr, "dlc: internal error: {}\n  this is a bug in dlc {}; please report it with the model that shows it\n",
                   e.what(), driver::kVersion);
        return driver::kInternal;
    }
}

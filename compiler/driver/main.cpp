// dlc: a table of subcommands.  The three kinds of error become exit codes here and nowhere else.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "compiler/driver/command.h"
#include "compiler/driver/session.h"
#include "compiler/driver/version.h"
#include "dsl/source/diagnostic.h"

namespace dlc::driver {
extern const Command* const kCommandRows[];

namespace {

constexpr int kUser = 1, kUsage = 2, kEnvironment = 3, kInternal = 70;

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known, const std::string& otherwise) {
    const std::string near(source::nearest(word, known));
    return near.empty() ? otherwise : "did you mean `" + near + "`?";
}

/// The first word that is neither an option nor an option's value must be a command.  CLI11 says of an unknown one only that one
/// is required; the nearest name helps more.
void check_command(int argc, char** argv) {
    std::vector<std::string> names;
    for (auto row = kCommandRows; *row; ++row) names.emplace_back((*row)->name);
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--color" || word == "-j" || word == "--threads") {
            ++i;
        } else if (!word.starts_with("-")) {
            if (std::find(names.begin(), names.end(), word) == names.end())
                usage_error(fmt::format("no command `{}`", word), did_you_mean(word, names, "dlc --help lists the commands"));
            return;
        }
    }
}

/// What CLI11 could not place: an option that nobody declared, else an argument too many.
[[noreturn]] void unexpected(const CLI::App& app) {
    const CLI::App* command = app.get_subcommands().empty() ? &app : app.get_subcommands().front();
    std::vector<std::string> known;
    for (const CLI::App* owner : {command, &app})
        for (const CLI::Option* option : owner->get_options())
            for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    const std::string help = command == &app ? "dlc --help" : fmt::format("dlc {} --help", command->get_name());
    // Arguments after an unknown option are left over as well, so the option is what is wrong.
    const std::vector<std::string> rest = app.remaining(true);
    for (const std::string& word : rest)
        if (word.size() > 1 && word[0] == '-') {
            const std::string name = word.substr(0, word.find('='));
            usage_error(fmt::format("no option `{}`", name), did_you_mean(name, known, help));
        }
    usage_error(fmt::format("an argument too many: `{}`", rest.empty() ? "" : rest.front()), help);
}

void parse(CLI::App& app, int argc, char** argv) {
    if (argc < 2) usage_error("which command?", "dlc --help lists the commands");
    check_command(argc, argv);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ExtrasError&) { unexpected(app); } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) {
            app.exit(e);  // --help, --version
            throw Exit{0};
        }
        const auto chosen = app.get_subcommands();
        usage_error(e.what(), chosen.empty() ? "dlc --help" : fmt::format("dlc {} --help", chosen.front()->get_name()));
    }
}

int run(Global& global, int argc, char** argv) {
    int exit_code = 0;
    CLI::App app{"dlc: a compiler for deep-learning models", "dlc"};
    app.set_version_flag("-V,--version", std::string("dlc ") + kVersion);
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(
        "example: dlc train models/lenet/model.dlm\nexit status: 0 done, 1 the program or the data are at fault, 2 the "
        "command line, 3 the environment, 70 a bug in dlc");
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
    parse(app, argc, argv);
    return exit_code;
}

}  // namespace
}  // namespace dlc::driver

namespace dlc::driver {
namespace {

/// What a file opened later must not become: a standard stream that the caller closed.  Writing to it stays an error.
void keep_standard_streams() {
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // takes the lowest free number
}

void flush_answers() {
    std::cout.flush();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) || !std::cout)
        throw source::EnvironmentError(std::string("cannot write to standard output: ") + std::strerror(errno));
}

int run_and_flush(Global& global, int argc, char** argv) {
    int exit_code = 0;
    try {
        exit_code = run(global, argc, argv);
    } catch (const Exit& e) { exit_code = e.code; }
    flush_answers();
    return exit_code;
}

}  // namespace
}  // namespace dlc::driver

int main(int argc, char** argv) {
    using namespace dlc;
    driver::keep_standard_streams();
    std::signal(SIGXFSZ, SIG_IGN);  // a file beyond its limit is an error of writing like a full disk
    driver::Global global;
    for (int i = 1; i < argc; ++i) global.json |= std::strcmp(argv[i], "--json") == 0;  // errors of parsing are JSON too
    try {
        return driver::run_and_flush(global, argc, argv);
    } catch (const driver::UsageError& e) {
        driver::complain(global, e.what(), e.help);
        return driver::kUsage;
    } catch (const source::UserError& e) {
        driver::Session(global).show(e.diagnostic);
        return driver::kUser;
    } catch (const source::EnvironmentError& e) {
        driver::complain(global, e.what());
        return driver::kEnvironment;
    } catch (const std::system_error& e) {  // a file system or a stream that fails in the middle
        driver::complain(global, e.what());
        return driver::kEnvironment;
    } catch (const std::bad_alloc&) {
        driver::complain(global, "out of memory");
        return driver::kEnvironment;
    } catch (const std::exception& e) {
        driver::complain(global, fmt::format("internal: {}", e.what()),
                         fmt::format("this is a bug in dlc {}; please report it with the model that shows it", driver::kVersion));
        return driver::kInternal;
    }
}

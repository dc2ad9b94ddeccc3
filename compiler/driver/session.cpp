#include "compiler/driver/session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "compiler/driver/terminal.h"
#include "dsl/text/parse.h"

namespace dlc::driver {

void usage_error(const std::string& message, const std::string& help) { throw UsageError(message, help); }

void complain(const Global& global, const std::string& message, const std::string& help) {
    if (global.json) {
        nlohmann::ordered_json line{{"severity", "error"}, {"message", message}};
        if (!help.empty()) line["help"] = help;
        narrate("{}\n", line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
        return;
    }
    const bool color = colored(global, STDERR_FILENO);
    narrate("dlc: {}error{}: {}\n", color ? "\x1b[1;31m" : "", color ? "\x1b[0m" : "", message);
    if (!help.empty()) narrate("  help: {}\n", help);
}

CLI::Validator seeds() { return CLI::Range(std::int64_t{0}, kLargestSeed); }

void add_memory_limit(CLI::App& app, std::optional<std::int64_t>& bytes, const std::string& what) {
    app.add_option("--memory-limit", bytes, what)
        ->transform(CLI::AsSizeValue(true))
        ->check(CLI::PositiveNumber)
        ->type_name("BYTES|64MiB");
}

void ProgramOptions::declare(CLI::App& app) {
    app.add_option("FILE", file, "a .dlm file")->required();
    app.add_option("--float", real, "what `f` means: f32 (default), f64 or bf16")->check(CLI::IsMember({"f32", "f64", "bf16"}));
    app.add_option("--set", sets, "override a hyperparameter or a setting of the train block: --set optimizer.lr=3e-4")
        ->type_name("KEY=VALUE");
    app.add_option("--dim", dims, "the size of a dimension the types leave open: --dim Batch=32")->type_name("NAME=SIZE");
}

Session::Session(const Global& g) : global(g) {}

void Session::show(const source::Diagnostic& d) {
    const std::string text =
        global.json ? source::render_json(map, d) + "\n" : source::render(map, d, colored(global, STDERR_FILENO));
    ProgressLine::clear_any();
    std::fwrite(text.data(), 1, text.size(), stderr);
}

void Session::settle() {
    for (; shown_ < diagnostics.all().size(); ++shown_) show(diagnostics.all()[shown_]);
    if (!diagnostics.ok()) throw Exit{1};
}

void Session::fail() {
    settle();
    DLC_ASSERT(false, "a stage gave no result and reported nothing");
    throw Exit{70};
}

std::shared_ptr<const elaborate::Program> Session::load(const std::string& path) {
    auto program = elaborate::load(map, path, diagnostics);
    settle();
    if (!program) fail();
    return program;
}

elaborate::Options Session::options(const ProgramOptions& given, bool training) {
    elaborate::Options options;
    options.real = *ir::type_named(given.real);
    options.training = training;
    for (const std::string& set : given.sets) {
        const std::size_t equals = set.find('=');
        if (equals == std::string::npos || equals == 0) usage_error("--set wants KEY=VALUE, got `" + set + "`");
        const std::uint32_t file = map.add("--set " + set.substr(0, equals), set.substr(equals + 1));
        if (text::ExprRef value = text::parse_expression(map, file, diagnostics)) options.overrides[set.substr(0, equals)] = value;
    }
    settle();
    for (const std::string& dim : given.dims) {
        const std::size_t equals = dim.find('=');
        std::int64_t size = 0;
        const char* end = dim.data() + dim.size();
        if (equals == std::string::npos || equals == 0 || std::from_chars(dim.data() + equals + 1, end, size).ptr != end ||
            size < 0)
            usage_error("--dim wants NAME=SIZE, got `" + dim + "`");
        options.dims[dim.substr(0, equals)] = size;
    }
    return options;
}

}  // namespace dlc::driver

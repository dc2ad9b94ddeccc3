// dlc fmt: the canonical layout, in place.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "compiler/driver/session.h"
#include "compiler/ir/row.h"
#include "dsl/text/parse.h"

namespace dlc::driver {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw source::EnvironmentError("cannot read " + path + ": " + std::strerror(errno));
    return {std::istreambuf_iterator<char>(in), {}};
}

// A reader of the file sees the old text or the new one, never a part.
void replace_file(const std::string& given, const std::string& text) {
    std::error_code unresolved;
    const std::string target = std::filesystem::canonical(given, unresolved).string();  // a link stays a link
    const std::string& path = unresolved ? given : target;
    const std::string temporary = path + ".dlc-fmt." + std::to_string(getpid());
    std::ofstream out(temporary, std::ios::binary);
    out << text;
    out.close();
    std::error_code failed;
    if (out) {
        std::filesystem::permissions(temporary, std::filesystem::status(path).permissions(), failed);
        std::filesystem::rename(temporary, path, failed);
    }
    if (!out || failed) {
        const std::string why = failed ? failed.message() : std::strerror(errno);
        std::filesystem::remove(temporary, failed);
        throw source::EnvironmentError("cannot write " + path + ": " + why);
    }
}

struct Options {
    std::vector<std::string> files;
    bool check = false, standard_output = false;
};

void format_files(const Global& global, const Options& options, int& exit_code) {
    Session session(global);
    nlohmann::json json{{"schema", "dlc.fmt/1"}, {"files", nlohmann::json::array()}};
    for (const std::string& path : options.files) {
        const std::string text = read_file(path);
        const std::uint32_t file = session.map.add(path, text);
        const std::size_t errors = session.diagnostics.errors();
        const text::File tree = text::parse(session.map, file, session.diagnostics);
        if (session.diagnostics.errors() != errors) continue;
        const std::string formatted = text::format(session.map, file, tree);
        const bool differs = formatted != text;
        json["files"].push_back({{"path", path}, {"formatted", !differs}});
        if (options.standard_output) {
            json["files"].back()["text"] = formatted;
            if (!global.json) fmt::print("{}", formatted);
        } else if (differs && options.check) {
            if (!global.json) fmt::print("{}\n", path);
            exit_code = 1;
        } else if (differs) {
            replace_file(path, formatted);
        }
    }
    if (global.json) fmt::print("{}\n", json.dump(2));
    session.settle();
}

void declare(CLI::App& app, Global& global, int& exit_code) {
    auto options = std::make_shared<Options>();
    app.add_option("FILE", options->files, ".dlm files")->required();
    app.add_flag("--check", options->check, "change nothing; list the files that are not formatted and exit with 1");
    app.add_flag("--stdout", options->standard_output, "print instead of writing the file")->excludes("--check");
    app.callback([&global, &exit_code, options] { format_files(global, *options, exit_code); });
}

}  // namespace

namespace rows {
DLC_ROW(Command, fmt) = {"fmt", "format files in place", "dlc fmt models/xor/model.dlm", declare};
}  // namespace rows
}  // namespace dlc::driver

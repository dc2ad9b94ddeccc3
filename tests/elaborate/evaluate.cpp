#include "tests/elaborate/evaluate.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace dlc::test {

Source::Source(const std::string& text) {
    static std::atomic<int> count{0};
    const auto folder =
        std::filesystem::temp_directory_path() / ("dlc-test-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(folder);
    path = (folder / "t.dlm").string();
    std::ofstream(path) << text;
}

Source::~Source() {
    std::error_code ignored;
    std::filesystem::remove_all(std::filesystem::path(path).parent_path(), ignored);
}

std::string Outcome::errors() const {
    std::string text;
    for (const source::Diagnostic& d : diagnostics.all()) text += source::render(map, d) + "\n";
    const std::string folder = std::filesystem::path(path).parent_path().string() + "/";
    for (std::size_t at; (at = text.find(folder)) != std::string::npos;) text.erase(at, folder.size());
    return text;
}

namespace {

constexpr std::string_view kMark = "# EXPECT\n";

}  // namespace

Golden::Golden(const std::string& file) : path(file) {
    std::ifstream in(path);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const std::size_t mark = text.find(kMark);
    program = text.substr(0, mark);
    if (mark == std::string::npos) return;
    std::istringstream lines(text.substr(mark + kMark.size()));
    for (std::string line; std::getline(lines, line);) expected += (line.size() > 2 ? line.substr(2) : "") + "\n";
}

void Golden::compare(const std::string& found) const {
    // The standard library is where the tree is; blank lines at the end do not count.
    std::string shown = found;
    const std::string tree = std::string(DLC_SOURCE_DIR) + "/";
    for (std::size_t at; (at = shown.find(tree)) != std::string::npos;) shown.erase(at, tree.size());
    while (shown.ends_with("\n\n")) shown.pop_back();
    if (std::getenv("DLC_UPDATE_GOLDEN")) {
        std::ofstream out(path);
        out << program << kMark;
        std::istringstream lines(shown);
        for (std::string line; std::getline(lines, line);) out << (line.empty() ? "#" : "# " + line) << "\n";
        return;
    }
    EXPECT_EQ(shown, expected) << path;
}

Outcome elaborate_text(const std::string& text, const std::string& callable, const How& how) {
    Outcome o;
    const Source file(text);
    o.path = file.path;
    const auto program = elaborate::load(o.map, file.path, o.diagnostics);
    if (program) o.made = elaborate::elaborate(*program, callable, how.options, how.shapes, o.diagnostics);
    return o;
}

Outcome looked_over(const std::string& text) {
    Outcome o;
    const Source file(text);
    o.path = file.path;
    if (const auto program = elaborate::load(o.map, file.path, o.diagnostics))
        elaborate::check_declarations(*program, o.diagnostics);
    return o;
}

std::pair<Outcome, std::vector<elaborate::Study>> studied(const std::string& text) {
    std::pair<Outcome, std::vector<elaborate::Study>> found;
    Outcome& o = found.first;
    const Source file(text);
    o.path = file.path;
    if (const auto program = elaborate::load(o.map, file.path, o.diagnostics))
        found.second = elaborate::studies(*program, {}, o.diagnostics);
    return found;
}

std::map<std::string, ir::Tensor> evaluate(const std::string& text, const std::map<std::string, ir::Tensor>& inputs, How how) {
    for (const auto& [name, tensor] : inputs) how.shapes[name] = tensor.shape;
    const Outcome o = elaborate_text(text, "main", how);
    EXPECT_TRUE(o.made) << text << "\n" << o.errors();
    if (!o.made) return {};
    std::map<std::string, ir::Tensor> leaves = inputs;
    leaves[".seed"] = {{}, {7}};
    leaves[".step"] = {{}, {0}};
    for (const auto& [name, tensor] : ir::interpret(o.made->init, leaves)) leaves[name] = tensor;
    return ir::interpret(o.made->graph, leaves);
}

std::vector<double> values(const std::string& text, const std::map<std::string, ir::Tensor>& inputs, How how) {
    const auto results = evaluate(text, inputs, std::move(how));
    for (const auto& [name, tensor] : results)
        if (name == "result" || name == "y") return tensor.values;
    ADD_FAILURE() << "no result named `result` or `y`";
    return {};
}

std::vector<double> value_of(const std::string& expression) { return values("fn main() = " + expression); }

std::vector<std::string> codes(const std::string& text, const How& how) {
    std::vector<std::string> codes;
    const Outcome outcome = elaborate_text(text, "main", how);
    for (const source::Diagnostic& d : outcome.diagnostics.all()) codes.emplace_back(d.code.text);
    return codes;
}

std::vector<std::string> failures(const std::string& path) {
    std::vector<std::string> failed;
    source::SourceMap map;
    source::Diagnostics diagnostics;
    const auto program = elaborate::load(map, path, diagnostics);
    if (program) {
        elaborate::Options options;
        options.real = ir::Type::f64;
        for (const elaborate::TestCase& t : elaborate::tests(*program, options, diagnostics)) {
            std::vector<ir::NodeId> wanted;
            std::vector<const ir::Result*> checks;
            for (const ir::Result& r : t.graph.results()) {
                if (r.kind != ir::Result::check) continue;
                wanted.push_back(r.node);
                checks.push_back(&r);
            }
            const auto found = ir::interpret(t.graph, {}, wanted);
            for (std::size_t k = 0; k < found.size(); ++k)
                if (found[k].values != std::vector<double>{0})
                    failed.push_back(t.title + ": " + checks[k]->name + " (" + map.location(checks[k]->span) + ")");
        }
    }
    for (const source::Diagnostic& d : diagnostics.all()) failed.push_back(source::render(map, d));
    return failed;
}

}  // namespace dlc::test

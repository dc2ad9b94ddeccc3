// dlc explain: every stage of the compiler on one program, as text or as one page of HTML; what a module or a declaration
// documents; one error code.
#include <fmt/format.h>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <sstream>

#include "compiler/codegen/compile.h"
#include "compiler/driver/documentation.h"
#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "compiler/driver/terminal.h"
#include "compiler/elaborate/readable.h"
#include "compiler/ir/row.h"
#include "compiler/ir/text.h"
#include "compiler/kernels/kernel.h"
#include "compiler/kernels/recompute.h"
#include "compiler/passes/pass.h"
#include "compiler/schedules/schedule.h"
#include "dsl/text/parse.h"
#include "runtime/data/file.h"

namespace dlc::driver {
namespace {

namespace fs = std::filesystem;

struct Options {
    ProgramOptions program;
    Callable callable;
    std::string declaration;
    std::string stage, html;
    int kernel = -1;
    std::optional<std::int64_t> memory_limit;
    bool inference = false;
    bool markdown = false;
};

/// The program at each stage, made when first asked for.
class Stages {
public:
    Stages(const Global& global, const Options& options)
        : session_(global), options_(options), threads_(threads(global.threads).threads()) {
        program_ = session_.load(options.program.file);
    }

    struct Stage {
        const char* name;
        const char* doc;
        std::string (Stages::*text)();
    };
    static const std::vector<Stage>& all() {
        static const std::vector<Stage> kStages{
            {"docs", "what it documents, and the modules it imports", &Stages::docs},
            {"ast", "the syntax tree, printed", &Stages::ast},
            {"graph", "index equations, as elaborated", &Stages::graph},
            {"gradient", "with gradients in defining form and the optimizer's updates", &Stages::gradient},
            {"simplified", "after all passes: gathers, nothing twice", &Stages::simplified},
            {"kernels", "what is computed together, and the lines it came from", &Stages::kernels},
            {"plan", "memory: every buffer, its place and its life", &Stages::plan},
            {"halide", "the loops of each kernel", &Stages::halide},
            {"asm", "the machine code of each kernel", &Stages::assembly},
        };
        return kStages;
    }
    std::string text(const std::string& name) {
        for (const Stage& stage : all())
            if (name == stage.name) return session_.guard([&] { return (this->*stage.text)(); });
        std::vector<std::string> names;
        for (const Stage& stage : all()) names.emplace_back(stage.name);
        const std::string near(source::nearest(name, names));
        usage_error("there is no stage `" + name + "`",
                    near.empty() ? fmt::format("stages: {}", fmt::join(names, " ")) : "did you mean `" + near + "`?");
    }
    const source::SourceMap& map() const { return session_.map; }
    /// The stage `docs` for machines.
    nlohmann::json module() const { return as_json(documented(session_, *program_)); }
    /// The stage `kernels` for machines.
    nlohmann::json calls() {
        const auto names = [&](const std::vector<int>& buffers) {
            nlohmann::json list = nlohmann::json::array();
            for (int b : buffers) list.push_back(planned().buffers[std::size_t(b)].name);
            return list;
        };
        nlohmann::json all = nlohmann::json::array();
        const std::vector<std::int64_t> times = kernels::times(planned());
        for (std::size_t i = 0; i < planned().calls.size(); ++i) {
            const kernels::Call& call = planned().calls[i];
            nlohmann::json lines = nlohmann::json::array();
            for (const auto& [path, line] : lines_of(call)) lines.push_back({{"path", path}, {"line", line}});
            all.push_back({{"kernel", call.kernel},
                           {"times", times[i]},
                           {"class", class_of(call)},
                           {"writes", names(call.outputs)},
                           {"reads", names(call.inputs)},
                           {"lines", std::move(lines)}});
        }
        return all;
    }

private:
    std::string docs() { return as_text(documented(session_, *program_), false); }

    std::string ast() {
        std::uint32_t file = 0;
        for (; file < session_.map.size(); ++file)
            if (session_.map.file(file).path == options_.program.file) break;
        return text::print(text::parse(session_.map, file, session_.diagnostics));
    }

    const elaborate::Elaborated& forward_graph() {
        if (!forward_)
            forward_ = callable(session_, *program_, options_.callable, session_.options(options_.program, !options_.inference));
        return *forward_;
    }
    /// The training step where there is a recipe for one, else the forward graph.
    const ir::Graph& whole() {
        if (!whole_) {
            const elaborate::Options how = session_.options(options_.program, true);
            if (options_.callable.name.empty() && !options_.inference && has_model(*program_)) {
                const Model model = open_model(session_, *program_, how);
                if (model.recipe.settings.contains("optimizer")) whole_ = step(session_, *program_, model).graph;
            }
            if (!whole_) whole_ = forward_graph().graph;
        }
        return *whole_;
    }
    const ir::Graph& simple() {
        if (!simple_) simple_ = passes::run(whole());
        return *simple_;
    }
    const kernels::Plan& planned() {
        if (plan_) return *plan_;
        if (options_.memory_limit)
            plan_ = session_.guard([&] { return kernels::fit(simple(), *options_.memory_limit).plan; });
        else
            plan_ = kernels::plan(simple());
        return *plan_;
    }

    std::string graph() { return ir::print(forward_graph().graph); }
    std::string gradient() { return ir::print(whole()); }
    // Every equation with the class its indices give it: "gemm NT", "conv 2d", "reduce rows sum".
    std::string simplified() {
        std::istringstream lines(ir::print(simple()));
        std::string out;
        for (std::string line; std::getline(lines, line); out += line + "\n") {
            std::uint32_t id = 0;
            if (!line.starts_with('%')) continue;  // of a loop's body
            if (std::sscanf(line.c_str(), "%%%u =", &id) != 1 || !simple().nodes()[id].equation()) continue;
            const std::string name = schedules::describe(simple(), {id}, schedules::host());
            line += (line.find("  # ") == std::string::npos ? "  # " : ": ") + name;
        }
        return out;
    }

    std::set<std::pair<std::string, int>> lines_of(const kernels::Call& call) const {
        std::set<std::pair<std::string, int>> lines;
        const auto add = [&](source::Span span) {
            if (span) lines.emplace(session_.map.file(span.file).path, int(session_.map.position(span.file, span.begin).line));
        };
        for (const ir::Origin& origin : call.origins) {
            add(origin.span);
            for (source::Span span : origin.also) add(span);
        }
        return lines;
    }
    std::string class_of(const kernels::Call& call) {
        return schedules::describe(planned().kernels[std::size_t(call.kernel)], schedules::host());
    }

    std::string kernels() {
        std::vector<std::vector<std::string>> rows{{"#", "kernel", "class", "writes", "reads", "source"}};
        const kernels::Plan& plan = planned();
        auto list = [&](const std::vector<int>& buffers) {
            std::string out;
            for (std::size_t i = 0; i < buffers.size() && i < 4; ++i) {
                const kernels::Buffer& b = plan.buffers[std::size_t(buffers[i])];
                out += (out.empty() ? "" : ", ") + b.name + show_shape(b.shape);
            }
            if (buffers.size() > 4) out += fmt::format(" and {} more", buffers.size() - 4);
            return out;
        };
        const std::vector<std::int64_t> times = kernels::times(plan);
        for (std::size_t i = 0; i < plan.calls.size(); ++i) {
            const kernels::Call& call = plan.calls[i];
            std::string lines;
            for (const auto& [path, line] : lines_of(call))
                lines += fmt::format("{}{}:{}", lines.empty() ? "" : " ", fs::path(path).filename().string(), line);
            const std::string number = times[i] == 1 ? std::to_string(i) : fmt::format("{}  x {}", i, times[i]);
            rows.push_back({number, std::to_string(call.kernel), class_of(call), list(call.outputs), list(call.inputs), lines});
        }
        return fmt::format("{} kernel calls, {} different kernels\n{}", plan.calls.size(), plan.kernels.size(), table(rows));
    }

    std::string plan() {
        const kernels::Plan& plan = planned();
        std::vector<std::vector<std::string>> rows{{"buffer", "type", "shape", "region", "offset", "bytes", "calls"}};
        for (const kernels::Buffer& b : plan.buffers)
            rows.push_back({b.name, std::string(ir::name(b.type)), show_shape(b.shape), std::string(kernels::name(b.region)),
                            std::to_string(b.offset), std::to_string(b.bytes),
                            b.first < 0 ? "" : fmt::format("{}..{}", b.first, b.last)});
        std::string totals;
        for (std::size_t r = 0; r < kernels::kRegions; ++r)
            totals += fmt::format("{}{} {} bytes", r > 0 ? ", " : "", kernels::name(kernels::Region(r)), plan.region_bytes[r]);
        return totals + "\n" + table(rows);
    }

    std::string per_kernel(codegen::View view) {
        const kernels::Plan& plan = planned();
        const schedules::Target target = schedules::host();
        if (options_.kernel >= int(plan.kernels.size()))
            usage_error(fmt::format("--kernel {}: there are {} kernels", options_.kernel, plan.kernels.size()));
        std::string out;
        for (std::size_t i = 0; i < plan.kernels.size(); ++i) {
            if (options_.kernel >= 0 && options_.kernel != int(i)) continue;
            out += fmt::format("# kernel {} ({})\n", i, schedules::describe(plan.kernels[i], target));
            out += codegen::show(plan.kernels[i], target, view) + "\n";
        }
        return out;
    }
    std::string halide() { return per_kernel(codegen::View::statement); }
    std::string assembly() { return per_kernel(codegen::View::assembly); }

    Session session_;
    const Options& options_;
    int threads_;
    std::shared_ptr<const elaborate::Program> program_;
    std::optional<elaborate::Elaborated> forward_;
    std::optional<ir::Graph> whole_, simple_;
    std::optional<kernels::Plan> plan_;
};

std::string escaped(const std::string& text) {
    std::string out;
    for (char c : text) {
        if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '&')
            out += "&amp;";
        else
            out += c;
    }
    return out;
}

std::string page(Stages& stages, const Options& options) {
    std::string out = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{0}</title>\n<style>\n"
        "body {{ font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 110rem; padding: 1rem 2rem; color: #222; "
        "background: #fff }}\n"
        "nav {{ position: sticky; top: 0; background: #fff; padding: .5rem 0; border-bottom: 1px solid #ccc }} nav a {{ "
        "margin-right: 1rem }}\n"
        "pre {{ font: 13px/1.45 ui-monospace, monospace; overflow: auto; max-height: 80vh; background: #f6f6f4; padding: .8rem; "
        "border-radius: 4px }}\n"
        "summary {{ cursor: pointer; font-weight: 600; padding: .4rem 0 }} small {{ font-weight: 400; color: #666 }}\n"
        "</style>\n<h1>{0}</h1>\n<nav>",
        escaped(options.program.file));
    for (const auto& stage : Stages::all()) out += fmt::format("<a href=\"#{0}\">{0}</a>", stage.name);
    out += "<a href=\"#source\">source</a></nav>\n";
    auto section = [&](const std::string& name, const std::string& doc, const std::string& text, bool open) {
        out += fmt::format("<details id=\"{0}\"{3}><summary>{0} <small>{1}</small></summary><pre>{2}</pre></details>\n", name,
                           escaped(doc), escaped(text), open ? " open" : "");
    };
    for (std::uint32_t i = 0; i < stages.map().size(); ++i)
        if (stages.map().file(i).path == options.program.file)
            section("source", options.program.file, stages.map().file(i).text, true);
    for (const auto& stage : Stages::all())
        section(stage.name, stage.doc, stages.text(stage.name), std::string(stage.name) == "kernels");
    out +=
        "<script>for (const a of document.querySelectorAll('nav a')) a.onclick = () => { document.querySelector(a.hash).open = "
        "true }</script>\n</html>\n";
    return out;
}

/// `E0203`: the page of that error.
bool explain_code(const Global& global, const std::string& word) {
    if (word.size() != 5 || word[0] != 'E' || word.find_first_not_of("0123456789", 1) != std::string::npos) return false;
    const fs::path path = fs::path(elaborate::standard_library()) / "../../docs/errors" / (word + ".md");
    std::ifstream in(path);
    if (!in) usage_error("there is no error " + word, "the codes are listed in docs/errors");
    const std::string text(std::istreambuf_iterator<char>(in), {});
    if (global.json) fmt::print("{}\n", nlohmann::json{{"schema", "dlc.explain/1"}, {"code", word}, {"text", text}}.dump(2));
    if (!global.json) fmt::print("{}", text);
    return true;
}

/// What is asked for is documentation: of the library, a module of it, a user's file or a declaration.
bool explain_documents(const Global& global, const Options& options) {
    const std::string& word = options.program.file;
    const bool library = word == "std", module = word.starts_with("std/");
    const bool bare = !library && !module && word.find_first_of("./") == std::string::npos && !fs::exists(word);
    const bool some = library || module || bare;
    if (!some && options.declaration.empty() && !options.markdown) return false;
    if ((!options.stage.empty() && options.stage != "docs") || !options.html.empty() || !options.callable.name.empty())
        usage_error(fmt::format("`{}` is documented, not compiled", options.declaration.empty() ? word : options.declaration),
                    "--stage, --html and --call want a .dlm file");
    if (options.markdown && (bare || !options.declaration.empty()))
        usage_error("--markdown is for modules, not for one declaration");
    if ((library || bare) && !options.declaration.empty())
        usage_error(fmt::format("`{}` is no module", word), fmt::format("dlc explain {}", options.declaration));

    Session session(global);
    std::string text;
    nlohmann::json json{{"schema", "dlc.explain/1"}};
    const bool color = !global.json && colored(global, STDOUT_FILENO);
    if (library) {
        const std::vector<ModuleDocs> all = documented_library(session);
        text = options.markdown ? as_markdown(all) : as_text(all, color);
        for (const ModuleDocs& docs : all) json["modules"].push_back(as_json(docs));
    } else if (bare || !options.declaration.empty()) {
        const std::vector<Documented> found = bare ? documented_in_library(session, word)
                                                   : documented(session, *session.load(module_path(word)), options.declaration);
        for (const Documented& d : found) {
            text += (text.empty() ? "" : "\n") + as_text(d, color);
            json["declarations"].push_back(as_json(d));
        }
    } else {
        const ModuleDocs docs = documented(session, *session.load(module_path(word)));
        text = options.markdown ? as_markdown(docs) : as_text(docs, color);
        json["module"] = as_json(docs);
    }
    fmt::print("{}", global.json ? json.dump(2) + "\n" : text);
    return true;
}

void explain(const Global& global, const Options& options) {
    if (explain_code(global, options.program.file) || explain_documents(global, options)) return;
    Stages stages(global, options);
    const std::string stage = options.stage.empty() ? "kernels" : options.stage;
    nlohmann::json json{{"schema", "dlc.explain/1"}};
    if (options.html.empty()) {
        const std::string text = stages.text(stage);
        json["stage"] = stage;
        json["text"] = text;
        if (stage == "docs") json["module"] = stages.module();
        if (stage == "kernels") json["calls"] = stages.calls();
        if (!global.json) fmt::print("{}", text);
    } else {
        const std::string text = page(stages, options);
        const std::span<const std::byte> bytes = std::as_bytes(std::span(text));
        data::write_file_atomically(options.html, {{bytes}});
        json["html"] = options.html;
        if (!global.json && !global.quiet) fmt::print("{}: {}\n", options.html, human_bytes(std::int64_t(text.size())));
    }
    if (global.json) fmt::print("{}\n", json.dump(2));
}

void declare(CLI::App& app, Global& global, int&) {
    auto options = std::make_shared<Options>();
    options->program.declare(app);
    options->callable.declare(app);
    app.get_option("FILE")->description(
        "a .dlm file, a module (std/nn, or std for all), a declaration of the library or an error code");
    app.add_option("NAME", options->declaration, "a declaration of the file or module");
    app.add_flag("--markdown", options->markdown, "documentation as Markdown");
    app.add_option("--stage", options->stage, "docs, ast, graph, gradient, simplified, kernels (default), plan, halide or asm")
        ->type_name("NAME");
    app.add_option("--kernel", options->kernel, "only this kernel, for the stages halide and asm")->type_name("NUMBER");
    app.add_option("--html", options->html, "write one self-contained page with all stages")->type_name("FILE");
    add_memory_limit(app, options->memory_limit,
                     "for the plan: what its tensors may take, with values computed again where it must be");
    app.add_flag("--inference", options->inference, "the forward graph, not the training step");
    app.callback([&global, options] { explain(global, *options); });
}

}  // namespace

namespace rows {
DLC_ROW(Command, explain) = {"explain", "every stage of the compiler; a module, a declaration or an error code",
                             "dlc explain models/lenet/model.dlm --stage kernels", declare};
}  // namespace rows
}  // namespace dlc::driver

#include "compiler/elaborate/program.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "compiler/elaborate/misfits.h"
#include "dsl/text/parse.h"
#include "dsl/text/walk.h"

namespace dlc::elaborate {

namespace fs = std::filesystem;
using source::code;

const text::Identifier& Definition::name() const {
    return std::visit([](const auto* d) -> const text::Identifier& { return d->name; }, node);
}

const std::vector<text::Parameter>& Definition::parameters() const {
    return std::visit([](const auto* d) -> const std::vector<text::Parameter>& { return d->parameters; }, node);
}

const text::Function* Definition::function() const {
    const auto* f = std::get_if<const text::Function*>(&node);
    return f ? *f : nullptr;
}

bool Definition::is_layer() const { return function() && function()->layer; }

namespace {

// Collects the definitions of `name` that a file offers to those who import it.
void offered(const Module& m, Space space, std::string_view name, std::set<const Module*>& seen,
             std::vector<const Definition*>& found) {
    if (!seen.insert(&m).second) return;
    const auto& own = m.own[static_cast<std::size_t>(space)];
    if (const auto it = own.find(name); it != own.end()) {
        found.push_back(&it->second);
        return;
    }
    for (const Module* import : m.imports) offered(*import, space, name, seen, found);
}

void offered_names(const Module& m, Space space, bool own, std::set<const Module*>& seen, std::vector<std::string>& names) {
    if (!seen.insert(&m).second) return;
    for (const auto& [name, definition] : m.own[static_cast<std::size_t>(space)])
        if (own || name[0] != '_') names.push_back(name);
    for (const Module* import : m.imports) offered_names(*import, space, false, seen, names);
}

}  // namespace

const Definition* Module::find(Space space, std::string_view name, std::vector<const Definition*>* all) const {
    const auto& mine = own[static_cast<std::size_t>(space)];
    if (const auto it = mine.find(name); it != mine.end()) return &it->second;
    if (name.starts_with('_')) return nullptr;
    std::vector<const Definition*> found;
    std::set<const Module*> seen = {this};
    for (const Module* import : imports) offered(*import, space, name, seen, found);
    if (found.empty() && prelude) offered(*prelude, space, name, seen, found);
    if (found.empty()) return nullptr;
    if (all && found.size() > 1) *all = found;
    return found.front();
}

std::vector<std::string> Module::names(Space space) const {
    std::vector<std::string> names;
    std::set<const Module*> seen;
    offered_names(*this, space, true, seen, names);
    if (prelude) offered_names(*prelude, space, false, seen, names);
    return names;
}

std::string standard_library() {
    if (const char* folder = std::getenv("DLC_STD"); folder && *folder) return folder;
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    for (const char* relative : {"../share/dlc/std", "../lib/dlc/std"}) {
        const fs::path folder = program.parent_path() / relative;
        if (!program.empty() && fs::is_directory(folder, ignored)) return folder.lexically_normal().string();
    }
    return DLC_STD_SOURCE;
}

namespace {

std::optional<std::string> contents(const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) return std::nullopt;
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace

std::string declaring_module(const std::string& function) {
    const fs::path library(standard_library());
    std::error_code ignored;
    std::set<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(library, ignored))
        if (entry.path().extension() == ".dlm") files.insert(fs::relative(entry.path(), library));
    for (const fs::path& file : files) {
        const std::string text = "\n" + contents(library / file).value_or("");
        for (const char* keyword : {"\nfn ", "\nlayer "})
            if (text.find(keyword + function + "(") != std::string::npos)
                // What lies in a folder is imported by the file of its name.
                return "std/" + (file.has_parent_path() ? *file.begin() : fs::path(file).replace_extension()).string();
    }
    return {};
}

/// Reads files depth first, so that a cycle of imports is a file met again while it is still being read.
class Loader {
public:
    Loader(Program& program, source::SourceMap& map, source::Diagnostics& diagnostics)
        : program_(program), map_(map), diagnostics_(diagnostics), library_(fs::path(standard_library())) {}

    void run(const std::string& path) {
        const std::optional<std::string> text = contents(path);
        if (!text) throw source::EnvironmentError("cannot read `" + path + "`: no such file, or it is not readable");
        Module* root = read(path, *text);
        program_.root_ = root;
        const fs::path prelude = library_ / "prelude.dlm";
        if (const std::optional<std::string> found = contents(prelude)) {
            const Module* common = known(prelude);
            if (!common) common = read(prelude, *found);
            std::set<const Module*> inside;
            closure(*common, inside);
            for (Module& m : program_.modules_)
                if (!inside.contains(&m)) m.prelude = common;
        } else {
            throw source::EnvironmentError("no standard library in `" + library_.string() +
                                           "`: set DLC_STD to the folder that holds prelude.dlm");
        }
    }

private:
    static void closure(const Module& m, std::set<const Module*>& seen) {
        if (!seen.insert(&m).second) return;
        for (const Module* import : m.imports) closure(*import, seen);
    }

    static std::string key(const fs::path& path) {
        std::error_code ignored;
        const fs::path canonical = fs::weakly_canonical(path, ignored);
        return ignored ? path.lexically_normal().string() : canonical.string();
    }

    const Module* known(const fs::path& path) const {
        const auto it = by_path_.find(key(path));
        return it == by_path_.end() ? nullptr : it->second;
    }

    Module* read(const fs::path& path, std::string text) {
        Module& m = program_.modules_.emplace_back();
        m.path = path.string();
        m.file = map_.add(m.path, std::move(text));
        std::error_code ignored;
        const std::string inside = key(library_) + "/";
        m.library = key(path).starts_with(inside);
        if (m.library) program_.library_files_.insert(m.file);
        by_path_[key(path)] = &m;
        open_.insert(&m);
        m.ast = text::parse(map_, m.file, diagnostics_);
        for (const text::Declaration& declaration : m.ast.declarations) declare(m, declaration);
        for (const text::Declaration& declaration : m.ast.declarations)
            if (const auto* import = std::get_if<text::Import>(&declaration.node)) follow(m, *import, declaration.where);
        open_.erase(&m);
        return &m;
    }

    void declare(Module& m, const text::Declaration& declaration) {
        std::optional<Definition> made;
        if (const auto* f = std::get_if<text::Function>(&declaration.node)) made = Definition{f, &m};
        if (const auto* f = std::get_if<text::Initializer>(&declaration.node)) made = Definition{f, &m};
        if (const auto* f = std::get_if<text::Optimizer>(&declaration.node)) made = Definition{f, &m};
        if (const auto* f = std::get_if<text::Model>(&declaration.node)) made = Definition{f, &m};
        told_.clear();
        if (const auto* test = std::get_if<text::Test>(&declaration.node)) values(test->body);
        if (!made) return;
        std::map<std::string, source::Span> parameters, results;
        for (const text::Parameter& p : made->parameters()) {
            once(parameters, p.name);
            if (p.type.element.text != "int") value(p.name, "this is a parameter that is no size");
        }
        if (const auto* f = made->function()) {
            for (const text::ResultName& r : f->results) {
                once(results, r.name);
                value(r.name, "this is a result");
            }
            if (f->body) values(*f->body);
        }
        if (const auto* optimizer = std::get_if<text::Optimizer>(&declaration.node)) values(optimizer->body);
        if (const auto* model = std::get_if<text::Model>(&declaration.node)) values(model->body);
        if (const auto* model = std::get_if<text::Model>(&declaration.node)) ports(model->body);
        const text::Identifier& name = made->name();
        const auto [it, fresh] = m.own[static_cast<std::size_t>(made->space())].emplace(name.text, *made);
        if (!fresh)
            diagnostics_.report(error(code("E0112"), "`" + name.text + "` is declared twice in this file")
                                    .at(name.where)
                                    .at(it->second.name().where, "first here"));
    }

    void once(std::map<std::string, source::Span>& seen, const text::Identifier& name) {
        const auto [first, fresh] = seen.try_emplace(name.text, name.where);
        if (!fresh) diagnostics_.report(declared_twice(name, first->second));
    }

    void value(const text::Identifier& name, const char* what) {
        if (is_size_name(name.text) && told_.insert(name.text).second) diagnostics_.report(no_size(name, what));
    }

    // What `N = …` binds may be a size; nothing else that a statement gives a name to is one.
    void values(const text::Block& block) {
        text::for_each_statement(block, [&](const text::Stmt& statement) {
            if (const auto* s = std::get_if<text::Input>(&statement.node)) value(s->name, "this is a tensor");
            if (const auto* s = std::get_if<text::Definition>(&statement.node)) value(s->name, "this is a value");
            if (const auto* s = std::get_if<text::Param>(&statement.node)) value(s->name, "this is a tensor");
            if (const auto* s = std::get_if<text::State>(&statement.node)) value(s->name, "this is a tensor");
            if (const auto* s = std::get_if<text::Equation>(&statement.node)) value(s->name, "this is a tensor");
            if (const auto* s = std::get_if<text::For>(&statement.node)) value(s->name, "this changes from turn to turn");
            text::for_each_part(statement, [&](const text::Expr& e) {
                text::for_each_inside(e, [&](const text::Expr& part) {
                    const auto* scan = std::get_if<text::Scan>(&part.node);
                    if (!scan) return;
                    for (const text::ScanSource& source : scan->sources) value(source.name, "this changes from step to step");
                    for (const text::ScanCarry& carry : scan->carries) value(carry.name, "this changes from step to step");
                });
            });
        });
    }

    // What goes into a model and what comes out of it; each branch of an `if` may say the same name.
    void ports(const text::Block& block) {
        std::map<std::string, source::Span> in, out;
        for (const auto& statement : block.statements) {
            if (const auto* port = std::get_if<text::Input>(&statement->node)) once(in, port->name);
            if (const auto* port = std::get_if<text::Definition>(&statement->node)) once(out, port->name);
            if (const auto* choice = std::get_if<text::IfStmt>(&statement->node)) {
                ports(choice->then);
                if (choice->otherwise) ports(*choice->otherwise);
            }
        }
    }

    void follow(Module& m, const text::Import& import, source::Span where) {
        const bool standard = import.path.starts_with("std/");
        fs::path path = standard ? library_ / import.path.substr(4) : fs::path(m.path).parent_path() / import.path;
        if (path.extension() != ".dlm") path += ".dlm";
        if (const Module* module = known(path)) {
            if (open_.contains(module)) {
                diagnostics_.report(error(code("E0111"), "`" + import.path + "` imports this file again, in a circle")
                                        .at(where)
                                        .helped("move what both files need to a third one"));
                return;
            }
            m.imports.push_back(module);
            return;
        }
        std::optional<std::string> text = contents(path);
        if (!text) {
            auto d = error(code("E0110"), "no file `" + path.string() + "` to import").at(where);
            if (const std::string near = neighbour(path); !near.empty())
                d.help = "did you mean `" + (standard ? "std/" + near : near) + "`?";
            diagnostics_.report(std::move(d));
            return;
        }
        m.imports.push_back(read(path, std::move(*text)));
    }

    static std::string neighbour(const fs::path& path) {
        std::vector<std::string> names;
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(path.parent_path(), ignored))
            if (entry.path().extension() == ".dlm") names.push_back(entry.path().stem().string());
        std::sort(names.begin(), names.end());
        return std::string(source::nearest(path.stem().string(), names));
    }

    Program& program_;
    source::SourceMap& map_;
    source::Diagnostics& diagnostics_;
    fs::path library_;
    std::map<std::string, Module*> by_path_;
    std::set<const Module*> open_;
    std::set<std::string> told_;  // the names of the declaration at hand that `value` has found wrong
};

std::shared_ptr<const Program> load(source::SourceMap& map, const std::string& path, source::Diagnostics& diagnostics) {
    const auto program = std::make_shared<Program>();
    const std::size_t before = diagnostics.errors();
    Loader(*program, map, diagnostics).run(path);
    return diagnostics.errors() == before ? program : nullptr;
}

}  // namespace dlc::elaborate

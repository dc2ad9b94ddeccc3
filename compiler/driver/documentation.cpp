#include "compiler/driver/documentation.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>

#include "compiler/elaborate/program.h"
#include "dsl/text/parse.h"
#include "dsl/text/walk.h"

namespace dlc::driver {
namespace {

namespace fs = std::filesystem;
using elaborate::Definition;
using elaborate::Module;
using elaborate::Space;

/// Heads are laid out for a terminal of 100 columns, indented.
constexpr std::size_t kHeadColumns = 96;

std::string module_name(const Module& m) {
    if (!m.library) return m.path;
    std::error_code ignored;
    fs::path inside = fs::relative(m.path, elaborate::standard_library(), ignored);
    return "std/" + inside.replace_extension().generic_string();
}

bool is_public(const Documented& d) { return !d.name.starts_with('_'); }

void for_each_import(const Module& m, std::set<const Module*>& seen, const std::function<void(const Module&)>& see) {
    for (const Module* import : m.imports)
        if (seen.insert(import).second) {
            see(*import);
            for_each_import(*import, seen, see);
        }
}

/// The functions, initializers and optimizers of other modules that a declaration calls, and with `through` what those of its own
/// module call for it.
class Uses {
public:
    explicit Uses(const Module& m, bool through = false) : module_(m), through_(through) {}

    std::vector<std::string> of(const text::Declaration& d) {
        std::visit([&](const auto& node) { look(node); }, d.node);
        return std::move(found_);
    }

private:
    void look(const text::Function& f) {
        parameters(f.parameters);
        if (f.value) expression(*f.value);
        if (f.body) block(*f.body);
    }
    void look(const text::Initializer& i) {
        parameters(i.parameters);
        expression(*i.value);
    }
    void look(const text::Optimizer& o) {
        parameters(o.parameters);
        block(o.body);
    }
    void look(const text::Model& m) {
        parameters(m.parameters);
        block(m.body);
    }
    void look(const text::Test& t) { block(t.body); }
    template <class Other>
    void look(const Other&) {}

    void parameters(const std::vector<text::Parameter>& list) {
        for (const text::Parameter& p : list)
            if (p.fallback) expression(*p.fallback);
    }
    void block(const text::Block& b) {
        text::for_each_statement(b, [&](const text::Stmt& s) {
            if (const auto* p = std::get_if<text::Param>(&s.node); p && p->initializer) {
                if (const auto* call = std::get_if<text::Call>(&p->initializer->node)) name(Space::initializer, call->callee.text);
                if (const auto* bare = std::get_if<text::Name>(&p->initializer->node)) name(Space::initializer, bare->text);
            }
            text::for_each_part(s, [&](const text::Expr& e) { expression(e); });
        });
    }
    void expression(const text::Expr& whole) {
        text::for_each_inside(whole, [&](const text::Expr& e) {
            if (const auto* call = std::get_if<text::Call>(&e.node))
                if (!name(Space::function, call->callee.text)) name(Space::optimizer, call->callee.text);
            if (const auto* pipe = std::get_if<text::Pipe>(&e.node)) name(Space::function, pipe->callee.text);
            if (const auto* reduce = std::get_if<text::Reduce>(&e.node)) name(Space::function, reduce->callee.text);
            if (const auto* scan = std::get_if<text::Scan>(&e.node)) block(scan->body);
        });
    }
    bool name(Space space, const std::string& called) {
        const Definition* found = module_.find(space, called);
        if (!found) return false;
        if (found->module == &module_) {
            if (through_ && seen_.insert(found).second) std::visit([&](const auto* node) { look(*node); }, found->node);
            return true;
        }
        std::string entry = fmt::format("{} ({})", called, module_name(*found->module));
        if (std::find(found_.begin(), found_.end(), entry) == found_.end()) found_.push_back(std::move(entry));
        return true;
    }

    const Module& module_;
    const bool through_;
    std::set<const Definition*> seen_;
    std::vector<std::string> found_;
};

std::vector<Documented> declarations(const Session& session, const Module& m) {
    std::vector<Documented> all;
    for (const text::Declaration& tree : m.ast.declarations) {
        const auto d = elaborate::declared(tree);
        if (!d || d->kind == "test") continue;
        Documented& one = all.emplace_back();
        one.kind = d->kind;
        one.name = d->name;
        one.head = text::head(tree, kHeadColumns);
        one.doc = d->doc;
        one.module = module_name(m);
        one.path = fs::path(m.path).lexically_normal().string();
        one.line = int(session.map.position(d->span.file, d->span.begin).line);
        one.uses = Uses(m).of(tree);
    }
    return all;
}

std::vector<Documented> public_declarations(const Session& session, const Module& m) {
    std::vector<Documented> all = declarations(session, m);
    std::erase_if(all, [](const Documented& d) { return !is_public(d); });
    return all;
}

std::vector<ModuleDocs::Test> tests(const Session& session, const Module& m) {
    std::vector<ModuleDocs::Test> all;
    for (const text::Declaration& tree : m.ast.declarations)
        if (const auto* test = std::get_if<text::Test>(&tree.node)) {
            const auto at = session.map.position(tree.where.file, tree.where.begin);
            all.push_back({test->title, int(at.line), Uses(m, true).of(tree)});
        }
    return all;
}

/// "std/attention", "std/conv", …, sorted.
std::vector<std::string> library_modules() {
    const fs::path top = elaborate::standard_library();
    std::vector<std::string> names;
    std::error_code failed;
    for (fs::recursive_directory_iterator at(top, failed), end; !failed && at != end; at.increment(failed))
        if (at->path().extension() == ".dlm")
            names.push_back("std/" + at->path().lexically_relative(top).replace_extension().generic_string());
    if (names.empty()) throw source::EnvironmentError("no standard library in `" + top.string() + "`: set DLC_STD to its folder");
    std::sort(names.begin(), names.end());
    return names;
}

using Library = std::vector<std::shared_ptr<const elaborate::Program>>;

Library load_library(Session& session) {
    Library library;
    for (const std::string& name : library_modules()) library.push_back(session.load(module_path(name)));
    return library;
}

void tell_who_brings(std::vector<Documented>& declarations, const Library& library) {
    for (const auto& program : library) {
        std::set<const Module*> reached;
        for_each_import(program->root(), reached, [&](const Module& m) {
            for (Documented& d : declarations)
                if (d.module == module_name(m)) d.brought_by.push_back(module_name(program->root()));
        });
    }
}

[[noreturn]] void no_declaration(const std::string& message, const std::string& name, const std::vector<std::string>& names) {
    const std::string near(source::nearest(name, names));
    usage_error(message, near.empty() ? "" : "did you mean `" + near + "`?");
}

}  // namespace

std::string module_path(const std::string& name) {
    if (!name.starts_with("std/")) return name;
    const std::vector<std::string> names = library_modules();
    if (!std::binary_search(names.begin(), names.end(), name)) {
        const std::string near(source::nearest(name, names));
        usage_error("no module `" + name + "`", near.empty() ? "dlc explain std lists them" : "did you mean `" + near + "`?");
    }
    return (fs::path(elaborate::standard_library()) / (name.substr(4) + ".dlm")).string();
}

ModuleDocs documented(const Session& session, const elaborate::Program& program) {
    const Module& m = program.root();
    ModuleDocs docs{module_name(m),
                    fs::path(m.path).lexically_normal().string(),
                    text::opening_comment(session.map, m.file),
                    public_declarations(session, m),
                    tests(session, m),
                    {}};
    std::set<const Module*> seen;
    for_each_import(m, seen, [&](const Module& import) {
        std::vector<std::string> names;
        for (const Documented& d : public_declarations(session, import)) names.push_back(d.name);
        docs.brings.push_back({module_name(import), std::move(names)});
    });
    return docs;
}

std::vector<ModuleDocs> documented_library(Session& session) {
    std::vector<ModuleDocs> all;
    for (const auto& program : load_library(session)) all.push_back(documented(session, *program));
    return all;
}

std::vector<Documented> documented(Session& session, const elaborate::Program& program, const std::string& name) {
    std::vector<const Module*> modules;
    std::vector<std::string> names;
    for (const Space space : {Space::function, Space::initializer, Space::optimizer, Space::model}) {
        std::vector<const Definition*> found;
        if (const Definition* first = program.root().find(space, name, &found); first && found.empty()) found = {first};
        for (const Definition* d : found)
            if (std::find(modules.begin(), modules.end(), d->module) == modules.end()) modules.push_back(d->module);
        std::ranges::move(program.root().names(space), std::back_inserter(names));
    }
    if (modules.empty())
        no_declaration(fmt::format("`{}` neither declares nor imports `{}`", module_name(program.root()), name), name, names);
    std::vector<Documented> all;
    for (const Module* m : modules)
        for (Documented& d : declarations(session, *m))
            if (d.name == name) all.push_back(std::move(d));
    tell_who_brings(all, load_library(session));
    return all;
}

std::vector<Documented> documented_in_library(Session& session, const std::string& name) {
    const Library library = load_library(session);
    std::vector<Documented> all;
    std::vector<std::string> names;
    for (const auto& program : library)
        for (Documented& d : public_declarations(session, program->root())) {
            names.push_back(d.name);
            if (d.name == name) all.push_back(std::move(d));
        }
    if (all.empty())
        no_declaration(fmt::format("no file and no declaration of the standard library is called `{}`", name), name, names);
    tell_who_brings(all, library);
    return all;
}

}  // namespace dlc::driver

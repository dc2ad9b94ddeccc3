#include "compiler/elaborate/misfits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "compiler/elaborate/elaborator.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

const std::vector<std::string> kReductions = {"sum", "max", "min", "prod", "mean", "any", "all", "argmax", "argmin"};

bool is_type_name(const std::string& n) {
    return n == "float" || n == "int" || n == "bool" || n == "f" || ir::type_named(n).has_value();
}

void suggest(source::Diagnostic& d, const std::string& word, const std::vector<std::string>& names) {
    if (const auto near = source::nearest(word, names); !near.empty()) d.help = "did you mean `" + std::string(near) + "`?";
}

}  // namespace

bool is_reduction_name(const std::string& name) { return std::ranges::find(kReductions, name) != kReductions.end(); }

bool is_brought(const std::string& name) {
    const auto& brought = Elaborator::brought_names();
    return is_reduction_name(name) || std::ranges::find(brought, name) != brought.end() || is_type_name(name);
}

bool is_known_function(const std::string& name) {
    const ir::Scalar* scalar = ir::find_scalar(name);
    return is_brought(name) || (scalar && !scalar->infix);
}

source::Diagnostic unknown_name(const Module& m, const std::string& name, Span where, const std::vector<std::string>& visible,
                                bool in_equation) {
    auto d = error(code("E0201"), "unknown name `" + name + "`").at(where);
    if (const Definition* f = m.find(Space::function, name)) {
        d.help = "`" + name + "` is a function; call it: `" + name + "(…)`";
        d.labels.push_back({f->name().where, "declared here"});
        return d;
    }
    std::vector<std::string> candidates = visible;
    for (const char* constant : {"training", "inf", "pi", "true", "false"}) candidates.emplace_back(constant);
    suggest(d, name, candidates);
    if (d.help.empty() && in_equation && !name.empty() && std::islower(static_cast<unsigned char>(name[0])))
        d.help = "every index on the right comes from the left or from a reduction";
    return d;
}

source::Diagnostic unknown_function(const Module& m, const text::Identifier& callee, bool is_value) {
    auto d = error(code("E0202"), "unknown function `" + callee.text + "`").at(callee.where);
    if (is_value) {
        d.help = "`" + callee.text + "` is a value; a value is read with brackets";
    } else if (m.find(Space::initializer, callee.text)) {
        d.help = "`" + callee.text + "` is an initializer; it stands after `~`";
    } else if (const std::string module = declaring_module(callee.text); !module.empty()) {
        d.help = "import \"" + module + "\"";
    } else {
        std::vector<std::string> names = m.names(Space::function);
        names.insert(names.end(), Elaborator::brought_names().begin(), Elaborator::brought_names().end());
        for (const ir::Scalar* scalar : ir::all_scalars())
            if (!scalar->infix) names.emplace_back(scalar->name);
        names.insert(names.end(), kReductions.begin(), kReductions.end());
        suggest(d, callee.text, names);
    }
    return d;
}

source::Diagnostic unknown_initializer(const Module& m, const text::Identifier& callee) {
    auto d = error(code("E0202"), "unknown initializer `" + callee.text + "`").at(callee.where);
    suggest(d, callee.text, m.names(Space::initializer));
    return d;
}

source::Diagnostic unknown_optimizer(const Module& m, const text::Identifier& callee) {
    auto d = error(code("E0202"), "unknown optimizer `" + callee.text + "`").at(callee.where);
    const std::vector<std::string> names = m.names(Space::optimizer);
    suggest(d, callee.text, names);
    if (names.empty()) d.help = "import \"std/optim\"";
    return d;
}

Wanted wanted(const std::string& brought, const std::optional<text::Identifier>& name, std::size_t position) {
    if (brought != "minimize") return Wanted::value;
    if (name ? name->text == "loss" : position == 1) return Wanted::function;
    return (name ? name->text == "optimizer" : position == 2) ? Wanted::optimizer : Wanted::value;
}

source::Diagnostic unknown_size(const std::string& name, Span where, const std::vector<text::Parameter>& parameters) {
    auto d = error(code("E0201"), "unknown name `" + name + "` in a type").at(where);
    std::vector<std::string> names;
    for (const text::Parameter& p : parameters) names.push_back(p.name.text);
    suggest(d, name, names);
    if (d.help.empty()) d.help = "sizes begin with a capital letter; a lower-case name is a static parameter";
    return d;
}

bool is_size_name(const std::string& n) { return !n.empty() && n[0] >= 'A' && n[0] <= 'Z'; }

source::Diagnostic no_size(const text::Identifier& name, const std::string& what) {
    std::string small = name.text;
    small[0] = static_cast<char>(small[0] - 'A' + 'a');
    return error(code("E0114"), "`" + name.text + "` is the name of a size: it begins with a capital")
        .at(name.where, what)
        .helped("values and indices are lower-case: `" + small + "`");
}

source::Diagnostic declared_twice(const text::Identifier& name, Span first) {
    return error(code("E0112"), "`" + name.text + "` is declared twice").at(name.where).at(first, "first here");
}

source::Diagnostic no_result(const text::Function& f) {
    return error(code("E0306"), "`" + f.name.text + "` has no result")
        .at(f.name.where)
        .helped("end it with `return`, or name its result: `-> y`");
}

source::Diagnostic result_never_defined(const text::Function& f, const text::ResultName& r) {
    return error(code("E0306"), "`" + f.name.text + "` gives `" + r.name.text + "`, which it never defines").at(r.name.where);
}

std::vector<std::string> result_names(const text::Function& f) {
    std::vector<std::string> names;
    for (const text::ResultName& r : f.results) names.push_back(r.name.text);
    return names.empty() ? std::vector<std::string>{"result"} : names;
}

std::vector<source::Diagnostic> misfits(const std::string& callee, const std::vector<text::Parameter>& parameters,
                                        const std::vector<Passed>& passed, Span call) {
    std::vector<source::Diagnostic> found;
    std::vector<const Passed*> given(parameters.size());
    std::size_t position = 0;
    for (const Passed& p : passed) {
        std::size_t at = parameters.size();
        if (p.name) {
            for (std::size_t k = 0; k < parameters.size(); ++k)
                if (parameters[k].name.text == p.name->text) at = k;
            if (at == parameters.size()) {
                std::vector<std::string> names;
                for (const text::Parameter& parameter : parameters) names.push_back(parameter.name.text);
                auto d = error(code("E0211"), "`" + callee + "` has no parameter `" + p.name->text + "`").at(p.name->where);
                suggest(d, p.name->text, names);
                found.push_back(std::move(d));
                continue;
            }
        } else {
            at = position++;
            if (at >= parameters.size()) {
                found.push_back(error(code("E0211"), fmt::format("`{}` takes {}", callee,
                                                                 counted(static_cast<std::int64_t>(parameters.size()), "argument")))
                                    .at(p.where, "this is one more"));
                break;
            }
        }
        if (given[at])
            found.push_back(error(code("E0211"), "`" + parameters[at].name.text + "` is given twice")
                                .at(p.where)
                                .at(given[at]->where, "first here"));
        else
            given[at] = &p;
    }
    for (std::size_t k = 0; k < parameters.size() && found.empty(); ++k)
        if (!given[k] && !parameters[k].fallback)
            found.push_back(error(code("E0211"), "`" + callee + "` needs `" + parameters[k].name.text + "`")
                                .at(call)
                                .at(parameters[k].where, "declared here, without a default"));
    return found;
}

std::vector<source::Diagnostic> misfits(const std::string& callee, const std::vector<Passed>& passed, Span call) {
    const bool named = std::ranges::any_of(passed, [](const Passed& p) { return p.name.has_value(); });
    const bool extremum = callee == "max" || callee == "min";
    if (is_reduction_name(callee) && !(extremum && passed.size() == 2)) {
        if (passed.size() == 1 && !named) return {};
        return {error(code("E0211"), "`" + callee + "` takes one argument" + (extremum ? ", or two numbers" : ""))
                    .at(call)
                    .helped("indices say what it goes over, as in `" + callee + "[k](x[i, k])`")};
    }
    if (is_brought(callee) && !extremum) return {};
    const ir::Scalar* scalar = ir::find_scalar(callee);
    if (!scalar || (passed.size() == static_cast<std::size_t>(scalar->arity) && !named)) return {};
    return {error(code("E0211"), fmt::format("`{}` takes {}", callee, counted(scalar->arity, "number"))).at(call)};
}

}  // namespace dlc::elaborate

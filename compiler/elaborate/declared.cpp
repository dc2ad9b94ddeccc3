// What a file declares, for tables of contents.
#include "compiler/elaborate/program.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {
namespace {

std::string written(const text::Identifier& name, const std::vector<text::Parameter>& parameters) {
    std::string out;
    for (const text::Parameter& p : parameters)
        out += (out.empty() ? "" : ", ") + p.name.text + ": " + text::print(p.type) +
               (p.fallback ? " = " + text::print(*p.fallback) : "");
    return name.text + "(" + out + ")";
}

struct Describe {
    std::optional<Declared> operator()(const text::Function& f) const {
        std::string results;
        for (const text::ResultName& r : f.results)
            results += (results.empty() ? " -> " : ", ") + r.name.text + (r.type ? ": " + text::print(*r.type) : "");
        return Declared{f.layer ? "layer" : "fn", f.name.text, written(f.name, f.parameters) + results, f.parameters, f.name.where};
    }
    std::optional<Declared> operator()(const text::Initializer& i) const {
        return Declared{"init", i.name.text, written(i.name, i.parameters), i.parameters, i.name.where};
    }
    std::optional<Declared> operator()(const text::Optimizer& o) const {
        return Declared{"optimizer", o.name.text, written(o.name, o.parameters), o.parameters, o.name.where};
    }
    std::optional<Declared> operator()(const text::Model& m) const {
        return Declared{"model", m.name.text, written(m.name, m.parameters), m.parameters, m.name.where};
    }
    std::optional<Declared> operator()(const text::Study& s) const {
        return Declared{"study", s.name.text, s.name.text, {}, s.name.where};
    }
    std::optional<Declared> operator()(const text::Test& t) const { return Declared{"test", t.title, t.title, {}, t.body.where}; }
    std::optional<Declared> operator()(const text::Import&) const { return {}; }
    std::optional<Declared> operator()(const text::Train&) const { return {}; }
};

}  // namespace

std::vector<Declared> declared(const Program& program) {
    std::vector<Declared> all;
    for (const text::Declaration& d : program.root().ast.declarations)
        if (auto one = std::visit(Describe{}, d.node)) all.push_back(std::move(*one));
    return all;
}

}  // namespace dlc::elaborate

// What a file declares, for tables of contents.
#include "compiler/elaborate/program.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {
namespace {

struct Describe {
    using Some = std::optional<Declared>;
    Some operator()(const text::Function& f) const { return named(f.layer ? "layer" : "fn", f.name, f.parameters); }
    Some operator()(const text::Initializer& i) const { return named("init", i.name, i.parameters); }
    Some operator()(const text::Optimizer& o) const { return named("optimizer", o.name, o.parameters); }
    Some operator()(const text::Model& m) const { return named("model", m.name, m.parameters); }
    Some operator()(const text::Study& s) const { return named("study", s.name, {}); }
    Some operator()(const text::Test& t) const { return named("test", {t.title, t.body.where}, {}); }
    Some operator()(const text::Import&) const { return {}; }
    Some operator()(const text::Train&) const { return {}; }

private:
    static Declared named(const char* kind, const text::Identifier& name, const std::vector<text::Parameter>& parameters) {
        return {kind, name.text, name.text, {}, parameters, name.where};
    }
};

}  // namespace

std::optional<Declared> declared(const text::Declaration& d) {
    auto one = std::visit(Describe{}, d.node);
    if (one && one->kind != "test") one->signature = text::head(d).substr(one->kind.size() + 1);
    if (one) one->doc = d.doc;
    return one;
}

std::vector<Declared> declared(const Program& program) {
    std::vector<Declared> all;
    for (const text::Declaration& d : program.root().ast.declarations)
        if (auto one = declared(d)) all.push_back(std::move(*one));
    return all;
}

}  // namespace dlc::elaborate

// The `study` declarations: what they compare, with every name looked up.  Whether a varied value fits is seen by elaborating the
// model with it, which is the caller's.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/recipe.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

const std::vector<std::string> kKeys = {"model", "validate", "seeds", "metric"};

std::string joined(const std::vector<text::Identifier>& path) {
    std::string out;
    for (const text::Identifier& part : path) out += (out.empty() ? "" : ".") + part.text;
    return out;
}

class StudyReader {
public:
    StudyReader(const Program& program, const Options& options, source::Diagnostics& diagnostics)
        : program_(program), options_(options), diagnostics_(diagnostics), elaborator_(program, options, diagnostics) {}

    std::optional<Study> read(const text::Study& study) {
        const std::size_t errors = diagnostics_.errors();
        result_ = {.name = study.name.text, .span = study.name.where};
        std::map<std::string, const text::Setting*> settings;
        for (const auto& entry : study.entries)
            if (const auto* setting = std::get_if<text::Setting>(&entry)) collect(settings, *setting);
        if (const auto it = settings.find("model"); it != settings.end())
            model(*it->second);
        else
            diagnostics_.report(error(code("E0415"), "study `" + result_.name + "` names no model")
                                    .at(result_.span)
                                    .helped("add `model = …`, a model of this file or of one it imports"));
        for (const auto& entry : study.entries)
            if (const auto* axes = std::get_if<std::vector<text::Vary>>(&entry))
                for (const text::Vary& axis : *axes) vary(axis);
        if (result_.axes.empty() && diagnostics_.errors() == errors)
            diagnostics_.report(error(code("E0415"), "study `" + result_.name + "` varies nothing")
                                    .at(result_.span)
                                    .helped("add `vary train.optimizer.lr in [1e-3, 1e-2]`"));
        if (const auto it = settings.find("validate"); it != settings.end()) validate(*it->second);
        if (const auto it = settings.find("seeds"); it != settings.end()) seeds(*it->second);
        if (model_) {
            const auto it = settings.find("metric");
            metric(it == settings.end() ? nullptr : it->second);
        }
        if (diagnostics_.errors() > errors) return std::nullopt;
        combine();
        return std::move(result_);
    }

private:
    void wrong(source::Code c, const std::string& message, Span where, const std::string& help = {}) {
        diagnostics_.report(error(c, message).at(where).helped(help));
    }
    static std::string near(const std::string& name, const std::vector<std::string>& known) {
        const std::string_view found = source::nearest(name, known);
        return found.empty() ? "" : fmt::format("did you mean `{}`?", found);
    }

    void collect(std::map<std::string, const text::Setting*>& settings, const text::Setting& s) {
        if (std::find(kKeys.begin(), kKeys.end(), s.name.text) == kKeys.end())
            return wrong(code("E0415"), "a `study` has no setting `" + s.name.text + "`", s.name.where, near(s.name.text, kKeys));
        const auto [first, added] = settings.emplace(s.name.text, &s);
        if (!added)
            diagnostics_.report(error(code("E0415"), "`" + s.name.text + "` is set twice")
                                    .at(s.name.where)
                                    .at(first->second->name.where, "first here"));
    }

    void model(const text::Setting& s) {
        const auto* name = std::get_if<text::Name>(&s.value->node);
        if (!name) return wrong(code("E0415"), "`model` is the name of a model", s.value->where);
        const Module& root = program_.root();
        if (const Definition* d = root.find(Space::model, name->text)) {
            model_ = std::get<const text::Model*>(d->node);
            result_.model = name->text;
            source::Diagnostics said_elsewhere;
            recipe_ = recipe(program_, options_, name->text, said_elsewhere);
            return;
        }
        wrong(code("E0412"), "no model `" + name->text + "` in " + root.path, s.value->where,
              near(name->text, root.names(Space::model)));
    }

    /// A hyperparameter, a setting or one argument of a setting, which may be written behind `train.`.
    void vary(const text::Vary& v) {
        const Span where = source::join(v.path.front().where, v.path.back().where);
        std::string path = joined(v.path);
        if (path.starts_with("train.")) path = path.substr(6);
        for (const Study::Axis& axis : result_.axes)
            if (axis.path == path) {
                diagnostics_.report(error(code("E0416"), "`" + path + "` is varied twice").at(where).at(axis.span, "first here"));
                return;
            }
        const auto* list = std::get_if<text::List>(&v.values->node);
        if (!list || list->items.empty())
            return wrong(code("E0416"), "`" + path + "` is varied over a list of values", v.values->where,
                         "write `vary " + joined(v.path) + " in [a, b]`");
        if (model_ && !known(path, joined(v.path), where)) return;
        Study::Axis axis{path, list->items, where};
        // Values are told apart as they are written, so that a call may be one.
        for (std::size_t k = 0; k < axis.values.size(); ++k)
            for (std::size_t j = 0; j < k; ++j)
                if (text::print(*axis.values[j]) == text::print(*axis.values[k])) {
                    diagnostics_.report(error(code("E0416"), "`" + path + "` takes this value twice")
                                            .at(axis.values[k]->where)
                                            .at(axis.values[j]->where, "first here"));
                    return;
                }
        result_.axes.push_back(std::move(axis));
    }

    bool known(const std::string& path, const std::string& written, Span where) {
        std::vector<std::string> names;
        for (const text::Parameter& p : model_->parameters) names.push_back(p.name.text);
        const bool is_hyperparameter = std::find(names.begin(), names.end(), path) != names.end();
        if (is_hyperparameter && path == written) return true;
        const std::size_t dot = path.find('.');
        const std::string head = path.substr(0, dot);
        const auto& settings = setting_names();
        if (std::find(settings.begin(), settings.end(), head) != settings.end()) {
            if (dot == std::string::npos || !recipe_) return true;
            const auto set = recipe_->settings.find(head);
            const auto* call = set == recipe_->settings.end() ? nullptr : std::get_if<Recipe::Call>(&set->second);
            if (!call) {
                wrong(code("E0416"), "`" + written + "`: the recipe's `" + head + "` is no call whose argument could be varied",
                      where);
                return false;
            }
            const std::vector<std::string> arguments = argument_names(head, *call);
            const std::string argument = path.substr(dot + 1);
            if (arguments.empty() || std::find(arguments.begin(), arguments.end(), argument) != arguments.end()) return true;
            wrong(code("E0416"), "`" + written + "`: `" + call->name + "` has no parameter `" + argument + "`", where,
                  near(argument, arguments));
            return false;
        }
        std::vector<std::string> all = names;
        for (const std::string& s : settings) all.push_back("train." + s);
        std::string help = is_hyperparameter ? fmt::format("did you mean `{}`?", path) : near(written, all);
        if (help.empty()) help = near(head, settings);
        wrong(code("E0416"),
              fmt::format("`{}` names neither a hyperparameter of `{}` nor a setting of the recipe", written, result_.model), where,
              help);
        return false;
    }

    void validate(const text::Setting& s) {
        const char* forms = "`validate` is `holdout(fraction)` or `kfold(k, stratified = true)`";
        const auto* call = std::get_if<text::Call>(&s.value->node);
        if (!call || (call->callee.text != "holdout" && call->callee.text != "kfold"))
            return wrong(code("E0415"), forms, s.value->where, call ? near(call->callee.text, {"holdout", "kfold"}) : "");
        const bool folds = call->callee.text == "kfold";
        const std::vector<std::string> names =
            folds ? std::vector<std::string>{"k", "stratified"} : std::vector<std::string>{"fraction"};
        Study::Validation v{folds, 0, 0, true};
        std::size_t position = 0;
        std::set<std::string> given;
        for (const text::Argument& a : call->arguments) {
            const std::string name = a.name ? a.name->text : position < names.size() ? names[position++] : "";
            const Span where = a.name ? a.name->where : a.value->where;
            if (std::find(names.begin(), names.end(), name) == names.end())
                return wrong(code("E0415"),
                             name.empty() ? "`" + call->callee.text + "` is given too many arguments"
                                          : "`" + call->callee.text + "` has no argument `" + name + "`",
                             where, near(name, names));
            if (!given.insert(name).second) return wrong(code("E0415"), "`" + name + "` is given twice", where);
            const auto value = elaborator_.static_value(*a.value, program_.root());
            if (!value) return;
            const auto* whole = std::get_if<std::int64_t>(&value->value);
            const auto* real = std::get_if<double>(&value->value);
            const auto* yes = std::get_if<bool>(&value->value);
            if (name == "k" && !(whole && *whole >= 2))
                return wrong(code("E0415"), "`k` of `kfold` is a whole number of at least 2", a.value->where);
            if (name == "fraction" && !(real && *real > 0 && *real < 1))
                return wrong(code("E0415"), "`fraction` of `holdout` is a number between 0 and 1", a.value->where);
            if (name == "stratified" && !yes)
                return wrong(code("E0415"), "`stratified` of `kfold` is true or false", a.value->where);
            if (name == "k") v.folds = *whole;
            if (name == "fraction") v.fraction = *real;
            if (name == "stratified") v.stratified = *yes;
        }
        if (!given.contains(names[0]))
            return wrong(code("E0415"), fmt::format("`{}` needs `{}`", call->callee.text, names[0]), s.value->where);
        result_.validation = v;
    }

    void seeds(const text::Setting& s) {
        const auto value = elaborator_.static_value(*s.value, program_.root());
        if (!value) return;
        const auto fails = [&] {
            wrong(code("E0415"), "`seeds` is how many there are, at least 1, or a list of different seeds", s.value->where);
        };
        result_.seeds.clear();
        if (const auto* count = std::get_if<std::int64_t>(&value->value)) {
            constexpr std::int64_t kMost = 100000;
            if (*count < 1 || *count > kMost) return fails();
            for (std::int64_t k = 1; k <= *count; ++k) result_.seeds.push_back(static_cast<std::uint64_t>(k));
            return;
        }
        const auto* list = std::get_if<std::vector<Static>>(&value->value);
        if (!list || list->empty()) return fails();
        for (const Static& item : *list) {
            const auto* seed = std::get_if<std::int64_t>(&item.value);
            if (!seed || *seed < 0 || std::ranges::count(result_.seeds, static_cast<std::uint64_t>(*seed)) > 0) return fails();
            result_.seeds.push_back(static_cast<std::uint64_t>(*seed));
        }
    }

    /// The loss where the study does not say.
    void metric(const text::Setting* s) {
        std::vector<std::string> names;
        std::string loss;
        for (const auto& statement : model_->body.statements)
            if (const auto* d = std::get_if<text::Definition>(&statement->node))
                if (d->kind == text::Definition::loss || d->kind == text::Definition::metric) {
                    names.push_back(d->name.text);
                    if (d->kind == text::Definition::loss) loss = d->name.text;
                }
        if (!s) {
            result_.metric = loss;
            result_.minimize = true;
            return;
        }
        const auto* name = std::get_if<text::Name>(&s->value->node);
        if (!name || std::find(names.begin(), names.end(), name->text) == names.end())
            return wrong(code("E0415"),
                         fmt::format("`metric` is one of what `{}` measures: {}", result_.model, fmt::join(names, ", ")),
                         s->value->where, name ? near(name->text, names) : "");
        result_.metric = name->text;
        result_.minimize = name->text == loss;
    }

    /// Every combination, the last axis fastest.
    void combine() {
        result_.variants = {{}};
        for (const Study::Axis& axis : result_.axes) {
            std::vector<std::map<std::string, text::ExprRef>> more;
            for (const auto& variant : result_.variants)
                for (const text::ExprRef& value : axis.values) {
                    more.push_back(variant);
                    more.back()[axis.path] = value;
                }
            result_.variants = std::move(more);
        }
    }

    const Program& program_;
    const Options& options_;
    source::Diagnostics& diagnostics_;
    Elaborator elaborator_;
    std::optional<Recipe> recipe_;
    const text::Model* model_ = nullptr;
    Study result_;
};

}  // namespace

std::vector<Study> studies(const Program& program, const Options& options, source::Diagnostics& diagnostics) {
    std::vector<Study> found;
    for (const text::Declaration& d : program.root().ast.declarations)
        if (const auto* study = std::get_if<text::Study>(&d.node))
            if (auto read = StudyReader(program, options, diagnostics).read(*study)) found.push_back(std::move(*read));
    return found;
}

}  // namespace dlc::elaborate

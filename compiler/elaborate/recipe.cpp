// The `train` block with overrides applied: which settings there are, and what each is worth.
#include "compiler/elaborate/recipe.h"

#include <fmt/format.h>

#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/misfits.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

const std::vector<std::string> kSettings = {"data",      "augment", "validation",     "batch",      "initialize",
                                            "optimizer", "clip",    "gradient_noise", "schedule",   "regularize",
                                            "constrain", "average", "epochs",         "stop_early", "seed"};

class RecipeReader {
public:
    RecipeReader(const Program& program, const Options& options, const std::string& model, source::Diagnostics& diagnostics)
        : program_(program),
          options_(options),
          diagnostics_(diagnostics),
          elaborator_(program, options, diagnostics),
          model_(program.root().find(Space::model, model)) {}

    std::optional<Recipe> read() {
        const std::size_t errors = diagnostics_.errors();
        const Module* module = &program_.root();
        const text::Train* train = block(*module);
        if (!train && model_ && model_->module != module) train = block(*(module = model_->module));
        if (train)
            for (const text::Setting& s : train->settings) {
                if (recipe_.settings.contains(s.name.text)) {
                    diagnostics_.report(error(code("E0411"), "`" + s.name.text + "` is set twice")
                                            .at(s.name.where)
                                            .at(recipe_.spans.at(s.name.text), "first here"));
                    continue;
                }
                set(s.name.text, s.name.where, *s.value, *module);
            }
        for (const auto& [key, value] : options_.overrides) override_setting(key, *value);
        if (diagnostics_.errors() > errors) return std::nullopt;
        return std::move(recipe_);
    }

private:
    const text::Train* block(const Module& module) {
        const text::Train* train = nullptr;
        for (const text::Declaration& d : module.ast.declarations)
            if (const auto* t = std::get_if<text::Train>(&d.node)) {
                if (train)
                    diagnostics_.report(
                        error(code("E0411"), "a file has one `train` block").at(d.where).at(recipe_.block, "first here"));
                train = t;
                recipe_.block = d.where;
            }
        return train;
    }

    void unknown(const std::string& message, const std::string& key, Span where, const std::vector<std::string>& names,
                 source::Code c) {
        auto d = error(c, message).at(where);
        if (const auto near = source::nearest(key, names); !near.empty()) d.help = "did you mean `" + std::string(near) + "`?";
        diagnostics_.report(std::move(d));
    }

    void set(const std::string& key, Span where, const text::Expr& value, const Module& module) {
        if (std::find(kSettings.begin(), kSettings.end(), key) == kSettings.end()) {
            unknown("a `train` block has no setting `" + key + "`", key, where, kSettings, code("E0411"));
            return;
        }
        recipe_.spans[key] = value.where;
        // `[flip(), rotate(15)]`
        if (const auto* list = std::get_if<text::List>(&value.node); list && !list->items.empty()) {
            const bool calls = std::ranges::all_of(list->items, [&](const text::ExprRef& item) { return names_call(*item); });
            if (calls) {
                std::vector<Recipe::Call> made;
                for (const text::ExprRef& item : list->items) {
                    auto one = call(*item, module);
                    if (!one) return;
                    made.push_back(std::move(*one));
                }
                recipe_.settings.insert_or_assign(key, std::move(made));
                return;
            }
        }
        if (names_call(value)) {
            if (auto made = call(value, module)) recipe_.settings.insert_or_assign(key, std::move(*made));
            return;
        }
        if (auto s = elaborator_.static_value(value, module)) recipe_.settings.insert_or_assign(key, std::move(*s));
    }

    /// A call names what the training loop knows, and so does the bare name of an optimizer, a data set and so on, a call without
    /// arguments.  A call of a function of numbers is a number.
    bool names_call(const text::Expr& value) const {
        if (const auto* call = std::get_if<text::Call>(&value.node)) return !elaborator_.is_number_function(call->callee.text);
        const auto* name = std::get_if<text::Name>(&value.node);
        return name && name->text != "inf" && name->text != "pi";
    }
    /// With its arguments, which are statics.
    std::optional<Recipe::Call> call(const text::Expr& value, const Module& module) {
        if (const auto* name = std::get_if<text::Name>(&value.node)) return Recipe::Call{name->text, {}, value.where, &module};
        const auto& given = std::get<text::Call>(value.node);
        Recipe::Call made{given.callee.text, {}, value.where, &module};
        for (const text::Argument& a : given.arguments) {
            auto s = elaborator_.static_value(*a.value, module);
            if (!s) return std::nullopt;
            made.arguments.push_back({a.name ? a.name->text : "", std::move(*s), a.name ? a.name->where : a.value->where});
        }
        return made;
    }

    void override_setting(std::string key, const text::Expr& value) {
        const Span where = value.where;
        if (key.starts_with("train.")) key = key.substr(6);
        const std::size_t dot = key.find('.');
        const std::string head = key.substr(0, dot);
        std::vector<std::string> hyperparameters;
        for (const std::string& model : program_.root().names(Space::model))
            for (const text::Parameter& p : program_.root().find(Space::model, model)->parameters())
                hyperparameters.push_back(p.name.text);
        if (dot == std::string::npos && std::find(hyperparameters.begin(), hyperparameters.end(), key) != hyperparameters.end())
            return;
        if (std::find(kSettings.begin(), kSettings.end(), head) == kSettings.end()) {
            std::vector<std::string> names = kSettings;
            names.insert(names.end(), hyperparameters.begin(), hyperparameters.end());
            auto d =
                error(code("E0413"), "`--set " + key + "` names neither a hyperparameter nor a setting of the recipe").at(where);
            // The nearest name with the rest of the key, else the optimizer's parameter of that name.
            if (const auto near = source::nearest(head, names); !near.empty())
                d.help = "did you mean `" + std::string(near) + (dot == std::string::npos ? "" : key.substr(dot)) + "`?";
            else if (const std::vector<std::string> known = optimizer_arguments();
                     std::find(known.begin(), known.end(), key) != known.end())
                d.help = "did you mean `optimizer." + key + "`?";
            diagnostics_.report(std::move(d));
            return;
        }
        if (dot == std::string::npos) {
            set(key, where, value, program_.root());
            return;
        }
        // One argument of a setting that is a call.
        const std::string argument = key.substr(dot + 1);
        const auto it = recipe_.settings.find(head);
        auto* call = it == recipe_.settings.end() ? nullptr : std::get_if<Recipe::Call>(&it->second);
        if (!call) {
            diagnostics_.report(
                error(code("E0413"), "`--set " + key + "`: the recipe's `" + head + "` is no call whose argument could be set")
                    .at(where));
            return;
        }
        auto s = elaborator_.static_value(value, program_.root());
        if (!s) return;
        const std::vector<std::string> names = argument_names(head, *call);
        if (!names.empty()) {
            const auto at = std::find(names.begin(), names.end(), argument);
            if (at == names.end()) {
                unknown("`--set " + key + "`: `" + call->name + "` has no parameter `" + argument + "`", argument, where, names,
                        code("E0413"));
                return;
            }
            // Replaces the argument where it was given by position, too.
            std::size_t position = 0;
            for (Recipe::Argument& a : call->arguments)
                if (a.name.empty() && position++ == static_cast<std::size_t>(at - names.begin())) {
                    a.value = std::move(*s);
                    a.where = where;
                    return;
                }
        }
        for (Recipe::Argument& a : call->arguments)
            if (a.name == argument) {
                a.value = std::move(*s);
                a.where = where;
                return;
            }
        call->arguments.push_back({argument, std::move(*s), where});
    }

    std::vector<std::string> optimizer_arguments() const {
        const auto set = recipe_.settings.find("optimizer");
        const auto* call = set == recipe_.settings.end() ? nullptr : std::get_if<Recipe::Call>(&set->second);
        return call ? argument_names("optimizer", *call) : std::vector<std::string>{};
    }

    const Program& program_;
    const Options& options_;
    source::Diagnostics& diagnostics_;
    Elaborator elaborator_;
    const Definition* model_;  // null for the only one of the file, or none
    Recipe recipe_;
};

}  // namespace

const std::vector<std::string>& setting_names() { return kSettings; }

std::vector<std::string> argument_names(const std::string& key, const Recipe::Call& call) {
    static const std::map<std::string, std::vector<std::string>> kKnown{{"holdout", {"fraction"}},
                                                                        {"arrays", {"path"}},
                                                                        {"norm", {"c"}},
                                                                        {"value", {"c"}},
                                                                        {"gaussian", {"eta", "gamma"}},
                                                                        {"ema", {"decay"}},
                                                                        {"polyak", {"start"}},
                                                                        {"lsuv", {"tolerance", "steps"}},
                                                                        {"patience", {"epochs", "on", "least", "mode"}}};
    std::vector<std::string> names;
    if (const Definition* optimizer = key == "optimizer" ? call.module->find(Space::optimizer, call.name) : nullptr) {
        for (const text::Parameter& p : optimizer->parameters()) names.push_back(p.name.text);
    } else if (const Definition* f =
                   key == "regularize" || key == "constrain" ? call.module->find(Space::function, call.name) : nullptr) {
        for (const text::Parameter& p : f->parameters()) names.push_back(p.name.text);
        if (!names.empty()) names.erase(names.begin());  // the weight
        names.emplace_back("parameters");
    } else if (const auto known = kKnown.find(call.name); key != "optimizer" && known != kKnown.end()) {
        names = known->second;
    }
    return names;
}

bool Elaborator::is_number_function(const std::string& name) const { return ir::find_scalar(name) || is_brought(name); }

std::optional<Static> Elaborator::static_value(const text::Expr& e, const Module& module) {
    Activation nobody{Activation::initializer, {}};
    Scope s{.module = &module, .activation = &nobody};
    statement_ = e.where;
    const Value v = eval(s, e);
    if (v.poison()) return std::nullopt;
    auto result = to_static(v);
    if (!result)
        fail(error(code("E0414"), "a setting is a number, a string, a list of those or a call")
                 .at(e.where, "this is " + describe(v)));
    return result;
}

std::optional<Recipe> recipe(const Program& program, const Options& options, const std::string& model,
                             source::Diagnostics& diagnostics) {
    return RecipeReader(program, options, model, diagnostics).read();
}

}  // namespace dlc::elaborate

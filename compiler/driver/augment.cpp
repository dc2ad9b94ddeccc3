#include "compiler/driver/augment.h"

#include <fmt/format.h>

#include "compiler/driver/dataset.h"

namespace dlc::driver {
namespace {

using Call = elaborate::Recipe::Call;

constexpr source::Code kCode = source::code("E0401");

class Reader {
public:
    Reader(Session& session, const ir::Graph& step) : session_(session), step_(step) {}

    data::Augment read(const Call& call) {
        const data::Augmentation* kind = data::augmentation_named(call.name);
        if (!kind) {
            std::vector<std::string> names;
            for (const data::Augmentation& one : data::augmentations()) names.emplace_back(one.name);
            const std::string near(source::nearest(call.name, names));
            fail(call.span, fmt::format("there is no augmentation `{}`", call.name),
                 near.empty() ? fmt::format("augmentations: {}", fmt::join(names, " ")) : fmt::format("did you mean `{}`?", near));
        }
        // `on` is every augmentation's.
        std::vector<data::Option> options = kind->options;
        options.push_back({.name = "on", .fallback = std::string()});
        const std::string callee = fmt::format("augmentation `{}`", call.name);
        const data::GivenArguments given = given_arguments(session_, call, callee, kCode);
        data::Augment made{kind, {}, {}};
        try {
            made.arguments = data::arguments_of(callee, options, given, kCode);
        } catch (const source::UserError& e) { fail(call.span, e.diagnostic.message, e.diagnostic.help); }
        const std::string on = made.arguments.string("on");
        made.field = on.empty() ? only_input(call, *kind) : named_input(call, *kind, on);
        return made;
    }

private:
    static bool fits(const ir::Node& leaf, const data::Augmentation& kind) {
        return data::is_real(dlc_type(leaf.type)) && std::ssize(leaf.shape) > kind.axes;
    }
    static std::string wanted(const data::Augmentation& kind) {
        return kind.axes == 1 ? "of reals" : "of reals with a height and a width";
    }

    std::string only_input(const Call& call, const data::Augmentation& kind) {
        std::vector<std::string> fitting;
        for (const ir::NodeId leaf : step_.leaves(ir::LeafKind::input))
            if (fits(step_[leaf], kind)) fitting.push_back(step_[leaf].leaf()->name);
        if (fitting.size() == 1) return fitting.front();
        if (fitting.empty())
            fail(call.span, fmt::format("`{}` is for an input {}, and the model has none", kind.name, wanted(kind)));
        fail(call.span, fmt::format("`{}` could be for {}", kind.name, fmt::join(fitting, ", ")),
             fmt::format("name one: `on = \"{}\"`", fitting.front()));
    }
    std::string named_input(const Call& call, const data::Augmentation& kind, const std::string& on) {
        std::vector<std::string> names;
        for (const ir::LeafKind leaves : {ir::LeafKind::input, ir::LeafKind::target})
            for (const ir::NodeId leaf : step_.leaves(leaves)) {
                const ir::Node& node = step_[leaf];
                names.push_back(node.leaf()->name);
                if (names.back() != on) continue;
                if (fits(node, kind)) return on;
                fail(call.span, fmt::format("`{}` is for an input {}, and `{}` is {}", kind.name, wanted(kind), on,
                                            data::describe(dlc_type(node.type), node.shape)));
            }
        const std::string near(source::nearest(on, names));
        fail(call.span, fmt::format("the model has no input `{}`", on),
             near.empty() ? fmt::format("its inputs are {}", fmt::join(names, ", ")) : fmt::format("did you mean `{}`?", near));
    }
    [[noreturn]] void fail(source::Span where, const std::string& message, const std::string& help = {}) {
        session_.diagnostics.report(source::error(kCode, message).at(where).helped(help));
        session_.fail();
    }

    Session& session_;
    const ir::Graph& step_;
};

}  // namespace

std::vector<data::Augment> augments(Session& session, const Model& model, const ir::Graph& step) {
    const auto found = model.recipe.settings.find("augment");
    if (found == model.recipe.settings.end()) return {};
    Reader reader(session, step);
    std::vector<data::Augment> made;
    if (const auto* one = std::get_if<Call>(&found->second)) {
        made.push_back(reader.read(*one));
    } else if (const auto* several = std::get_if<std::vector<Call>>(&found->second)) {
        for (const Call& call : *several) made.push_back(reader.read(call));
    } else {
        const auto& value = std::get<elaborate::Static>(found->second).value;
        const auto* list = std::get_if<std::vector<elaborate::Static>>(&value);
        if (!list || !list->empty()) {
            session.diagnostics.report(source::error(kCode, "`augment` must be a list of calls such as `[shift(2), flip()]`")
                                           .at(model.recipe.spans.at("augment")));
            session.fail();
        }
    }
    return made;
}

}  // namespace dlc::driver

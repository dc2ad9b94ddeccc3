#include "compiler/driver/trial.h"

#include <algorithm>
#include <cctype>

#include "dsl/text/parse.h"

namespace dlc::driver {
namespace {

/// The sizes of one trial: dimensions in the order they appear take `first`, `first + step`, …; a pack has `rank` of them.  Sizes
/// are even and far from 1, so that halves, strides and small kernels fit; the trials differ in everything, so that what all of
/// them meet does not come from a choice.
struct Sizes {
    std::int64_t first, step, integer;
    std::size_t rank;
};
constexpr Sizes kTrials[] = {{12, 0, 2, 2}, {12, 4, 3, 1}, {16, 8, 4, 3}, {6, 0, 1, 0}};

/// Codes of errors that no other size mends.
bool about_names(source::Code code) {
    for (const source::Code c :
         {source::code("E0201"), source::code("E0202"), source::code("E0205"), source::code("E0207"), source::code("E0211"),
          source::code("E0215"), source::code("E0301"), source::code("E0305"), source::code("E0306")})
        if (c == code) return true;
    return false;
}

class Made {
public:
    Made(const Sizes& sizes, elaborate::Options options) : sizes_(sizes), options_(std::move(options)), dims_(options_.dims) {
        options_.overrides.clear();
    }

    /// False when an argument cannot be made up.
    bool take(const std::vector<text::Parameter>& parameters, const std::map<std::string, text::ExprRef>& overrides) {
        for (const text::Parameter& p : parameters) {
            if (!elaborate::is_static(p.type)) continue;
            if (const auto given = overrides.find(p.name.text); given != overrides.end())
                options_.overrides.insert(*given);
            else if (!p.fallback && !make_static(p))
                return false;
        }
        for (const text::Parameter& p : parameters)
            if (!elaborate::is_static(p.type) && !p.fallback && p.type.dims && !make_shape(p)) return false;
        return true;
    }
    const elaborate::Options& options() const { return options_; }
    const std::map<std::string, ir::Shape>& shapes() const { return shapes_; }

private:
    bool make_static(const text::Parameter& p) {
        if (p.type.element.text == "string" || elaborate::is_function(p.type) || (p.type.dims && p.type.dims->size() != 1))
            return false;
        text::ExprRef one;
        if (p.type.element.text == "bool") {
            one = text::Expr{text::Bool{false}, p.where};
        } else {
            const bool integer = p.type.element.text == "int";
            const double value = integer ? double(sizes_.integer) : 0.5;
            one = text::Expr{text::Number{value, integer, {}}, p.where};
        }
        options_.overrides[p.name.text] = p.type.dims ? text::Expr{text::List{{one, one}}, p.where} : one;
        return true;
    }

    std::int64_t size_of(const std::string& name) {
        const auto [at, added] = dims_.emplace(name, next_);
        if (added) next_ += sizes_.step;
        return at->second;
    }
    std::optional<std::int64_t> size_of(const text::Expr& e) {
        if (const auto* number = std::get_if<text::Number>(&e.node)) return std::int64_t(number->value);
        if (const auto* name = std::get_if<text::Name>(&e.node)) {
            if (std::isupper(static_cast<unsigned char>(name->text[0]))) return size_of(name->text);
            const auto given = options_.overrides.find(name->text);
            return given == options_.overrides.end() ? std::nullopt : size_of(*given->second);
        }
        const auto* binary = std::get_if<text::Binary>(&e.node);
        if (!binary) return {};
        const auto left = size_of(*binary->left), right = size_of(*binary->right);
        if (!left || !right) return {};
        switch (binary->op) {
            case text::Binary::add: return *left + *right;
            case text::Binary::subtract: return *left - *right;
            case text::Binary::multiply: return *left * *right;
            default: return {};
        }
    }
    bool make_shape(const text::Parameter& p) {
        ir::Shape shape;
        for (const text::Dim& dim : *p.type.dims) {
            if (dim.pack) {
                for (std::size_t axis = 0; axis < sizes_.rank; ++axis)
                    shape.push_back(dim.name ? packed_size(dim.name->text, axis) : sizes_.first);
                continue;
            }
            const auto size = size_of(*dim.size);
            if (!size) return false;
            shape.push_back(*size);
        }
        shapes_[p.name.text] = std::move(shape);
        return true;
    }
    std::int64_t packed_size(const std::string& name, std::size_t axis) {
        const auto [at, added] = packs_.emplace(std::pair{name, axis}, next_);
        if (added) next_ += sizes_.step;
        return at->second;
    }

    const Sizes& sizes_;
    elaborate::Options options_;
    std::map<std::string, ir::Shape> shapes_;
    std::map<std::string, std::int64_t> dims_;
    std::map<std::pair<std::string, std::size_t>, std::int64_t> packs_;
    std::int64_t next_ = sizes_.first;
};

bool same(const source::Diagnostic& a, const source::Diagnostic& b) {
    return a.code == b.code && !a.labels.empty() && !b.labels.empty() && a.labels[0].span == b.labels[0].span;
}

}  // namespace

Trial try_function(Session& session, const elaborate::Program& program, const elaborate::Options& options,
                   const elaborate::Declared& function) {
    std::vector<source::Diagnostic> common;
    bool first = true;
    for (const Sizes& sizes : kTrials) {
        Made made(sizes, options);
        if (!made.take(function.parameters, options.overrides)) return Trial::unknown;
        source::Diagnostics said;
        if (elaborate::elaborate(program, function.name, made.options(), made.shapes(), said)) return Trial::holds;
        if (first) {
            common = said.all();
        } else {
            std::erase_if(common, [&](const source::Diagnostic& d) {
                return std::none_of(said.all().begin(), said.all().end(), [&](const auto& other) { return same(d, other); });
            });
        }
        first = false;
    }
    std::erase_if(common,
                  [](const source::Diagnostic& d) { return d.severity != source::Severity::error || !about_names(d.code); });
    for (const source::Diagnostic& d : common) session.diagnostics.report(d);
    return common.empty() ? Trial::unknown : Trial::fails;
}

}  // namespace dlc::driver

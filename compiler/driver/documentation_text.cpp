// Documentation for a terminal, as Markdown and as data.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "compiler/driver/documentation.h"
#include "compiler/driver/terminal.h"

namespace dlc::driver {
namespace {

constexpr std::size_t kColumns = 100;

struct Kind {
    const char* kind;
    const char* title;
};
constexpr Kind kKinds[] = {{"model", "Models"},      {"layer", "Layers"},         {"fn", "Functions"},
                           {"init", "Initializers"}, {"optimizer", "Optimizers"}, {"study", "Studies"}};

/// Calls `see(title, declarations of that kind)` for every kind that occurs.
template <class See>
void for_each_kind(const ModuleDocs& docs, const See& see) {
    for (const Kind& k : kKinds) {
        std::vector<const Documented*> some;
        for (const Documented& d : docs.declarations)
            if (d.kind == k.kind) some.push_back(&d);
        if (!some.empty()) see(k.title, some);
    }
}

std::string bold(const std::string& text, bool color) { return color ? "\x1b[1m" + text + "\x1b[0m" : text; }

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

/// A text's first sentence, without its full stop.  A point ends it before a line's end, two blanks, or a blank and a capital.
std::string first_sentence(std::string text) {
    text = text.substr(0, text.find("\n\n"));
    std::replace(text.begin(), text.end(), '\n', ' ');
    for (std::size_t at = text.find('.'); at < text.size(); at = text.find('.', at + 1)) {
        const std::string_view rest = std::string_view(text).substr(at + 1);
        if (rest.empty() || rest.starts_with("  ") || (rest.size() > 1 && rest[0] == ' ' && rest[1] >= 'A' && rest[1] <= 'Z'))
            return text.substr(0, at);
    }
    return text;
}

std::string indented(const std::string& text, std::size_t indent) {
    std::string out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) out += std::string(indent, ' ') + line + "\n";
    return out;
}

/// `label` in a column of its own, `text` beside it.
std::string beside(const std::string& label, std::size_t width, const std::string& text, bool color) {
    std::string lines = wrapped(text, width + 4, kColumns);
    return "  " + bold(label, color) + (lines.empty() ? "\n" : lines.substr(2 + label.size()));
}

// ------------------------------------------------------------------ Markdown

/// Text that a browser shows as it stands, but for code: between backticks, and lines behind four blanks.
std::string escaped(const std::string& text) {
    std::string out;
    bool code = false, example = text.starts_with("    ");
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\n') example = std::string_view(text).substr(at + 1).starts_with("    ");
        if (example) {
            out += c;
            continue;
        }
        if (c == '`') code = !code;
        if (!code && c == '<') {
            out += "&lt;";
            continue;
        }
        const bool link = c == '(' && out.ends_with(']');
        if (!code && (c == '*' || c == '_' || link)) out += '\\';
        out += c;
    }
    return out;
}

/// What GitHub makes of a heading.
std::string anchor(const std::string& heading) {
    std::string out;
    for (const char c : heading)
        if (c != '/') out += c;
    return "#" + out;
}

std::string link(const std::string& module) { return fmt::format("[{}]({})", module, anchor(module)); }

std::string section(const ModuleDocs& docs, bool in_page) {
    std::string out = fmt::format("## {}\n\n", docs.name);
    if (in_page) {
        const std::string file = "dsl/" + docs.name + ".dlm";
        out += fmt::format("[{0}](../{0})", file);
        std::vector<std::string> brought;
        for (const ModuleDocs::Brought& b : docs.brings) brought.push_back(link(b.module));
        out += (brought.empty() ? "" : "; brings " + joined(brought)) + "\n\n";
    }
    if (!docs.doc.empty()) out += escaped(docs.doc) + "\n\n";
    for_each_kind(docs, [&](const char* title, const std::vector<const Documented*>& some) {
        out += fmt::format("### {}\n\n", title);
        for (const Documented* d : some) {
            out += "```text\n" + d->head + "\n```\n\n";
            if (!d->doc.empty()) out += escaped(d->doc) + "\n\n";
        }
    });
    return out;
}

}  // namespace

std::string as_text(const ModuleDocs& docs, bool color) {
    std::string out = bold(docs.name, color) + (docs.name == docs.path ? "" : "  " + docs.path) + "\n";
    if (!docs.doc.empty()) out += "\n" + wrapped(docs.doc, 2, kColumns);
    for_each_kind(docs, [&](const char* title, const std::vector<const Documented*>& some) {
        out += fmt::format("\n{}\n", bold(title, color));
        for (const Documented* d : some) out += "\n" + bold(indented(d->head, 2), color) + wrapped(d->doc, 6, kColumns);
    });
    if (docs.brings.empty()) return out;
    out += "\n" + bold("Brings", color) + "\n\n";
    std::size_t width = 0;
    for (const ModuleDocs::Brought& b : docs.brings) width = std::max(width, b.module.size());
    for (const ModuleDocs::Brought& b : docs.brings) out += beside(b.module, width, joined(b.names), color);
    return out;
}

std::string as_text(const Documented& d, bool color) {
    std::string out = bold(d.head, color) + "\n";
    if (!d.doc.empty()) out += "\n" + wrapped(d.doc, 2, kColumns);
    constexpr std::size_t kWidth = 10;
    out += "\n" +
           beside("declared", kWidth,
                  d.module == d.path ? fmt::format("{}:{}", d.path, d.line) : fmt::format("{}, {}:{}", d.module, d.path, d.line),
                  color);
    const bool everywhere = std::find(d.brought_by.begin(), d.brought_by.end(), "std/prelude") != d.brought_by.end();
    if (everywhere) out += beside("brought by", kWidth, "std/prelude, which every file sees without an import", color);
    if (!everywhere && !d.brought_by.empty()) out += beside("brought by", kWidth, joined(d.brought_by), color);
    if (!d.uses.empty()) out += beside("uses", kWidth, joined(d.uses), color);
    return out;
}

std::string as_text(const std::vector<ModuleDocs>& all, bool color) {
    std::size_t width = 0;
    for (const ModuleDocs& docs : all) width = std::max(width, docs.name.size());
    std::string out;
    for (const ModuleDocs& docs : all) out += beside(docs.name, width, first_sentence(docs.doc), color);
    return out;
}

std::string as_markdown(const ModuleDocs& docs) { return section(docs, false); }

std::string as_markdown(const std::vector<ModuleDocs>& all) {
    std::string out =
        "# The standard library\n\n"
        "What `dlc explain std --markdown` prints: every module with its public declarations and the comments above them. `dlc "
        "explain "
        "std/nn` and\n`dlc explain dense` show a part of it. The declarations of `std/prelude` and of what it brings need no "
        "import.\n\n";
    for (const ModuleDocs& docs : all) out += fmt::format("- {}: {}\n", link(docs.name), escaped(first_sentence(docs.doc)));
    for (const ModuleDocs& docs : all) out += "\n" + section(docs, true);
    while (out.ends_with("\n\n")) out.pop_back();
    return out;
}

nlohmann::json as_json(const Documented& d) {
    return {{"kind", d.kind}, {"name", d.name}, {"signature", d.head},       {"doc", d.doc}, {"module", d.module}, {"path", d.path},
            {"line", d.line}, {"uses", d.uses}, {"brought_by", d.brought_by}};
}

nlohmann::json as_json(const ModuleDocs& docs) {
    nlohmann::json out{{"name", docs.name},
                       {"path", docs.path},
                       {"doc", docs.doc},
                       {"declarations", nlohmann::json::array()},
                       {"tests", nlohmann::json::array()},
                       {"brings", nlohmann::json::array()}};
    for (const Documented& d : docs.declarations) out["declarations"].push_back(as_json(d));
    for (const ModuleDocs::Test& t : docs.tests) out["tests"].push_back({{"title", t.title}, {"line", t.line}, {"uses", t.uses}});
    for (const ModuleDocs::Brought& b : docs.brings) out["brings"].push_back({{"module", b.module}, {"names", b.names}});
    return out;
}

}  // namespace dlc::driver

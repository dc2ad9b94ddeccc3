// Files, what they declare and what each of them sees.
//
// A name is looked for in the file itself, then in what it imports (and what those import, but not their `_` names), then in the
// prelude `std/prelude`, which every file sees.  Functions, initializers, optimizers and models have separate namespaces.
#pragma once
#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/elaborate/elaborate.h"

namespace dlc::elaborate {

struct Module;

enum class Space : std::uint8_t { function, initializer, optimizer, model };
inline constexpr std::size_t kSpaces = 4;

/// A declaration with a name, and the file whose names its body sees.
struct Definition {
    std::variant<const text::Function*, const text::Initializer*, const text::Optimizer*, const text::Model*> node;
    const Module* module = nullptr;

    Space space() const { return static_cast<Space>(node.index()); }
    const text::Identifier& name() const;
    const std::vector<text::Parameter>& parameters() const;
    const text::Function* function() const;  // null for the others
    bool is_layer() const;
};

struct Module {
    std::string path;
    std::uint32_t file = 0;
    bool library = false;  // of std/: an error inside is shown at the user's call
    text::File ast;
    std::vector<const Module*> imports;
    const Module* prelude = nullptr;
    std::array<std::map<std::string, Definition, std::less<>>, kSpaces> own;

    /// What `name` means in this file, or null.  Several different ones from imports: all of them, when `all` is given.
    const Definition* find(Space, std::string_view name, std::vector<const Definition*>* all = nullptr) const;
    /// Every name visible, for suggestions.
    std::vector<std::string> names(Space) const;
};

class Program {
public:
    const Module& root() const { return *root_; }
    /// Every file read, in the order met.
    template <class See>
    void for_each_module(const See& see) const {
        for (const Module& m : modules_) see(m);
    }
    bool is_library(std::uint32_t file) const { return library_files_.contains(file); }

private:
    friend class Loader;
    std::deque<Module> modules_;
    std::set<std::uint32_t> library_files_;
    const Module* root_ = nullptr;
};

}  // namespace dlc::elaborate

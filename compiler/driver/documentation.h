// What files document: their opening comments, and their public declarations with the `##` lines above them.  As data, as text
// for a terminal and as Markdown; docs/library.md is the Markdown of the standard library.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compiler/driver/session.h"

namespace dlc::driver {

/// A declaration that those who import its file can use.
struct Documented {
    std::string kind, name;  // as in elaborate::Declared
    std::string head;        // `fn square(x: f[N]) -> y`, over several lines where one is too long
    std::string doc;
    std::string module;  // where it is declared
    std::string path;
    int line = 0;
    std::vector<std::string> uses;        // what of other modules it calls: `linear (std/linear)`
    std::vector<std::string> brought_by;  // the other modules of the library whose import brings it
};

/// A file and what it offers.
struct ModuleDocs {
    std::string name;  // as an import writes it: `std/nn/dense`; a user's file: its path
    std::string path;
    std::string doc;  // the opening comment
    std::vector<Documented> declarations;
    struct Test {
        std::string title;
        int line = 0;
        std::vector<std::string> uses;  // of other modules, by itself or through what its file declares
    };
    std::vector<Test> tests;
    struct Brought {
        std::string module;
        std::vector<std::string> names;
    };
    std::vector<Brought> brings;  // by its imports and theirs, in the order met
};

/// The path of a module, named as an import does: `std/nn`; else `name` is a path.  UsageError with the nearest name for an unknown
/// `std/…`.
std::string module_path(const std::string& name);

/// The file the program was loaded for.
ModuleDocs documented(const Session&, const elaborate::Program&);
/// Every module of the standard library, sorted by name.
std::vector<ModuleDocs> documented_library(Session&);
/// What `name` means in the file the program was loaded for: several where a function and an initializer share it.  UsageError with
/// the nearest name for none.
std::vector<Documented> documented(Session&, const elaborate::Program&, const std::string& name);
/// Every public declaration of the standard library with that name.  UsageError with the nearest name for none.
std::vector<Documented> documented_in_library(Session&, const std::string& name);

std::string as_text(const ModuleDocs&, bool color);
std::string as_text(const Documented&, bool color);
/// A line for each module.
std::string as_text(const std::vector<ModuleDocs>&, bool color);
std::string as_markdown(const ModuleDocs&);
/// One page with a table of contents and a section for each module, for the folder `docs/`.
std::string as_markdown(const std::vector<ModuleDocs>&);
nlohmann::json as_json(const ModuleDocs&);
nlohmann::json as_json(const Documented&);

}  // namespace dlc::driver

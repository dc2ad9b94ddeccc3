// Elaborates source text given in a test and evaluates it.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "compiler/elaborate/elaborate.h"
#include "compiler/ir/interpreter.h"

namespace dlc::test {

/// A program from text, written to a temporary file of its own.
struct Source {
    explicit Source(const std::string& text);
    ~Source();
    std::string path;
};

struct Outcome {
    source::SourceMap map;
    source::Diagnostics diagnostics;
    std::optional<elaborate::Elaborated> made;
    /// The diagnostics as the user reads them, the file named `t.dlm`.
    std::string errors() const;
    std::string path;
};

/// A file of text, then comment lines after `# EXPECT` with the text expected of it.
struct Golden {
    explicit Golden(const std::string& path);
    /// Fails the test where `found` differs, or with DLC_UPDATE_GOLDEN=1 in the environment makes it what is expected.
    void compare(const std::string& found) const;
    std::string path, program, expected;
};

struct How {
    std::map<std::string, ir::Shape> shapes = {};
    elaborate::Options options = {};
};

/// Elaborates `callable` of `text`.
Outcome elaborate_text(const std::string& text, const std::string& callable = "main", const How& how = {});
/// What is said of the declarations of `text`, none of them used.
Outcome looked_over(const std::string& text);
/// The studies of a file and what is said of them.
std::pair<Outcome, std::vector<elaborate::Study>> studied(const std::string& text);
/// Evaluates a function `main` on `inputs`; fails the test with the diagnostics when it does not elaborate.
std::map<std::string, ir::Tensor> evaluate(const std::string& text, const std::map<std::string, ir::Tensor>& inputs = {},
                                           How how = {});
/// The value of the only result of `main`.
std::vector<double> values(const std::string& text, const std::map<std::string, ir::Tensor>& inputs = {}, How how = {});
/// The same of `fn main() = EXPRESSION`.
std::vector<double> value_of(const std::string& expression);
/// The codes of the errors of elaborating `main` of `text`, in order.
std::vector<std::string> codes(const std::string& text, const How& how = {});
/// Runs every `test` block of `text`; returns the messages of the assertions that fail, and diagnostics.
std::vector<std::string> failures(const std::string& path);

}  // namespace dlc::test

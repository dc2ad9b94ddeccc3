// Text for models of language: windows of tokens, each with what follows.
#pragma once
#include "runtime/data/sets.h"

namespace dlc::data {

/// Text as consecutive windows of `length` tokens: `text` i32[length] and `next` i32[length], what follows each token.  The last
/// `test` part of the tokens is the test set.  A token is a byte, or a character of UTF-8: characters of the training part are
/// numbered from 1 in the order of their code points, others are 0.  With `continuous`, rows of a batch go on where they ended in
/// the batch before.  Fails with source::EnvironmentError (file, no UTF-8) or E0453 (no window of that length).
struct TextOptions {
    std::int64_t length = 64;
    double test = 0.1;
    bool continuous = false, bytes = false;
};
DataSet text(const std::filesystem::path& file, const TextOptions&);

/// The fields of TextOptions as a recipe gives them.
std::vector<Option> text_options();
TextOptions text_options(const Arguments&);

}  // namespace dlc::data

#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace ir {

std::string joined(const std::vector<std::string>& words, std::string_view separator);

/// What blanks separate.
std::vector<std::string> words_of(std::string_view text);

std::vector<std::string> lines_of(std::string_view text);

/// The text cut at spaces into lines of at most `width` characters; a longer word has a line of its
/// own.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// A paragraph on one line; a verbatim one keeps its lines (a formula: every line is indented).
struct paragraph {
  std::string text;
  bool verbatim = false;
};
/// What blank lines separate.
std::vector<paragraph> paragraphs(std::string_view text);

}  // namespace ir

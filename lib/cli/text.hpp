#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace ir {

std::string joined(const std::vector<std::string>& words, std::string_view separator);

/// The text cut at spaces into lines of at most `width` characters; a longer word has a line of its
/// own.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// The paragraphs of a text: what blank lines separate, each on one line.
std::vector<std::string> paragraphs(std::string_view text);

}  // namespace ir

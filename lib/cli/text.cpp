#include "cli/text.hpp"

#include <sstream>

namespace ir {

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string all;
  for (const std::string& word : words) {
    if (&word != &words.front()) all += separator;
    all += word;
  }
  return all;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    if (lines.empty() || lines.back().size() + 1 + word.size() > width)
      lines.push_back(word);
    else
      lines.back() += ' ' + word;
  }
  return lines;
}

std::vector<std::string> paragraphs(std::string_view text) {
  std::vector<std::string> all;
  std::istringstream lines{std::string(text)};
  bool open = false;
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find_first_not_of(' ');
    if (first == std::string::npos) {
      open = false;
      continue;
    }
    line.erase(0, first);
    if (open)
      all.back() += ' ' + line;
    else
      all.push_back(line);
    open = true;
  }
  return all;
}

}  // namespace ir

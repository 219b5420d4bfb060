#include "cli/text.hpp"

#include <iterator>
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

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream in{std::string(text)};
  return {std::istream_iterator<std::string>(in), {}};
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (const std::string& word : words_of(text)) {
    if (lines.empty() || lines.back().size() + 1 + word.size() > width)
      lines.push_back(word);
    else
      lines.back() += ' ' + word;
  }
  return lines;
}

std::vector<paragraph> paragraphs(std::string_view text) {
  std::vector<paragraph> all;
  bool open = false;
  for (const std::string& line : lines_of(text)) {
    const bool blank = line.find_first_not_of(' ') == std::string::npos;
    if (!blank && !open) all.push_back({line, line.starts_with(' ')});
    if (!blank && open) all.back().text += (all.back().verbatim ? '\n' : ' ') + line;
    open = !blank;
  }
  return all;
}

}  // namespace ir

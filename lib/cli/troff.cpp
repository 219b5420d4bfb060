#include "cli/troff.hpp"

#include <fmt/format.h>

#include "cli/text.hpp"

namespace ir {
namespace {

constexpr std::string_view release_date = "2026-11-21";  // of IR_VERSION; a page must not drift

/// A character without troff's own meaning of it.
std::string literal(char c) {
  switch (c) {
    case '\\':
      return "\\e";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    default:
      return {c};
  }
}

/// Hyphens of prose stay hyphens; those of an option are minus signs.
std::string prose_word(const std::string& word) {
  const auto first = word.find_first_not_of('(');
  const bool option = first != std::string::npos && word[first] == '-';
  std::string out;
  for (const char c : word) out += c == '-' && !option ? std::string("-") : literal(c);
  return out;
}

}  // namespace

std::string troff_title(std::string_view written_by, std::string_view name, int section) {
  return fmt::format(".\\\" Written by {}\n.TH {} {} {} \"ir-tools {}\"\n", written_by, name,
                     section, release_date, IR_VERSION);
}

std::string troff_literal(std::string_view line) {
  std::string out;
  for (const char c : line) out += literal(c);
  return line.starts_with('.') || line.starts_with('\'') ? "\\&" + out : out;
}

std::string troff_prose(std::string_view paragraph) {
  std::string out;
  std::size_t used = 0;
  for (const std::string& plain : words_of(paragraph)) {
    const std::string word = prose_word(plain);
    const bool sentence_ended = out.ends_with('.') || out.ends_with('?');
    if (used == 0 || used + 1 + word.size() > 76 || sentence_ended) {
      if (used > 0) out += '\n';
      out += (word.starts_with('.') ? "\\&" : "") + word;
      used = word.size() + 2;
    } else {
      out += ' ' + word;
      used += 1 + word.size();
    }
  }
  return out + "\n";
}

std::string troff_verbatim(const std::vector<std::string>& lines) {
  std::string out = ".RS 4\n.EX\n";
  for (const std::string& line : lines) out += troff_literal(line) + "\n";
  return out + ".EE\n.RE\n";
}

std::string troff_section(std::string_view heading, std::string_view text) {
  std::string out;
  for (const paragraph& p : paragraphs(text)) {
    out += out.empty() ? fmt::format(".SH {}\n", heading) : ".PP\n";
    out += p.verbatim ? troff_verbatim(lines_of(p.text)) : troff_prose(p.text);
  }
  return out;
}

std::string troff_definition(std::string_view name, std::string_view text) {
  return fmt::format(".TP\n.B {}\n{}", troff_literal(name), troff_prose(text));
}

}  // namespace ir

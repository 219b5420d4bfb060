#include "cli/man_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/conventions.hpp"
#include "cli/option_text.hpp"
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

/// A whole line, to be set as it stands.
std::string literal(std::string_view line) {
  std::string out;
  for (const char c : line) out += literal(c);
  return line.starts_with('.') || line.starts_with('\'') ? "\\&" + out : out;
}

/// Hyphens of prose stay hyphens; those of an option are minus signs.
std::string prose_word(const std::string& word) {
  const auto first = word.find_first_not_of('(');
  const bool option = first != std::string::npos && word[first] == '-';
  std::string out;
  for (const char c : word) out += c == '-' && !option ? std::string("-") : literal(c);
  return out;
}

/// A paragraph as troff likes it: filled lines below 80 bytes, each sentence on a new line.
std::string prose(std::string_view paragraph) {
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

std::string verbatim(const std::vector<std::string>& lines) {
  std::string out = ".RS 4\n.EX\n";
  for (const std::string& line : lines) out += literal(line) + "\n";
  return out + ".EE\n.RE\n";
}

std::string section(std::string_view heading, std::string_view text) {
  std::string out;
  for (const paragraph& p : paragraphs(text)) {
    out += out.empty() ? fmt::format(".SH {}\n", heading) : ".PP\n";
    out += p.verbatim ? verbatim(lines_of(p.text)) : prose(p.text);
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  return out;
}

std::string definition(const option_info& o) {
  std::string names;
  if (o.positional) {
    names = "\\fI" + literal(o.long_name) + "\\fR";
  } else {
    if (!o.short_name.empty()) names = "\\fB" + literal(o.short_name) + "\\fR";
    if (!o.long_name.empty())
      names += (names.empty() ? "\\fB" : ", \\fB") + literal(o.long_name) + "\\fR";
    if (!o.is_flag) names += " \\fI" + literal(value_name(o)) + "\\fR";
  }
  return ".TP\n" + names + "\n" + prose(o.help + " " + remarks_on(o));
}

std::string definitions(std::string_view heading, std::span<const named_text> rows) {
  std::string out = fmt::format(".SH {}\n", heading);
  for (const named_text& row : rows)
    out += fmt::format(".TP\n.B {}\n{}", literal(row.name), prose(row.text));
  return out;
}

std::string synopsis(std::string_view tool, const option_table& table) {
  std::string out = ".SH SYNOPSIS\n.B " + literal(tool) + "\n";
  for (const std::string& line : wrapped(usage_of(table), 70)) out += literal(line) + "\\&\n";
  return out;
}

std::string examples(const option_table& table) {
  if (table.examples().empty()) return {};
  std::string out = ".SH EXAMPLES\n";
  bool first = true;
  for (const example& e : table.examples()) {
    out += (first ? "" : ".PP\n") + prose(e.explanation) + ".PP\n" +
           verbatim(command_lines(e.command, 68));
    first = false;
  }
  return out;
}

}  // namespace

std::string man_page(std::string_view tool, std::string_view summary, const option_table& table) {
  std::string page =
      fmt::format(".\\\" Written by {0} --ir-emit man\n.TH {1} 1 {2} \"ir-tools {3}\"\n", tool,
                  upper(tool), release_date, IR_VERSION);
  page += fmt::format(".SH NAME\n{} \\- {}\n", literal(tool), literal(summary));
  page += synopsis(tool, table);
  if (!table.description().empty()) page += section("DESCRIPTION", table.description());
  page += ".SH OPTIONS\n";
  for (const option_info& o : positionals_of(table)) page += definition(o);
  for (const std::string& group : groups_of(table)) {
    if (group != "Options") page += ".SS " + literal(group) + "\n";
    for (const option_info& o : options_in(table, group)) page += definition(o);
  }
  for (const auto& [heading, text] : table.sections()) page += section(upper(heading), text);
  page += definitions("EXIT STATUS", exit_statuses());
  page += definitions("ENVIRONMENT", environment_variables());
  page += examples(table);
  return page + ".SH SEE ALSO\n.BR ir (7),\n.BR irs (5)\n";
}

}  // namespace ir

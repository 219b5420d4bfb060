#include "cli/man_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/conventions.hpp"
#include "cli/option_text.hpp"
#include "cli/text.hpp"
#include "cli/troff.hpp"

namespace ir {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  return out;
}

std::string definition(const option_info& o) {
  std::string names;
  if (o.positional) {
    names = "\\fI" + troff_literal(o.long_name) + "\\fR";
  } else {
    if (!o.short_name.empty()) names = "\\fB" + troff_literal(o.short_name) + "\\fR";
    if (!o.long_name.empty())
      names += (names.empty() ? "\\fB" : ", \\fB") + troff_literal(o.long_name) + "\\fR";
    if (!o.is_flag) names += " \\fI" + troff_literal(value_name(o)) + "\\fR";
  }
  return ".TP\n" + names + "\n" + troff_prose(o.help + " " + remarks_on(o));
}

std::string definitions(std::string_view heading, std::span<const named_text> rows) {
  std::string out = fmt::format(".SH {}\n", heading);
  for (const named_text& row : rows) out += troff_definition(row.name, row.text);
  return out;
}

std::string synopsis(std::string_view tool, const option_table& table) {
  std::string out = ".SH SYNOPSIS\n.B " + troff_literal(tool) + "\n";
  for (const std::string& line : wrapped(usage_of(table), 70)) out += troff_literal(line) + "\\&\n";
  return out;
}

std::string examples(const option_table& table) {
  if (table.examples().empty()) return {};
  std::string out = ".SH EXAMPLES\n";
  bool first = true;
  for (const example& e : table.examples()) {
    out += (first ? "" : ".PP\n") + troff_prose(e.explanation) + ".PP\n" +
           troff_verbatim(command_lines(e.command, 68));
    first = false;
  }
  return out;
}

}  // namespace

std::string man_page(std::string_view tool, std::string_view summary, const option_table& table) {
  std::string page = troff_title(fmt::format("{} --ir-emit man", tool), upper(tool), 1);
  page += fmt::format(".SH NAME\n{} \\- {}\n", troff_literal(tool), troff_literal(summary));
  page += synopsis(tool, table);
  if (!table.description().empty()) page += troff_section("DESCRIPTION", table.description());
  page += ".SH OPTIONS\n";
  for (const option_info& o : positionals_of(table)) page += definition(o);
  for (const std::string& group : groups_of(table)) {
    if (group != "Options") page += ".SS " + troff_literal(group) + "\n";
    for (const option_info& o : options_in(table, group)) page += definition(o);
  }
  for (const auto& [heading, text] : table.sections()) page += troff_section(upper(heading), text);
  page += definitions("EXIT STATUS", exit_statuses());
  page += definitions("ENVIRONMENT", environment_variables());
  page += examples(table);
  return page + ".SH SEE ALSO\n.BR ir (7),\n.BR irs (5)\n";
}

}  // namespace ir

#include "cli/help.hpp"

#include <fmt/format.h>

#include "cli/option_text.hpp"
#include "cli/text.hpp"

namespace ir {
namespace {

constexpr std::size_t width = 80, column = 28;  // where the explanations begin

/// "  -o, --output FILE" and "      --sigma X".
std::string left_side(const option_info& o) {
  if (o.positional) return "  " + o.long_name;
  const std::string name = o.short_name.empty()  ? "      " + o.long_name
                           : o.long_name.empty() ? "  " + o.short_name
                                                 : "  " + o.short_name + ", " + o.long_name;
  return o.is_flag ? name : name + " " + value_name(o);
}

std::string entry(const option_info& o) {
  std::string text = left_side(o);
  if (text.size() + 2 > column) text += "\n" + std::string(column, ' ');
  bool first = true;
  for (const std::string& line : wrapped(o.help + " " + remarks_on(o), width - column)) {
    const auto used = first ? text.size() - (text.rfind('\n') + 1) : std::size_t{0};
    text += (first ? "" : "\n") + std::string(column - used, ' ') + line;
    first = false;
  }
  return text + "\n";
}

std::string example_text(const example& e) {
  std::string text;
  for (const std::string& line : wrapped(e.explanation, width - 4)) text += "  # " + line + "\n";
  for (const std::string& line : command_lines(e.command, width - 2)) text += "  " + line + "\n";
  return text;
}

std::string usage_lines(std::string_view tool, const option_table& table) {
  std::string text = fmt::format("usage: {}", tool);
  const std::size_t indent = text.size() + 1;
  bool first = true;
  for (const std::string& line : wrapped(usage_of(table), width - indent)) {
    text += (first ? " " : "\n" + std::string(indent, ' ')) + line;
    first = false;
  }
  return text + "\n";
}

}  // namespace

std::string help_text(std::string_view tool, std::string_view summary, const option_table& table) {
  std::string text = fmt::format("{}: {}\n\n{}", tool, summary, usage_lines(tool, table));
  if (const auto about = paragraphs(table.description()); !about.empty())
    text += "\n" + joined(wrapped(about.front().text, width), "\n") + "\n";
  if (const auto positionals = positionals_of(table); !positionals.empty()) {
    text += "\nArguments:\n";
    for (const option_info& o : positionals) text += entry(o);
  }
  for (const std::string& group : groups_of(table)) {
    text += "\n" + group + ":\n";
    for (const option_info& o : options_in(table, group)) text += entry(o);
  }
  if (!table.examples().empty()) text += "\nExamples:\n";
  for (const example& e : table.examples())
    text += (&e == &table.examples().front() ? "" : "\n") + example_text(e);
  return text +
         fmt::format("\nMethods, exit statuses and environment: man {}; overview: man ir\n", tool);
}

std::string short_help(std::string_view tool, std::string_view summary, const option_table& table) {
  std::string text = fmt::format("{}: {}\n{}", tool, summary, usage_lines(tool, table));
  if (!table.examples().empty()) text += example_text(table.examples().front());
  return text + fmt::format("All options: {} --help\n", tool);
}

}  // namespace ir

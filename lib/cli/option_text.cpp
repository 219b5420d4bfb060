#include "cli/option_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/option_value.hpp"
#include "cli/text.hpp"

namespace ir {
namespace {

constexpr std::size_t longest_choices = 24;  // shown in place of the value's name

bool shows_choices(const option_info& o) {
  return !o.choices.empty() && joined(o.choices, "|").size() <= longest_choices;
}

/// Words of a command; blanks within quotes do not separate.
std::vector<std::string> shell_words(const std::string& command) {
  std::vector<std::string> words{{}};
  char quote = 0;
  for (const char c : command) {
    if (quote ? c == quote : c == '\'' || c == '"') quote = quote ? '\0' : c;
    if (c != ' ' || quote)
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

}  // namespace

std::string value_name(const option_info& o) {
  return shows_choices(o) ? joined(o.choices, "|") : o.metavar;
}

std::string usage_of(const option_table& table) {
  std::string text;
  for (const option_info& o : table.options())
    if (o.required && !o.positional) text += name_of(o) + " " + value_name(o) + " ";
  text += "[OPTION]...";
  for (const option_info& o : positionals_of(table))
    text +=
        (o.required ? " " + o.long_name : " [" + o.long_name + "]") + (o.repeatable ? "..." : "");
  return text;
}

std::string remarks_on(const option_info& o) {
  std::vector<std::string> remarks;
  if (!o.choices.empty() && !shows_choices(o))
    remarks.push_back("one of " + joined(o.choices, ", "));
  if (o.required) remarks.emplace_back("required");
  if (o.above) remarks.push_back(fmt::format("above {}", *o.above));
  if (o.at_least) remarks.push_back(fmt::format("at least {}", *o.at_least));
  if (!o.fallback.empty()) remarks.push_back("default " + o.fallback);
  if (o.repeatable && !o.positional) remarks.emplace_back("may be repeated");
  return remarks.empty() ? "" : "(" + joined(remarks, "; ") + ")";
}

std::vector<std::string> groups_of(const option_table& table) {
  std::vector<std::string> groups;
  for (const option_info& o : table.options())
    if (!o.hidden && !o.positional &&
        std::find(groups.begin(), groups.end(), o.group) == groups.end())
      groups.push_back(o.group);
  return groups;
}

std::vector<option_info> options_in(const option_table& table, const std::string& group) {
  std::vector<option_info> found;
  for (const option_info& o : table.options())
    if (!o.hidden && !o.positional && o.group == group) found.push_back(o);
  return found;
}

std::vector<option_info> positionals_of(const option_table& table) {
  std::vector<option_info> found;
  for (const option_info& o : table.options())
    if (!o.hidden && o.positional) found.push_back(o);
  return found;
}

std::vector<std::string> command_lines(const std::string& command, std::size_t width) {
  if (command.size() <= width) return {command};
  std::vector<std::string> lines{{}};
  for (const std::string& word : shell_words(command)) {
    std::string& line = lines.back();
    if (line.ends_with(" |") || line.ends_with(" &&"))
      lines.push_back("  " + word);
    else if (word.starts_with('-') && line.size() + 24 > width)
      line += " \\", lines.push_back("    " + word);
    else
      line += (line.empty() ? "" : " ") + word;
  }
  return lines;
}

}  // namespace ir

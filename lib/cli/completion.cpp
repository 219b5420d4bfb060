#include "cli/completion.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/option_text.hpp"
#include "cli/text.hpp"

namespace ir {
namespace {

std::vector<std::string> names_of(const option_info& o) {
  std::vector<std::string> names;
  for (const std::string& name : {o.short_name, o.long_name})
    if (!name.empty()) names.push_back(name);
  return names;
}

bool visible_option(const option_info& o) { return !o.hidden && !o.positional; }

/// One branch of bash's `case`: what may follow this option.
std::string bash_value_case(const option_info& o) {
  std::string action;
  switch (o.completion) {
    case option_info::completes::file:
      action = "_ir_files";
      break;
    case option_info::completes::choice:
      action = "_ir_words '" + joined(o.choices, " ") + "'";
      break;
    case option_info::completes::nothing:
      action = "COMPREPLY=()";
      break;
  }
  return fmt::format("    {}) {}; return ;;\n", joined(names_of(o), "|"), action);
}

/// Text within single quotes and between the colons and brackets of an _arguments specification.
std::string zsh_literal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\'";
    else if (c == ':' || c == '[' || c == ']' || c == '\\')
      out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const option_info& o) {
  switch (o.completion) {
    case option_info::completes::file:
      return "_files";
    case option_info::completes::choice:
      return "(" + joined(o.choices, " ") + ")";
    case option_info::completes::nothing:
      return " ";
  }
  return " ";
}

/// "'(-o --output)'{-o+,--output=}'[file to write]:FILE:_files'"
std::string zsh_option(const option_info& o) {
  std::vector<std::string> forms;
  if (!o.short_name.empty()) forms.push_back(o.short_name + (o.is_flag ? "" : "+"));
  if (!o.long_name.empty()) forms.push_back(o.long_name + (o.is_flag ? "" : "="));
  const std::string before = o.repeatable ? "'*'" : "'(" + joined(names_of(o), " ") + ")'";
  const std::string names = forms.size() == 1 ? forms[0] : "{" + joined(forms, ",") + "}";
  std::string spec = before + names + "'[" + zsh_literal(o.help) + "]";
  if (!o.is_flag) spec += ":" + zsh_literal(o.metavar) + ":" + zsh_action(o);
  return spec + "'";
}

std::string zsh_positional(const option_info& o) {
  return fmt::format("'{}:{}:{}'",
                     o.repeatable ? "*"
                     : o.required ? ""
                                  : ":",
                     o.long_name, zsh_action(o));
}

}  // namespace

std::string bash_completion(std::string_view tool, const option_table& table) {
  std::string function(tool);
  std::replace(function.begin(), function.end(), '-', '_');
  std::vector<std::string> words;
  std::string cases;
  bool files = false;
  for (const option_info& o : table.options()) {
    files |= o.positional && o.completion == option_info::completes::file;
    if (!visible_option(o)) continue;
    for (const std::string& name : names_of(o)) words.push_back(name);
    if (!o.is_flag) cases += bash_value_case(o);
  }
  return fmt::format(R"(# bash completion, written by {0} --ir-emit bash
_ir_words() {{ mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"); }}
_ir_files() {{ compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); }}
_{1}() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  case $before in
{2}  esac
  if [[ $word == -* ]]; then
    _ir_words '{3}'
  else
    {4}
  fi
}}
complete -F _{1} {0}
)",
                     tool, function, cases, joined(words, " "),
                     files ? "_ir_files" : "COMPREPLY=()");
}

std::string zsh_completion(std::string_view tool, const option_table& table) {
  std::vector<std::string> specs;
  for (const option_info& o : table.options())
    if (visible_option(o)) specs.push_back(zsh_option(o));
  for (const option_info& o : positionals_of(table)) specs.push_back(zsh_positional(o));
  return fmt::format("#compdef {0}\n# Written by {0} --ir-emit zsh\n_arguments -s -S \\\n  {1}\n",
                     tool, joined(specs, " \\\n  "));
}

}  // namespace ir

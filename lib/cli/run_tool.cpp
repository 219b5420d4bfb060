#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "cli/completion.hpp"
#include "cli/expr_page.hpp"
#include "cli/help.hpp"
#include "cli/invocation.hpp"
#include "cli/man_page.hpp"
#include "cli/outcome.hpp"
#include "cli/signals.hpp"
#include "cli/tool.hpp"
#include "cli/version.hpp"
#include "core/cancellation.hpp"
#include "io/file_name.hpp"
#include "io/irs.hpp"

namespace ir {

template <>
std::vector<tool>& registry_of<tool>() {
  static std::vector<tool> tools;
  return tools;
}

namespace {

/// A file's name without its folder: what provenance may tell. Words that only contain a slash
/// stay.
std::string without_folder(const std::string& word) {
  const auto equals = word.find('=');
  if (word.starts_with("--") && equals != word.npos)
    return word.substr(0, equals + 1) + without_folder(word.substr(equals + 1));
  const file_name name = split_name(word);
  const std::filesystem::path path(name.path);
  std::error_code ignored;
  if (!path.has_parent_path() || !std::filesystem::exists(path.parent_path(), ignored)) return word;
  return path.filename().string() + (name.inside.empty() ? "" : ":" + name.inside);
}

/// As a shell could run it: words that it would split or expand are quoted.
std::string quoted(const std::string& word) {
  if (!word.empty() && word.find_first_of(" '\"\\$*?;|&<>()[]{}~#!`\t\n") == word.npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string command_of(const std::string& name, const std::vector<std::string>& arguments) {
  std::string command = name;
  for (const std::string& a : arguments) command += " " + quoted(without_folder(a));
  return command;
}

std::string emitted(const tool& t, const invocation& call) {
  if (call.common.emit == "man") return man_page(t.name, t.summary, call.table);
  if (call.common.emit == "bash") return bash_completion(t.name, call.table);
  if (call.common.emit == "zsh") return zsh_completion(t.name, call.table);
  if (call.common.emit == "expr") return expr_page();
  throw usage_error("--ir-emit takes man, bash, zsh or expr");
}

exit_code print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    if (errno == EPIPE) throw cancelled(SIGPIPE);  // ir-info ... | head
    throw io_error("standard output: cannot be written to");
  }
  return exit_code::ok;
}

/// Parses; if that fails and frames would have gone into a pipe, tells its reader.
void parse(invocation& call, const std::vector<std::string>& arguments, bool makes_frames) {
  try {
    call.table.parse(arguments);
  } catch (const usage_error& e) {
    const auto elsewhere = [](const std::string& a) {
      return a.starts_with("-o") || a.starts_with("--output") || a.starts_with("--to");
    };
    descriptor out = descriptor::standard_output(call.cancel);
    if (makes_frames && call.what->input != tool::takes::stream && out.is_pipe() &&
        !isatty(out.fd()) && std::ranges::none_of(arguments, elsewhere))
      write_irs_abort(out, call.what->name, e.code, e.what());
    throw;
  }
}

exit_code run(const tool& t, invocation& call, const std::vector<std::string>& arguments) {
  const auto body = t.bind(call.table);
  const bool makes_frames = std::holds_alternative<stage_factory>(body);
  if (t.input != tool::takes::nothing) call.in.declare(call.table, t.input);
  if (makes_frames) call.out.declare(call.table, t.input);
  call.common.declare(call.table);

  if (arguments.empty() && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
    const std::string help = short_help(t.name, t.summary, call.table);
    std::fwrite(help.data(), 1, help.size(), stderr);
    return exit_code::usage;
  }
  parse(call, arguments, makes_frames);
  if (call.common.help) return print(help_text(t.name, t.summary, call.table));
  if (call.common.version) return print(version_text(t.name, call.common.verbose));
  if (!call.common.emit.empty()) return print(emitted(t, call));
  if (makes_frames) return run_stage(call, std::get<stage_factory>(body));
  const exit_code code = run_action(call, std::get<action>(body));
  print("");  // an answer that could not be written is no answer
  return code;
}

}  // namespace

int run_tool(const tool& t, int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  invocation call;
  call.what = &t;
  call.command = command_of(t.name, arguments);
  route_signals_to(call.cancel);
  try {
    return static_cast<int>(run(t, call, arguments));
  } catch (const dry_run_done&) {
    return static_cast<int>(exit_code::ok);
  } catch (...) {
    const outcome o = outcome_of(std::current_exception());
    if (o.signal != 0) die_by(o.signal);
    if (!o.message.empty()) call.say(o.message);
    return static_cast<int>(o.code);
  }
}

}  // namespace ir

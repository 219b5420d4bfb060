#pragma once
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cli/option_table.hpp"
#include "core/error.hpp"
#include "core/queue.hpp"
#include "core/registry.hpp"
#include "stage/stage.hpp"

namespace ir {

/// What a report tool (no frames out) gets.
struct context {
  precision type = precision::f32;
  bool json = false, verbose = false;
  sources inputs;                  // the positional and the side inputs, opened
  std::vector<std::string> names;  // takes::names: what was named, and how it is opened
  std::function<std::unique_ptr<frame_source>(const std::string&)> open;
  resources available;
  std::string name;  // of the tool, for messages
  /// Plans; prints the plan and ends here with --dry-run. The queue is on the device that the plan
  /// chose.
  std::function<queue&(const stage_plan&)> start;
  /// Gives an answer: text, or with --json the object on one line; --report gets the object.
  std::function<void(const std::string& text, const std::string& object)> answer;
};

using action = std::function<exit_code(context&)>;
using stage_factory = std::function<std::unique_ptr<stage>()>;

/// A tool as an object from plain functions: main.cpp runs the one that is registered, tests call
/// it in-process.
struct tool {
  /// What comes in: nothing; files or standard input (positional INPUT); standard input alone
  /// (positional OUTPUT); positional INPUT that the tool opens itself.
  enum class takes : std::uint8_t { nothing, frames, stream, names };
  std::string name, summary;
  takes input = takes::frames;
  /// Declares the options and gives what is to be run once they are parsed.
  std::function<std::variant<stage_factory, action>(option_table&)> bind;
  bool light = false;  // moves data, computes nothing: plans with 1 GiB at most
};

/// Frames in, frames out.
template <class O>
tool filter(std::string name, std::string summary, void (*declare)(option_table&, O&),
            std::unique_ptr<stage> (*make)(const O&)) {
  return {std::move(name), std::move(summary), tool::takes::frames,
          [declare, make](option_table& table) -> std::variant<stage_factory, action> {
            auto options = std::make_shared<O>();
            declare(table, *options);
            return stage_factory([options, make] { return make(*options); });
          },
          false};
}
/// Frames out of nothing.
template <class O>
tool generator(std::string name, std::string summary, void (*declare)(option_table&, O&),
               std::unique_ptr<stage> (*make)(const O&)) {
  tool t = filter<O>(std::move(name), std::move(summary), declare, make);
  t.input = tool::takes::nothing;
  return t;
}
/// Prints an answer.
template <class O>
tool report(std::string name, std::string summary, void (*declare)(option_table&, O&),
            exit_code (*run)(const O&, context&), tool::takes input = tool::takes::nothing) {
  return {std::move(name), std::move(summary), input,
          [declare, run](option_table& table) -> std::variant<stage_factory, action> {
            auto options = std::make_shared<O>();
            declare(table, *options);
            return action([options, run](context& c) { return run(*options, c); });
          },
          false};
}

/// Parses, plans, runs; the one place where an exception becomes an exit code and a line on
/// standard error.
int run_tool(const tool&, int argc, char** argv);

}  // namespace ir

#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/shape.hpp"
#include "io/frame.hpp"

namespace ir {

/// One option as help, man page, completion and parser see it.
struct option_info {
  std::string long_name, short_name;  // "--iterations", "-j"; empty for a positional
  std::string metavar;                // "N", "FILE"; empty for a flag
  std::string help, group, fallback;  // fallback: the default as text, empty if none
  std::vector<std::string> choices;
  std::optional<double> above, at_least;  // bounds of a number, or of each number of a list
  bool required = false, repeatable = false, positional = false, is_flag = false;
  bool hidden = false;         // from help, man page and completion
  bool informational = false;  // --help: asks for an answer instead of the work
  bool replaces_input = false;
  enum class completes : std::uint8_t { nothing, file, choice } completion = completes::nothing;
};

/// An example of --help and the man page; a test runs it in a folder with the files that it names.
struct example {
  std::string command, explanation;
};

/// The one source of parsing, help, man page and completion. Options refer to members that outlive
/// the table.
class option_table {
 public:
  option_table();
  ~option_table();
  option_table(const option_table&) = delete;

  /// T: bool (a flag), int, index_t, double, std::string, shape ("64,128"), std::vector of double,
  /// index_t or std::string (commas), or std::optional of those but bool. `flags`: "-j,--threads",
  /// or "INPUT" for a positional. A default shown in help is the value that the variable has now.
  template <class T>
  option_table& add(std::string_view flags, T& value, std::string_view help);
  /// A file or FIFO that joins the stream as an array with this role.
  option_table& input(std::string_view flag, role, std::string_view help);
  // Of the option before:
  option_table& required();
  option_table& positive();
  option_table& at_least(double);
  option_table& choices(std::vector<std::string>);  // the value, or each element, is one of these
  option_table& metavar(std::string_view);
  option_table& fallback(std::string_view text);  // the default to show where the variable has none
  option_table& file();                           // completes file names
  /// May be given several times: a list grows. Strings of such a list are not cut at commas.
  option_table& repeatable();
  option_table& hidden();  // from help, man page and completion
  /// Asks for an answer instead of the work (--help): where one is given, parse() sets only these
  /// and the flags, and checks nothing else.
  option_table& informational();
  /// Where it is given, frames come out of nothing: the tool has no INPUT then.
  option_table& replaces_input();

  /// Options added from now on are listed under this heading.
  option_table& group(std::string_view heading);
  /// Paragraphs of the man page's DESCRIPTION, the first of --help too; troff-free text, blank line
  /// between paragraphs. A paragraph whose lines begin with a space is set as it is: a formula.
  option_table& describe(std::string_view text);
  option_table& section(std::string_view heading, std::string_view text);
  option_table& add_example(std::string_view command, std::string_view explanation);

  struct side_input {
    std::string flag;
    role what;
    std::string path;  // empty: not given
  };
  const std::vector<side_input>& side_inputs() const;
  const std::vector<option_info>& options() const;
  const std::vector<example>& examples() const;
  const std::string& description() const;
  const std::vector<std::pair<std::string, std::string>>& sections() const;

  /// Parses, once; usage_error with one line, which names the option nearest to an unknown one.
  void parse(const std::vector<std::string>& arguments);
  /// Whether there is such an option: a tool's own meaning of --roi comes before the usual one.
  bool has(std::string_view name) const;
  /// Whether the option ("--sigma", "-j", "INPUT") was given on the command line.
  bool given(std::string_view name) const;
  /// Of the options given, one that replaces the input; null: none does.
  const option_info* in_place_of_input() const;

 private:
  struct impl;
  using setter = std::function<void(const option_info&, const std::vector<std::string>&)>;
  option_table& declare(option_info, setter);
  option_info& last();
  std::unique_ptr<impl> impl_;
};

}  // namespace ir

#pragma once
#include <stdexcept>
#include <string>

namespace ir {

/// What a program's exit status says; the one table (ir(7)).
enum class exit_code : int {
  ok = 0,         // done
  negative = 1,   // worked, and the answer is no
  usage = 2,      // the command line
  numeric = 3,    // NaN made, diverged
  data = 65,      // bad, truncated or inconsistent data
  no_input = 66,  // no such input
  device = 69,    // device or feature not available
  bug = 70,       // ours
  memory = 71,    // memory or scratch space
  output = 73,    // cannot create an output, or it exists
  io = 74,        // read or write error
  busy = 75,      // worth another try
  upstream = 76   // an earlier stage of the pipeline failed
};

/// Where an error was made: for bug reports, never part of the message.
struct code_place {
  const char* file;
  int line;
  static code_place here(const char* f = __builtin_FILE(), int l = __builtin_LINE()) {
    return {f, l};
  }
};

/// Base of everything the library throws but `cancelled`. One line: what is wrong, and what would
/// be right.
struct error : std::runtime_error {
  error(exit_code c, const std::string& what, code_place p) : runtime_error(what), code(c), at(p) {}
  const exit_code code;
  const code_place at;
};

template <exit_code Code, class Tag = void>
struct coded_error : error {
  explicit coded_error(const std::string& what, code_place place = code_place::here())
      : error(Code, what, place) {}
};
using usage_error = coded_error<exit_code::usage>;                   // the caller's arguments
using data_error = coded_error<exit_code::data>;                     // a file's content
using shape_error = coded_error<exit_code::data, struct shape_tag>;  // two things that do not fit
using numeric_error = coded_error<exit_code::numeric>;    // NaN made, breakdown, divergence
using no_input_error = coded_error<exit_code::no_input>;  // no such file
using device_error = coded_error<exit_code::device>;      // device or feature absent
using memory_error = coded_error<exit_code::memory>;      // does not fit memory or scratch
using output_error = coded_error<exit_code::output>;      // cannot be created, or exists
using io_error = coded_error<exit_code::io>;              // the system could not read or write
using busy_error = coded_error<exit_code::busy>;          // GPU out of memory, lock held
using upstream_error = coded_error<exit_code::upstream>;  // a stage before this one failed
using bug_error = coded_error<exit_code::bug>;            // a broken promise of our own

}  // namespace ir

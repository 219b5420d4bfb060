#pragma once
#include <span>
#include <string_view>

namespace ir {

/// A row of the tables that every man page carries.
struct named_text {
  std::string_view name, text;
};

/// What each exit status says, in order; the text of `exit_code`.
std::span<const named_text> exit_statuses();
/// The environment variables that every tool reads.
std::span<const named_text> environment_variables();

}  // namespace ir

#pragma once
#include <exception>
#include <string>

#include "core/error.hpp"

namespace ir {

/// How a run ended: the one place that maps exceptions to exit codes.
struct outcome {
  exit_code code = exit_code::ok;
  std::string
      message;     // empty: nothing to print (an earlier stage has told, or a reader went away)
  int signal = 0;  // to be raised again after cleaning up
};
outcome outcome_of(const std::exception_ptr&);

}  // namespace ir

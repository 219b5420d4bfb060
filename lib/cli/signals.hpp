#pragma once
#include <memory>

#include "core/cancellation.hpp"

namespace ir {

/// SIGINT, SIGTERM and SIGHUP ask this cancellation to stop; a second one kills at once. SIGPIPE is
/// ignored: writers see EPIPE. For the life of the process.
void route_signals_to(std::shared_ptr<const cancellation>);

/// Ends the process by this signal, as if it had never been caught: shells and make see what
/// happened.
[[noreturn]] void die_by(int signal);

}  // namespace ir

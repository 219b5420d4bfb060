#include "cli/signals.hpp"

#include <csignal>
#include <cstdlib>

namespace ir {
namespace {

std::shared_ptr<const cancellation> target;  // set before the handlers are

void on_signal(int signal) { target->request(signal); }

}  // namespace

void route_signals_to(std::shared_ptr<const cancellation> cancel) {
  target = std::move(cancel);
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESETHAND;
  for (const int s : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    sigaction(s, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaction(s, &action, nullptr);  // nohup stays nohup
  }
}

void die_by(int signal) {
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
  raise(signal);
  std::_Exit(128 + signal);  // where the signal is blocked
}

}  // namespace ir

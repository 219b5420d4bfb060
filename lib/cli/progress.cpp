#include "cli/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <mutex>
#include <utility>

namespace ir {
namespace {

constexpr double least_pause = 0.1, first_bar_after = 0.3;  // seconds
constexpr std::size_t bar_cells = 20;

/// Names come through the stream as well: nothing that steers a terminal or ends a JSON string.
std::string harmless(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c < ' ' || c > '~' || c == '"' || c == '\\') c = '?';
  return out;
}

std::string count_text(const progress_state::count& c) {
  return c.total > 0 ? fmt::format("{} {}/{}", harmless(c.unit), c.done, c.total)
                     : fmt::format("{} {}", harmless(c.unit), c.done);
}

std::string duration(double seconds) {
  const auto s = static_cast<long long>(std::ceil(std::min(seconds, 3.6e8)));
  return s < 3600 ? fmt::format("{}:{:02}", s / 60, s % 60)
                  : fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::size_t columns_of(int descriptor) {
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool in_foreground(int descriptor) {
  const pid_t group = tcgetpgrp(descriptor);
  return group < 0 || group == getpgrp();
}

/// Progress is no result: a standard error that takes no more is not this run's failure.
void print(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

progress_style usual_progress() {
  struct stat out {};
  const char* const terminal = std::getenv("TERM");
  const bool dumb = terminal && std::string_view(terminal) == "dumb";
  const bool pipe =
      fstat(STDOUT_FILENO, &out) == 0 && (S_ISFIFO(out.st_mode) || S_ISSOCK(out.st_mode));
  return isatty(STDERR_FILENO) && !dumb && !pipe ? progress_style::bar : progress_style::none;
}

void progress_state::update(std::string_view unit, index_t done, index_t total) {
  if (unit == frames.unit) {
    if (done != frames.done) inner.reset();
    frames.done = done;
    frames.total = total;
  } else {
    inner = count{std::string(unit), done, total};
  }
}

std::optional<double> progress_state::fraction() const {
  const double within = inner && inner->total > 0 ? double(inner->done) / double(inner->total) : 0;
  const bool only_inner = frames.total == 0 && frames.done == 0 && inner && inner->total > 0;
  if (frames.total == 0 && !only_inner) return {};
  const double total = only_inner ? 1 : double(frames.total);
  return std::clamp((double(frames.done) + within) / total, 0.0, 1.0);
}

std::string progress_line(const progress_state& s, double seconds, std::size_t columns) {
  std::string line = harmless(s.tool);
  const std::optional<double> fraction = s.fraction();
  if (fraction) {
    const auto full = static_cast<std::size_t>(*fraction * double(bar_cells));
    line += " [" + std::string(full, '#') + std::string(bar_cells - full, '.') + "]";
  }
  const bool many = s.frames.total > 1 || s.frames.done > 1 || !s.inner;
  if (many) line += " " + count_text(s.frames);
  if (s.inner) line += (many ? ", " : " ") + count_text(*s.inner);
  const progress_state::count& rated = many ? s.frames : *s.inner;
  if (rated.done > 0 && seconds > 0)
    line += fmt::format(", {:.3g} {}s/s", double(rated.done) / seconds, harmless(rated.unit));
  if (fraction && *fraction > 0)
    line += ", " + duration(seconds * (1 - *fraction) / *fraction) + " left";
  if (s.upstream)
    line += fmt::format(" ({}: {})", harmless(s.upstream->tool),
                        count_text({s.upstream->unit, s.upstream->done, s.upstream->total}));
  return line.substr(0, columns);
}

std::string progress_json(std::string_view tool, const progress_state::count& c, double seconds) {
  const std::string total = c.total > 0 ? fmt::format(R"("total":{},)", c.total) : "";
  return fmt::format(R"({{"tool":"{}","unit":"{}","done":{},{}"seconds":{:.3f}}})"
                     "\n",
                     harmless(tool), harmless(c.unit), c.done, total, seconds);
}

struct progress::impl {
  std::mutex mutex;
  progress_style style;
  int descriptor;
  std::function<double()> clock;
  double start, shown = -1;
  progress_state state;
  bool drawn = false;
  std::string untold;  // the JSON line that came too soon after the one before

  double seconds() const { return clock() - start; }

  /// Whether enough time has passed to show something again.
  bool due() const {
    const double now = seconds();
    return style == progress_style::bar ? now >= first_bar_after && now - shown >= least_pause
                                        : shown < 0 || now - shown >= least_pause;
  }

  void show(std::string_view tool, const progress_state::count& changed) {
    if (style == progress_style::none) return;
    if (style == progress_style::json) untold = progress_json(tool, changed, seconds());
    if (!due()) return;
    shown = seconds();
    if (style == progress_style::json) {
      print(descriptor, std::exchange(untold, {}));
    } else if (in_foreground(descriptor)) {
      print(descriptor, "\r" + progress_line(state, shown, columns_of(descriptor) - 1) + "\x1b[K");
      drawn = true;
    }
  }

  void erase() {
    if (drawn) print(descriptor, "\r\x1b[K");
    drawn = false;
  }
};

progress::progress(std::string tool, progress_style style, int descriptor,
                   std::function<double()> clock)
    : impl_(std::make_unique<impl>()) {
  impl_->style = style;
  impl_->descriptor = descriptor;
  impl_->start = clock();
  impl_->clock = std::move(clock);
  impl_->state.tool = std::move(tool);
}

progress::~progress() {
  erase();
  print(impl_->descriptor, impl_->untold);
}

void progress::update(std::string_view unit, index_t done, index_t total) {
  const std::lock_guard lock(impl_->mutex);
  impl_->state.update(unit, done, total);
  impl_->show(impl_->state.tool, {std::string(unit), done, total});
}

void progress::note(const progress_note& n) {
  const std::lock_guard lock(impl_->mutex);
  impl_->state.upstream = n;
  impl_->show(n.tool, {n.unit, n.done, n.total});
}

void progress::erase() {
  const std::lock_guard lock(impl_->mutex);
  impl_->erase();
}

}  // namespace ir

#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "io/irs.hpp"

namespace ir {

enum class progress_style : std::uint8_t { none, bar, json };

/// A bar where standard error is a terminal and standard output no pipe (there the last stage
/// draws), else none.
progress_style usual_progress();

/// How far a run is: its frames, and within the frame a count of iterations or tiles.
struct progress_state {
  struct count {
    std::string unit;
    index_t done = 0, total = 0;  // total 0: not known
  };
  std::string tool;
  count frames{"frame", 0, 0};
  std::optional<count> inner;
  std::optional<progress_note> upstream;  // the last word of an earlier stage

  void update(std::string_view unit, index_t done, index_t total);
  /// Of the whole run, 0 to 1; absent where the total is not known.
  std::optional<double> fraction() const;
};

/// "ir-x [####......] frame 4/10, iteration 3/25, 1.3 frames/s, 0:12 left", cut to `columns`.
std::string progress_line(const progress_state&, double seconds, std::size_t columns);

/// {"tool":"ir-x","unit":"frame","done":4,"total":10,"seconds":1.5}; total absent where not known.
std::string progress_json(std::string_view tool, const progress_state::count&, double seconds);

/// Shows progress on standard error, at most ten times a second; a bar only after 0.3 s, and while
/// the process is in the foreground. May be told from several threads.
class progress {
 public:
  progress(std::string tool, progress_style, int descriptor = 2,
           std::function<double()> clock = seconds_now);
  /// Erases the bar; prints what --progress json has not told yet.
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// `unit` is "frame", or what is counted within a frame: "iteration", "tile".
  void update(std::string_view unit, index_t done, index_t total);
  /// Of an earlier stage of the pipeline.
  void note(const progress_note&);
  /// Removes the bar, for another line on standard error.
  void erase();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace ir

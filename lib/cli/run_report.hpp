#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cli/common_options.hpp"
#include "core/clock.hpp"

namespace ir {

/// What a run has to tell besides its frames: facts for -v, --json and --report, progress for the
/// bar and for later stages.
class run_report final : public listener {
 public:
  explicit run_report(const std::string& tool);

  void progress(std::string_view unit, index_t done, index_t total) override;
  void fact(std::string_view name, double value) override;
  void say(std::string_view line) override {
    if (on_line) on_line(std::string(line));
  }
  void text(std::string_view name, std::string_view value);

  /// Where progress goes.
  std::function<void(const progress_note&)> on_progress;

  /// Where lines go that the user has asked for.
  std::function<void(const std::string&)> on_line;

  /// One JSON object: tool, version, seconds, CPU seconds, then everything told, in its order.
  std::string json() const;
  /// "sigma 12.1, iterations 20"
  std::string summary() const;

 private:
  void set(std::string_view name, std::string json_value);
  std::string tool_;
  double begin_ = seconds_now();
  std::vector<std::pair<std::string, std::string>> facts_;
};

}  // namespace ir

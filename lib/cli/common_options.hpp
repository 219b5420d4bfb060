#pragma once
#include <string>
#include <vector>

#include "cli/option_table.hpp"
#include "cli/tool.hpp"
#include "core/resources.hpp"
#include "io/input.hpp"
#include "io/output.hpp"

namespace ir {

/// The options that every tool has, as strings of the command line.
struct common_options {
  bool force = false, quiet = false, verbose = false, json = false, dry_run = false;
  bool no_provenance = false, help = false, version = false;
  std::optional<int> threads;
  std::string device = "auto", memory, tmpdir, precision = "single", report, progress = "auto",
              emit;
  index_t seed = 0;

  void declare(option_table&);
  /// What a plan may use. usage_error, device_error.
  resources available(memory_share) const;
};

/// Of tools that read frames.
struct input_group {
  std::vector<std::string> names;
  std::optional<int> rank;
  std::vector<std::string> axes, roi;
  std::vector<index_t> bin;
  std::string along, frames, dtype, raw_dtype;
  std::optional<shape> raw_shape;
  index_t raw_skip = 0;
  bool concatenated = false, each = false;

  void declare(option_table&, tool::takes);
  input_options resolve(const common_options&, index_t memory) const;
};

/// Of tools that write frames.
struct output_group {
  std::string target = "-", to, out_dtype, range;
  int compression = 0;
  bool append = false, allow_empty = false;

  void declare(option_table&, tool::takes);
  output_options resolve(const common_options&) const;
};

}  // namespace ir

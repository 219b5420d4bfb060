#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "io/source.hpp"

namespace ir {

/// How a stage must see an input. The runner supplies it: a file directly, a pipe by memory or one
/// spool.
struct access {
  enum kind_t : std::uint8_t { parts, window, frames, random } kind = frames;
  index_t halo = 0;
};

/// What a plan may use. `where` absent: the plan chooses.
struct resources {
  std::optional<device> where;
  precision type = precision::f32;
  std::optional<int> rank;  // --rank: trailing spatial axes that are worked on together
  index_t host_bytes = 0, device_bytes = 0, spool_bytes = 0;
  int threads = 1;
  std::uint64_t seed = 0;
  std::string tmpdir;             // as --tmpdir; empty: spool_folder's
  std::vector<std::string> rows;  // names of the inputs that were taken as rows, for messages
};

/// The answer of a stage before anything runs: pure, the same for the same headers and machine.
struct stage_plan {
  stream_header out;
  std::vector<access> needs;  // one for each input
  device where;
  precision type = precision::f32;
  double seconds = 0;  // a frame
  std::string
      why;  // of device and tiling: "cpu: no CUDA device", "3 tiles: 1.2 GiB do not fit 1.0 GiB"
  index_t host_bytes = 0, device_bytes = 0, spool_bytes = 0, scratch_bytes = 0;
  resources given;                  // what it was made for; whoever calls plan() fills it in
  std::vector<stage_plan> chained;  // of the stages of a chain
};

/// Fills in where the plan runs and why: on the device asked for, else on a GPU where there is one,
/// `points` of FFTs (or work of their cost) are worth the way there, and `device_bytes` fit.
void choose_device(stage_plan&, const resources&, double points, index_t device_bytes);

using sources = std::vector<std::unique_ptr<frame_source>>;  // 0: generator, 1: filter, n: metric

/// The body of a tool, usable in one process with others.
struct stage {
  virtual ~stage() = default;
  /// Whether so many inputs, named one by one, are the rows of its data (io/rows.hpp), each with
  /// extents of its own; else they make one stack.
  virtual bool takes_rows(std::size_t) const { return false; }
  /// Whether it does what it does to all rows of data that have several; else they are refused.
  virtual bool knows_rows() const { return false; }
  /// usage_error, shape_error, memory_error, device_error: it cannot be done so.
  virtual stage_plan plan(std::span<const stream_header>, const resources&) const = 0;
  /// The stage's output; pulling it pulls the inputs.
  virtual std::unique_ptr<frame_source> open(sources, const stage_plan&) const = 0;
  /// Once all is done: ok, or negative where the answer is no.
  virtual exit_code verdict() const { return exit_code::ok; }
};

}  // namespace ir

#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "io/source.hpp"
#include "stage/metric.hpp"

namespace ir {

/// Two streams of real frames, compared side by side in flat memory: lines of both are gathered
/// into blocks that depend on the extents alone, so the sums have the same bits however the frames
/// come (whole, in parts of any size, by regions).
class frame_pairs {
 public:
  /// `border`: pixels left out at each end of every spatial axis (the last `rank`; absent: all that
  /// are not c). Sources with regions() are read by them, the others in order.
  /// shape_error: frames of different extents or number; data_error: complex data; usage_error:
  /// nothing is left inside the border.
  frame_pairs(frame_source& x, frame_source& r, index_t border, std::optional<int> rank, queue&);
  ~frame_pairs();

  /// Whether there is a frame k. shape_error: in one stream only. In order, unless by regions.
  bool has(index_t frame);
  /// Over the frame inside the border. Once a frame, unless by regions. data_error: a value is NaN
  /// or infinite, naming stream and frame.
  metric_sums sums(index_t frame, double factor);

 private:
  class feed;
  class feed_in_order;
  class feed_by_regions;
  static std::unique_ptr<feed> make_feed(frame_source&, queue&);
  index_t drop_border(index_t begin, index_t end, double* lines) const;
  bool keeps_line(index_t line) const;

  shape extents_;
  std::vector<index_t> margin_;  // of each axis
  std::unique_ptr<feed> x_, r_;
  std::vector<double> x_lines_, r_lines_;
};

}  // namespace ir

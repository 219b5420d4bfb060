#pragma once
#include <array>
#include <optional>
#include <vector>

#include "core/queue.hpp"

namespace ir {

/// One method's answer: zero-based detector pixel and its standard error (jackknife over rows,
/// views or regions: what noise and structure explain, not what is systematic).
struct center_answer {
  double center, error;
};

struct center_options {
  /// Pixels within which the centre is looked for; absent: the middle half of the detector, of
  /// a full turn (the axis may lie near its end) the middle nine tenths.
  std::optional<std::array<double, 2>> range;
  bool opposite = true, slices = true;  // the methods to use
};

/// Where the rotation axis falls on the detector.
struct rotation_center {
  /// The mean of the answers weighted with 1 / (error^2 + 0.1^2); zero-based pixel, rounded to a
  /// thousandth, so that three decimals tell all of it.
  double center = 0;
  /// Pixels; one standard deviation: sqrt of 1 / (sum of these weights), or half the distance of
  /// two answers where that is more.
  double uncertainty = 0;
  index_t pairs = 0;                      // of opposite views in the scan
  std::optional<center_answer> opposite;  // registration of opposite views
  std::optional<center_answer> slices;    // total variation of slices
  /// No method that applies failed; two answers differ by at most `tolerance`, or by up to twice
  /// that where it is within two of their joint standard errors; a lone answer has an uncertainty
  /// below `tolerance`.
  bool agree = false;
  static constexpr double tolerance = 0.5;  // pixels: from there on slices show it
};

/// The centre of a parallel-beam scan by two methods: registration of opposite views
/// (tomo/opposite_views.hpp), where the scan has any, and the least total variation of slices
/// (tomo/slice_variation.hpp) near the first answer; alone it starts from a search of the range.
///
/// sinograms: line integrals (row, view, u), f32, on the host; of the rows that center_rows
/// chooses. angles: radians, one for each view. The same bits for any number of threads.
/// usage_error: a range outside the detector; shape_error; data_error: fewer than three views or 32
/// pixels, NaN or infinite values, no contrast, or no method found a minimum.
rotation_center find_rotation_center(queue&, cref sinograms, const std::vector<double>& angles,
                                     const center_options& = {});

/// Memory that it takes besides the sinograms, about.
index_t rotation_center_bytes(index_t rows, index_t views, index_t detector);

/// `count` rows `step` apart.
struct row_choice {
  index_t begin, count, step;
};
/// Rows to find the centre from: `most` or all there are, evenly spaced, in the middle.
row_choice center_rows(index_t rows, index_t most = 8);

}  // namespace ir

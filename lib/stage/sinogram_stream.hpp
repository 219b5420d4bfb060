#pragma once
#include <memory>

#include "stage/sinogram_reader.hpp"

namespace ir {

/// Sinograms that come one after the other, frames along v of a pipe: nothing is kept but angles
/// and the means of darks and flats.
class sinogram_stream {
 public:
  /// `from` outlives this. data_error as sinogram_reader.
  sinogram_stream(frame_source& from, const scan_layout&, dark_is);

  /// Degrees; reads up to the data. Before the first `fetch`. data_error: NaN or infinite.
  std::vector<double> angles(queue& host);
  /// Rows behind those fetched before. data_error: the stream ends before.
  void fetch(queue& host, const index_range& rows, stored_sinograms&);

  /// Passes over what is left, to the stream's proper end.
  void finish(queue& host);

  /// Of what is kept.
  static index_t host_bytes(const scan_layout&);

 private:
  void keep(queue&, combined_image&) const;
  std::vector<double> lines_of(const std::vector<double>& image, const index_range& rows) const;

  frame_source& from_;
  scan_layout scan_;
  array_info data_;
  bool one_line_ = false;  // darks and flats of all rows
  std::vector<double> dark_, flat_;
  frame frame_;
  bool more_ = true;
};

}  // namespace ir

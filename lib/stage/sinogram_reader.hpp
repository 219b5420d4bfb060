#pragma once
#include <vector>

#include "io/cut.hpp"
#include "stage/references.hpp"
#include "stage/scan_layout.hpp"
#include "tomo/flatfield.hpp"

namespace ir {

/// Some sinograms as they are stored, in host memory, with their lines of dark and flat.
struct stored_sinograms {
  index_range rows{0, 0, 1};       // of v
  array values;                    // (row, angle, u) in the type of the data
  std::vector<double> dark, flat;  // (row, u), or (u); empty: the data are no counts
};

/// Angles as they are stored, in host memory. data_error: NaN or infinite.
std::vector<double> degrees_of(cref stored);

/// Sinograms of any rows of a scan, whatever order its axes have; only those rows are read. A raw
/// scan (one with flats) becomes line integrals as in ir-flatfield.
class sinogram_reader {
 public:
  /// `from` outlives this; it has regions where anything is read. data_error: flats or darks are
  /// missing or do not fit.
  sinogram_reader(const frame_source& from, const scan_layout&, precision, dark_is);

  /// Degrees. data_error: NaN or infinite.
  std::vector<double> angles(queue& host) const;

  /// Reads; from any thread with its own queue on the host.
  void fetch(queue& host, const index_range& rows, stored_sinograms&) const;
  /// Line integrals (row, angle, u) of the precision on the queue's device: those stored from row
  /// `first` on, as many as `out` has. data_error naming view and row: NaN or infinite values that
  /// are no counts; of a raw scan: what flatfield refuses.
  void convert(queue&, const stored_sinograms&, index_t first, ref out);
  /// All of them.
  void convert(queue& q, const stored_sinograms& s, ref out) { convert(q, s, 0, out); }

  struct counts {
    index_t dead = 0, repaired = 0, clipped = 0;
  };
  const counts& counted() const { return counted_; }
  /// Of `stored_sinograms` and what `fetch` takes besides.
  static index_t host_bytes(const scan_layout&, dtype, index_t rows);

 private:
  struct box {
    index_t row, rows, view, views;
  };
  const region_source& boxes() const;
  void read_box(queue&, const box&, std::byte* to, const std::vector<index_t>& steps,
                array& block) const;
  std::vector<double> combined(queue&, int array_no, const index_range& rows) const;
  void refuse_not_finite(const stored_sinograms&, index_t bad) const;

  const frame_source& from_;
  scan_layout scan_;
  array_info data_;
  precision type_;
  bool raw_, one_line_ = false;  // darks and flats of all rows
  counts counted_;
  array moved_;
};

}  // namespace ir

#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "io/box_source.hpp"
#include "io/cut_plan.hpp"

namespace ir {

/// A run of frames, or a box of one: what is read at once.
struct frame_box {
  index_t first = 0, count = 1;  // frames
  shape origin, extents;         // in a frame
};

/// Reads boxes of frames through a box source: permuted, decimated, binned and converted as the
/// plan says. Any thread.
class cut_reader {
 public:
  /// Intermediate buffers have at most `staged_bytes`, as far as one index of the slowest axis
  /// allows.
  cut_reader(std::unique_ptr<box_source>, cut_array, index_t staged_bytes = index_t{64} << 20);
  ~cut_reader();

  const cut_array& plan() const { return plan_; }
  const array_info& info() const { return plan_.info; }
  /// Extents, in frames and in a frame's axes, of what costs least to read: the file's blocks.
  frame_box block() const;
  /// Into `out`: (count, extents) in C order, info().type, host memory.
  void read(const frame_box&, void* out) const;

 private:
  struct work;
  struct request;
  void read_piece(const frame_box&, std::byte* out, work&) const;
  void fetch_samples(const request&, std::byte* to) const;
  void fetch_in_pieces(const request&, index_t cover_bytes, std::byte* to) const;

  std::unique_ptr<box_source> source_;
  cut_array plan_;
  index_t staged_bytes_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<work>> idle_;  // buffers that are used again
};

}  // namespace ir

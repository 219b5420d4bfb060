#pragma once
#include <optional>

#include "io/source.hpp"

namespace ir {

/// Frames that are worked on volume by volume: where planes of a volume lie, and how finished ones
/// are given away.

/// The box of planes [first, first + run) of volume `volume` of a frame: the last `rank` axes are
/// the volume's, those before count the volumes.
region planes_of(const array_info&, int array_no, index_t frame, index_t volume, int rank,
                 index_t first, index_t run);

/// Finished lines that leave as parts.
class line_parts {
 public:
  /// `lines` (any extents, on the host, to be kept until all were given): lines
  /// [first, first + its lines) of frame `number` of `out`.
  void start(cref lines, const array_info& out, int array_no, index_t number, index_t first);
  bool empty() const { return at_ == count_; }
  /// The next part, a copy.
  void give(frame&, queue&);

 private:
  std::optional<cref> lines_;
  const array_info* out_ = nullptr;
  int array_no_ = 0;
  index_t number_ = 0, first_ = 0, at_ = 0, count_ = 0;
};

}  // namespace ir

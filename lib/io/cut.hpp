#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/box_source.hpp"
#include "io/source.hpp"

namespace ir {

/// a:b:step, Python's: half-open, negative from the end; an end beyond the axis is an error, never
/// clipped.
struct range_spec {
  std::optional<index_t> begin, end;
  index_t step = 1;
  bool single = false;  // "7": one index, the axis stays with extent 1
};
range_spec parse_range(std::string_view);  // usage_error
struct index_range {
  index_t begin, count, step;
};
index_range resolve(const range_spec&, index_t size,
                    std::string_view what);  // usage_error beyond the axis or empty

/// What the input group of options asks for.
struct selection {
  std::optional<int> rank;  // joins frames along `along` until they have this many spatial axes
  std::vector<std::string> axes;  // --axes
  std::string along;              // a name or a number; empty: the file's own
  std::optional<range_spec> frames;
  std::vector<range_spec> roi;  // of the trailing spatial axes, slowest first
  std::vector<index_t>
      bin;  // one for all spatial axes, or one each; mean in f32, remainder dropped
  std::optional<dtype> type;
  bool whole = false;  // one frame of everything: how a PSF is read
  bool empty() const;  // asks for nothing
};

/// Cuts an opened file into frames: along any axis, ranges of every axis, bins, dtype; frames and
/// regions both, at a cost proportional to what is asked for. usage_error: a range beyond an axis,
/// an axis that does not exist. Blocks that frames cut through are kept up to `cache_bytes`, and no
/// buffer of its own is larger.
std::unique_ptr<frame_source> cut(file_contents, const selection&,
                                  index_t cache_bytes = index_t{64} << 20);

/// The same for frames that come one after the other: takes `from` over. nullptr, and `from` stays
/// where it is: they would have to be cut otherwise (io/kept.hpp, then `cut`).
std::unique_ptr<frame_source> cut_stream(std::unique_ptr<frame_source>& from, const selection&);

}  // namespace ir

#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "core/queue.hpp"
#include "io/frame.hpp"

namespace ir {

/// Any box of any frame, in any order, from any thread: a file, a spooled pipe, a stage that
/// computes tiles.
class region_source {
 public:
  virtual ~region_source() = default;
  /// Reads into `out` (its extents are the region's, with the frames in front where it has several;
  /// its dtype the array's). shape_error: outside the frame.
  void read(const region&, ref out, queue&) const;
  /// Boxes that cover the data in slab order; the chunks of a file, the tiles of a stage.
  virtual std::vector<region> tiles() const = 0;

 protected:
  virtual const stream_header& shape_of() const = 0;

 private:
  virtual void do_read(const region&, ref out, queue&) const = 0;
};

enum class delivery : std::uint8_t { whole, parts };

/// Frames in order: all frames of every other array, then the frames of `data`.
class frame_source {
 public:
  virtual ~frame_source() = default;
  virtual const stream_header& header() const = 0;
  /// The next frame or part; false only after the proper end (a stream's TAIL). `f.data` keeps its
  /// storage. data_error, upstream_error, io_error, cancelled.
  bool next(frame& f, queue&);
  /// How frames come: whole (the default), or as parts of whole lines, of about `part_bytes` where
  /// we make them, of at most `largest_part_bytes` (or one line) where another writer did. Before
  /// the first `next`.
  void deliver(delivery d) { do_deliver(d); }
  virtual const region_source* regions() const { return nullptr; }

 private:
  virtual bool do_next(frame&, queue&) = 0;
  virtual void do_deliver(delivery) {}
};

/// What our own sources and writers make: small enough to stay in cache and to keep a pipeline
/// overlapped.
constexpr index_t part_bytes = index_t{4} << 20;
/// What a reader of a stream must accept.
constexpr index_t largest_part_bytes = index_t{64} << 20;
/// Lines that fit a part; at least 1.
index_t lines_a_part(const array_info&);

}  // namespace ir

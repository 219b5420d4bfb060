#pragma once
#include "core/queue.hpp"
#include "io/frame.hpp"

namespace ir {

/// Takes frames (or parts) in order. Nothing has its final name before `commit`; a sink that is
/// destroyed uncommitted leaves nothing behind.
struct frame_sink {
  virtual ~frame_sink() = default;
  virtual void put(frame&, queue&) = 0;
  /// Whether `put` takes parts of frames (runs of lines, in order), not only whole ones.
  virtual bool takes_parts() const { return false; }
  virtual void finish() = 0;  // everything that can fail: checks counts, flushes, closes, syncs
  virtual void commit() = 0;  // after finish: only renames
};

/// Takes boxes in any order and knows which are done.
struct region_sink {
  virtual ~region_sink() = default;
  virtual void write(const region&, cref, queue&) = 0;
  virtual bool done(const region&) const = 0;
  virtual void finish() = 0;
  virtual void commit() = 0;
};

}  // namespace ir

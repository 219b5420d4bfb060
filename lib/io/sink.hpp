#pragma once
#include <string>

#include "core/error.hpp"
#include "core/queue.hpp"
#include "io/frame.hpp"

namespace ir {

/// Progress of a stage, as `prog` records carry it.
struct progress_note {
  std::string tool;
  index_t done = 0, total = 0;  // total 0: not known
  std::string unit;             // "frame", "iteration"
};

/// Takes frames (or parts) in order. Nothing has its final name before `commit`; a sink that is
/// destroyed uncommitted leaves nothing behind.
struct frame_sink {
  virtual ~frame_sink() = default;
  virtual void put(frame&, queue&) = 0;
  /// Whether `put` takes parts of frames (runs of lines, in order), not only whole ones.
  virtual bool takes_parts() const { return false; }
  virtual void finish() = 0;  // everything that can fail: checks counts, flushes, closes, syncs
  virtual void commit() = 0;  // after finish: only renames
  /// Instead of finish: this run failed. A stream tells its reader (ABRT); a file has nothing to
  /// do.
  virtual void abort(const std::string& /*tool*/, exit_code,
                     const std::string& /*message*/) noexcept {}
  /// How far this run is, for the stages after it (`prog`); only a stream passes it on.
  virtual void note(const progress_note&) {}
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

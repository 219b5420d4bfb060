#pragma once
#include <functional>

#include "io/sink.hpp"
#include "io/source.hpp"

namespace ir {

struct pumped {
  index_t frames = 0;  // of data
  index_t bytes = 0;
};

/// Pulls every frame of `from` into `to`, which sees host memory only. finish() and commit() are
/// the caller's. `each` hears of every frame of data that is complete.
pumped pump(frame_source& from, frame_sink& to, queue&,
            const std::function<void(index_t)>& each = {});

}  // namespace ir

#pragma once
#include "core/queue.hpp"
#include "core/space.hpp"
#include "io/frame.hpp"

namespace ir {

/// What stages do with every frame.

/// Puts `to` where `from` is: its array, number, lines and what is known of it; not its values.
void take_place(frame& to, const frame& from);

/// How many values are NaN or infinite; integers never are. Real values, on the queue's device.
index_t count_not_finite(queue&, cref values);
index_t count_not_finite(queue&, cvec);

}  // namespace ir

#pragma once
#include "fn/tv_dual.hpp"
#include "fn/tv_layout.hpp"

namespace ir::detail {

/// The iterations pixel by pixel on the queue's device, every one a pass over memory: what a GPU
/// runs, and on threads the reference of the fast ones. Takes the proved steps only; the sums of
/// the gap are added in a fixed order. Extents, types and the weight are checked by
/// `tv_dual::make`.
std::unique_ptr<tv_dual> make_tv_plain(queue&, const tv_problem&);
index_t tv_plain_bytes(const tv_layout&, index_t size);

}  // namespace ir::detail

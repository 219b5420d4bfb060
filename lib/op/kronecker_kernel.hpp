#pragma once
#include "core/nd_view.hpp"

namespace ir::kernel {

/// One line to another, each with its distance between elements. Reads 1, writes 1.
template <class T>
struct copy_line {
  const T* from;
  T* to;
  index_t from_step, to_step;  // in reals
  index_t reals;               // of an element
  mode how;

  IR_HD void operator()(index_t i) const noexcept {
    for (index_t c = 0; c < reals; ++c) put(to[i * to_step + c], from[i * from_step + c], how);
  }
};

}  // namespace ir::kernel

#include "stage/stage.hpp"

#include "core/resources.hpp"

namespace ir {

void choose_device(stage_plan& p, const resources& r, double points, index_t device_bytes) {
  constexpr double worth_the_way = 1 << 22;  // points of FFTs, below which copies dominate
  const device gpu{device::cuda, 0};
  if (r.where) {
    p.where = *r.where;
    p.why = "asked for";
  } else if (cuda_device_count() == 0) {
    p.why = "no CUDA device";
  } else if (points < worth_the_way) {
    p.why = "little work";
  } else if (r.device_bytes > 0 && device_bytes > r.device_bytes) {
    p.why = "the work does not fit the GPU";
  } else {
    p.where = gpu;
    p.why = "a GPU is there";
  }
}

}  // namespace ir

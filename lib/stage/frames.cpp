#include "stage/frames.hpp"

#include "core/parallel_for.hpp"
#include "core/space.hpp"
#include "stage/noise_kernel.hpp"

namespace ir {

void take_place(frame& to, const frame& from) {
  to.array_no = from.array_no;
  to.number = from.number;
  to.begin = from.begin;
  to.end = from.end;
  to.meta = from.meta;
}

index_t count_not_finite(queue& q, cref values) {
  if (is_integer(values.type)) return 0;
  double bad = 0;
  with_real(values.type == dtype::f64 ? precision::f64 : precision::f32, [&]<class T>() {
    bad = sum_for(q, values.extents.count(),
                  kernel::not_finite<T>{static_cast<const T*>(values.data)});
  });
  return static_cast<index_t>(bad);
}

index_t count_not_finite(queue& q, cvec x) {
  index_t bad = 0;
  for (int b = 0; b < static_cast<int>(x.in().blocks().size()); ++b) {
    const cref block = x.block(b);  // of pairs of reals where it is complex
    const index_t reals = block.bytes() / size_of(real_type(x.type()));
    bad += count_not_finite(q, {block.data, real_type(x.type()), shape{reals}, block.where});
  }
  return bad;
}

}  // namespace ir

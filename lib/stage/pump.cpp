#include "stage/pump.hpp"

#include <utility>

#include "stage/frames.hpp"

namespace ir {

pumped pump(frame_source& from, frame_sink& to, queue& q,
            const std::function<void(index_t)>& each) {
  pumped total;
  const int data = data_index(from.header());
  const index_t lines = line_count(data_of(from.header()));
  queue host_queue({}, q.cancel());
  frame f, on_host;
  while (from.next(f, q)) {
    q.poll();
    const cref made = std::as_const(f.data).get();
    total.bytes += made.bytes();
    const bool complete = f.array_no == data && f.end == lines;
    const index_t number = f.number;
    if (made.where.kind == device::cpu) {
      to.put(f, q);
    } else {
      on_host.data.reset(host_queue, made.type, made.extents);
      copy(q, made, on_host.data.get());
      q.synchronize();
      take_place(on_host, f);
      to.put(on_host, host_queue);
    }
    if (!complete) continue;
    ++total.frames;
    if (each) each(number);
  }
  return total;
}

}  // namespace ir

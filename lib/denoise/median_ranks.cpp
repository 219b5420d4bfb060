#include <bit>

#include "core/row_runner.hpp"
#include "denoise/filter_box.hpp"
#include "denoise/median_engines.hpp"
#include "denoise/median_sort.hpp"

namespace ir::detail {
namespace {

using rank_t = std::uint32_t;

// The sides of a tile: so long that its margin is no more than its inside where that is cheap.
index_t side_of(int axis, int spatial, index_t radius) {
  if (axis < 3 - spatial) return 1;
  const index_t least[] = {0, 4096, 64, 16};
  return std::max(least[spatial], spatial == 3 ? 2 * radius : 3 * radius);
}

// A set of ranks as bits, and where its element of a given order is: found by a walk from the last.
struct rank_set {
  std::uint64_t* bits;
  rank_t word = 0;    // the walk's place
  index_t below = 0;  // elements in words before it

  void toggle(rank_t r, index_t sign) {
    bits[r >> 6] ^= std::uint64_t{1} << (r & 63);
    below += (r >> 6) < word ? sign : 0;
  }
  rank_t element(index_t order) {
    while (below > order) below -= std::popcount(bits[--word]);
    for (int in = std::popcount(bits[word]); below + in <= order; in = std::popcount(bits[word])) {
      below += in;
      ++word;
    }
    std::uint64_t w = bits[word];
    auto left = static_cast<int>(order - below);
    rank_t at = word << 6;
    for (int half = 32; half > 0; half /= 2) {
      const int in = std::popcount(w & ((std::uint64_t{1} << half) - 1));
      const bool above = left >= in;
      left -= above ? in : 0;
      w >>= above ? half : 0;
      at += above ? static_cast<rank_t>(half) : 0;
    }
    return at;
  }
};

template <class T>
struct rank_tiles {
  using order = ordered<T>;
  struct pixel {
    typename order::key key;
    rank_t at;
  };

  median_job<T> job;
  index_t side[3], region[3];  // of a tile, and with its margin
  char* memory;

  rank_tiles(const median_job<T>& j, char* m) : job(j), memory(m) {
    for (int a = 0; a < 3; ++a) {
      side[a] = std::min(side_of(a, job.window.spatial, job.window.radius), job.out.extent(a));
      region[a] = side[a] + 2 * job.window.reach(a);
    }
  }
  index_t across(int a) const { return (job.out.extent(a) + side[a] - 1) / side[a]; }
  index_t tiles() const { return across(0) * across(1) * across(2); }
  index_t count() const { return region[0] * region[1] * region[2]; }
  index_t pixels_in_tile() const { return side[0] * side[1] * side[2]; }
  static index_t bytes_for(index_t count) {
    return count * index_t{2 * sizeof(pixel) + sizeof(rank_t)} + (count / 64 + 3) * 8 + 256;
  }

  // One tile's memory and place.
  struct work {
    pixel *sorted, *other;
    rank_t* rank;
    rank_set set;
    index_t origin[3], inside[3];  // of the tile in the result
    rank_t none;                   // rank of what is no data: beyond all others
    index_t valid = 0;             // elements of the set
  };

  [[gnu::always_inline]] void operator()(index_t tile) const noexcept {
    const index_t n = count();
    auto* const pixels = reinterpret_cast<pixel*>(memory);
    auto* const bits = reinterpret_cast<std::uint64_t*>(pixels + 2 * n);
    work w{pixels, pixels + n, reinterpret_cast<rank_t*>(bits + n / 64 + 3), {bits},
           {},     {},         static_cast<rank_t>((n / 64 + 1) * 64)};
    std::fill_n(bits, n / 64 + 3, 0);
    const index_t at[3] = {tile / (across(1) * across(2)), tile / across(2) % across(1),
                           tile % across(2)};
    for (int a = 0; a < 3; ++a) {
      w.origin[a] = at[a] * side[a];
      w.inside[a] = std::min(side[a], job.out.extent(a) - w.origin[a]);
    }
    rank_pixels(w);
    walk(w);
  }

  // Fills `rank` for the tile with its margin, and `sorted` with the keys in their order.
  void rank_pixels(work& w) const {
    const median_window<T>& v = job.window;
    const index_t r = v.radius;
    index_t n = 0, at = 0;
    for (index_t k = 0; k < region[0]; ++k)
      for (index_t j = 0; j < region[1]; ++j) {
        const index_t z = source(w, 0, k), y = source(w, 1, j);
        const index_t row = (z * v.x.extent(1) + y) * v.x.extent(2);
        for (index_t i = 0; i < region[2]; ++i, ++at) {
          const index_t on = i + w.origin[2] + v.first[2] - v.reach(2);
          const index_t x = on >= 0 && on < v.x.extent(2)
                                ? on
                                : element_at(bounded(on, 2), v.x.extent(2), r, v.rule);
          const bool inside = z >= 0 && y >= 0 && x >= 0;
          w.rank[at] = w.none;
          if (inside && v.valid && !v.valid[row + x]) continue;
          w.sorted[n++] = {order::of(inside ? v.x.data[row + x] : T(0)), static_cast<rank_t>(at)};
        }
      }
    w.sorted = sort_by_key(w.sorted, w.other, n);
    for (index_t i = 0; i < n; ++i) w.rank[w.sorted[i].at] = static_cast<rank_t>(i);
  }
  index_t source(const work& w, int a, index_t at) const {
    const median_window<T>& v = job.window;
    return element_at(bounded(at + w.origin[a] + v.first[a] - v.reach(a), a), v.x.extent(a),
                      v.radius, v.rule);
  }
  // Margins of a tile that the image's end cut short reach too far: nobody looks there.
  index_t bounded(index_t at, int a) const {
    return std::min(at, job.window.x.extent(a) - 1 + job.window.radius);
  }

  // The box [from, from + n) of the region, into the set (sign 1) or out of it (-1).
  void toggle(work& w, const index_t (&from)[3], const index_t (&n)[3], index_t sign) const {
    for (index_t k = from[0]; k < from[0] + n[0]; ++k)
      for (index_t j = from[1]; j < from[1] + n[1]; ++j) {
        const rank_t* r = w.rank + (k * region[1] + j) * region[2] + from[2];
        for (index_t i = 0; i < n[2]; ++i) {
          w.set.toggle(r[i], sign);
          if (job.window.valid) w.valid += r[i] < w.none ? sign : 0;
        }
      }
    if (!job.window.valid) w.valid += sign * n[0] * n[1] * n[2];
  }

  // To and fro through the tile, the slowest axis in the inner loop: the faces are runs of memory.
  void walk(work& w) const {
    index_t at[3] = {0, 0, 0}, step[3] = {1, 1, 1};
    index_t window[3];
    for (int a = 0; a < 3; ++a) window[a] = 2 * job.window.reach(a) + 1;
    toggle(w, at, window, 1);
    for (;;) {
      put(w, at);
      int a = 0;
      while (a < 3 && (at[a] + step[a] < 0 || at[a] + step[a] >= w.inside[a])) {
        step[a] = -step[a];
        ++a;
      }
      if (a == 3) return;
      move(w, at, a, step[a], window);
    }
  }
  void move(work& w, index_t (&at)[3], int a, index_t step, const index_t (&window)[3]) const {
    index_t from[3] = {at[0], at[1], at[2]}, face[3] = {window[0], window[1], window[2]};
    face[a] = 1;
    if (step < 0) from[a] += window[a] - 1;
    toggle(w, from, face, -1);
    from[a] = step > 0 ? at[a] + window[a] : at[a] - 1;
    toggle(w, from, face, 1);
    at[a] += step;
  }
  void put(work& w, const index_t (&at)[3]) const {
    const index_t k = w.origin[0] + at[0], j = w.origin[1] + at[1], i = w.origin[2] + at[2];
    if (w.valid == 0) return kernel::median_by_bits<T>{job.window, job.out}(k, j, i);
    const rank_t r = w.set.element((w.valid - 1) / 2);
    job.out(k, j, i) = order::value(w.sorted[r].key);
  }
};

}  // namespace

median_cost cost_of_ranks(index_t radius, int spatial, dtype type) {
  double inside = 1, region = 1, face = 1;
  for (int a = 3 - spatial; a < 3; ++a) {
    const auto s = static_cast<double>(side_of(a, spatial, radius));
    inside *= s;
    region *= s + 2 * static_cast<double>(radius);
    if (a > 3 - spatial) face *= 2 * static_cast<double>(radius) + 1;
  }
  const auto count = static_cast<index_t>(region);
  return {10 + 20 * region / inside + 2.6 * face,
          (type == dtype::f64 ? rank_tiles<double>::bytes_for(count)
                              : rank_tiles<float>::bytes_for(count)) +
              64};
}

template <class T>
void median_by_ranks(queue& q, const median_job<T>& job) {
  const rank_tiles<T> plan(job, nullptr);
  const int workers = threads();
  const index_t each = (rank_tiles<T>::bytes_for(plan.count()) + 63) / 64 * 64;
  const scratch memory(q, workers * each);
  const double ns = cost_of_ranks(job.window.radius, job.window.spatial, type_of<T>()).ns;
  run_tasks(q, plan.tiles(), workers, 1e-9 * ns * static_cast<double>(plan.pixels_in_tile()),
            [&](index_t tile, int worker) noexcept {
              rank_tiles<T> mine = plan;
              mine.memory = static_cast<char*>(memory.data()) + worker * each;
              run_row<1>(mine, 0, 0, tile, tile + 1);
            });
}

template void median_by_ranks(queue&, const median_job<std::uint8_t>&);
template void median_by_ranks(queue&, const median_job<std::uint16_t>&);
template void median_by_ranks(queue&, const median_job<float>&);
template void median_by_ranks(queue&, const median_job<double>&);

}  // namespace ir::detail

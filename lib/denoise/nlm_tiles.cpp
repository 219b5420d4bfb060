#include "denoise/nlm_tiles.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <type_traits>
#include <utility>

#include "core/parallel.hpp"
#include "core/space.hpp"
#include "denoise/nlm_reflect.hpp"

namespace ir::detail {
namespace {

index_t round_up(index_t n, index_t to) { return (n + to - 1) / to * to; }

// Pixels of a tile: accumulators and rings of a gray tile stay in the second-level cache, and
// pairs with one end outside are few. From tests/bench/nlm_bench.cpp on a Zen 4 with 1 MiB of it.
struct tile_grid {
  index_t own[3];

  tile_grid(const nlm_reach& reach, const index_t (&n)[3]) {
    constexpr index_t most[3] = {8, 64, 256};
    const bool volume = reach.halo(0) > 0;
    own[0] = std::min(volume ? most[0] : 1, n[0]);
    own[1] = std::min(volume ? most[1] / 2 : most[1], n[1]);
    own[2] = std::min(volume ? most[2] / 2 : most[2], n[2]);
  }
  index_t along(int axis, index_t n) const { return (n + own[axis] - 1) / own[axis]; }
};

index_t tiles_at_once() { return std::max<index_t>(8, 4 * threads()); }

// Elements of a tile's memory, in the order in which they are laid out.
struct tile_memory {
  index_t in, map, sum, weight, rows, row_pitch, pitch, left, own_pitch, own_left;

  tile_memory(const nlm_reach& reach, const tile_grid& grid, index_t channels, bool masked) {
    own_left = round_up(reach.search[2], nlm_lanes);
    // Patches of pixel 0 begin at whole vectors; rows lie on an odd number of cache lines, so that
    // a block of them meets in no set.
    left = own_left + reach.patch[2];
    pitch =
        round_up(left + round_up(grid.own[2], nlm_lanes) + own_left + reach.patch[2] + nlm_lanes,
                 2 * nlm_lanes) +
        nlm_lanes;
    own_pitch = round_up(grid.own[2], nlm_lanes) + 2 * own_left + nlm_lanes;
    map = (grid.own[0] + 2 * reach.halo(0)) * (grid.own[1] + 2 * reach.halo(1)) * pitch;
    in = channels * map;
    weight = (grid.own[0] * grid.own[1] + 1) * own_pitch;
    sum = channels * weight;
    row_pitch =
        round_up(grid.own[2] + reach.search[2] + 2 * reach.patch[2], nlm_lanes) + 2 * nlm_lanes;
    rows = nlm_row_count(reach, masked) * row_pitch;
  }
  index_t elements(bool masked, bool mapped) const {
    return in + (masked ? map : 0) + (mapped ? map : 0) + 2 * sum + 2 * weight + rows +
           4 * nlm_lanes;
  }
};

template <class T>
struct slab_views {
  nd_view<const T, 4> in;  // (c, z, y, x)
  nd_view<T, 4> out;
  const T* sigma;  // null, or like a channel
  const std::uint8_t* valid;
  int cut;        // axis along which a slab is cut: the image's slowest
  index_t first;  // of that axis: where `out` begins
};

// One channel of a tile with its halo; f makes the value of element `at` of the slab's channel.
template <class T, class Value>
void fill(const nlm_tile<T>& t, const index_t (&corner)[3], const index_t (&n)[3], T* to,
          const Value& value) {
  const index_t hx = t.reach.halo(2), width = t.rows_of(2), room = t.left - hx;
  for (index_t k = 0; k < t.rows_of(0); ++k)
    for (index_t j = 0; j < t.rows_of(1); ++j, to += t.pitch) {
      const index_t z = nlm_reflect(corner[0] + k - t.reach.halo(0), n[0]);
      const index_t y = nlm_reflect(corner[1] + j - t.reach.halo(1), n[1]);
      const index_t row = (z * n[1] + y) * n[2], left = corner[2] - hx;
      const index_t inside = std::max<index_t>(0, -left), end = std::min(width, n[2] - left);
      T* const first = to + room;
      for (index_t i = inside; i < end; ++i) first[i] = value(row + left + i);
      for (index_t i = 0; i < inside; ++i) first[i] = value(row + nlm_reflect(left + i, n[2]));
      for (index_t i = end; i < width; ++i) first[i] = value(row + nlm_reflect(left + i, n[2]));
      std::fill(to, first, T(0));
      std::fill(first + width, to + t.pitch, T(0));
    }
}

template <class T>
void load(const nlm_tile<T>& t, const slab_views<T>& slab, const index_t (&corner)[3]) {
  const index_t n[3] = {slab.in.n[1], slab.in.n[2], slab.in.n[3]};
  const index_t channel = n[0] * n[1] * n[2];
  for (index_t c = 0; c < t.channels; ++c) {
    const T* const from = slab.in.data + c * channel;
    T* const to = t.in + c * t.channel_size();
    if (slab.valid == nullptr)
      fill(t, corner, n, to, [&](index_t i) { return from[i]; });
    else
      fill(t, corner, n, to, [&](index_t i) { return slab.valid[i] != 0 ? from[i] : T(0); });
  }
  if (t.valid != nullptr)
    fill(t, corner, n, t.valid, [&](index_t i) { return slab.valid[i] != 0 ? T(1) : T(0); });
  if (t.variance != nullptr)
    fill(t, corner, n, t.variance, [&](index_t i) {
      const bool counts = slab.valid == nullptr || slab.valid[i] != 0;
      return counts ? slab.sigma[i] * slab.sigma[i] : T(0);
    });
}

// The pixel itself has weight 1.
template <class T>
void start(const nlm_tile<T>& t) {
  for (int end = 0; end < 2; ++end) {
    std::fill_n(t.sum[end], t.channels * t.own_size(), T(0));
    std::fill_n(t.weight[end], t.own_size(), T(0));
  }
  for (index_t k = 0; k < t.own[0]; ++k)
    for (index_t j = 0; j < t.own[1]; ++j) {
      T* const weight = t.weight[0] + t.own_at(k, j);
      const index_t from = t.at(k, j, 0);
      for (index_t i = 0; i < t.own[2]; ++i) weight[i] = t.valid ? t.valid[from + i] : T(1);
      for (index_t c = 0; c < t.channels; ++c)
        std::copy_n(t.in + c * t.channel_size() + from, t.own[2],
                    t.sum[0] + c * t.own_size() + t.own_at(k, j));
    }
}

// Mean of the valid pixels of the smallest window around pixel `at` of a tile that has any.
template <class T>
T mean_around(const nlm_tile<T>& t, const T* in, const index_t (&at)[3]) {
  const index_t most = std::max({t.reach.halo(0), t.reach.halo(1), t.reach.halo(2)});
  for (index_t radius = 1; radius <= most; ++radius) {
    index_t r[3];
    for (int axis = 0; axis < 3; ++axis) r[axis] = std::min(radius, t.reach.halo(axis));
    T sum = 0, count = 0;
    for (index_t k = -r[0]; k <= r[0]; ++k)
      for (index_t j = -r[1]; j <= r[1]; ++j)
        for (index_t i = -r[2]; i <= r[2]; ++i) {
          const index_t other = t.at(at[0] + k, at[1] + j, at[2] + i);
          sum += in[other];
          count += t.valid[other];
        }
    if (count > 0) return sum / count;
  }
  return 0;
}

template <class T>
void store(const nlm_tile<T>& t, const slab_views<T>& slab, const index_t (&corner)[3]) {
  for (index_t c = 0; c < t.channels; ++c)
    for (index_t k = 0; k < t.own[0]; ++k)
      for (index_t j = 0; j < t.own[1]; ++j) {
        const index_t from = t.own_at(k, j), channel = c * t.own_size();
        index_t at[3] = {corner[0] + k, corner[1] + j, corner[2]};
        at[slab.cut] -= slab.first;
        T* const to = &slab.out(c, at[0], at[1], at[2]);
        for (index_t i = 0; i < t.own[2]; ++i) {
          const T weight = t.weight[0][from + i] + t.weight[1][from + i];
          const T sum = t.sum[0][channel + from + i] + t.sum[1][channel + from + i];
          to[i] =
              weight > 0 ? sum / weight : mean_around(t, t.in + c * t.channel_size(), {k, j, i});
        }
      }
}

// All (dz, dy) of the window's greater half, numbered.
struct shift_rows {
  index_t z, y;  // radii
  explicit shift_rows(const nlm_reach& r) : z(r.search[0]), y(r.search[1]) {}
  index_t count() const { return z * (2 * y + 1) + y + 1; }
  nlm_shifts operator[](index_t i) const {
    return {(i + y) / (2 * y + 1), (i + y) % (2 * y + 1) - y};
  }
};

template <class T>
class slab_work {
 public:
  slab_work(const noisy_image& in, const nlm_reach& reach, double strength, plane_range keep,
            ref out)
      : reach_(reach),
        views_(views_of(in, keep, out)),
        grid_(reach, {views_.out.n[1], views_.out.n[2], views_.out.n[3]}),
        memory_(reach, grid_, in.channels(), in.valid.has_value()),
        sigma2_(static_cast<T>(in.sigma * in.sigma)),
        falloff_(static_cast<T>(std::numbers::log2e / (strength * strength))) {}

  void run(queue& q) const {
    const auto& n = views_.out.n;
    const index_t nx = grid_.along(2, n[3]), ny = grid_.along(1, n[2]);
    const index_t tiles = grid_.along(0, n[1]) * ny * nx;
    const index_t at_once = std::min(tiles, tiles_at_once());
    const index_t elements = memory_.elements(views_.valid, views_.sigma);
    const scratch memory(q, at_once * elements * index_t{sizeof(T)});
    T* const first = static_cast<T*>(memory.data());
    const nlm_adder<T> add = nlm_adder_in_use<T>();
    const shift_rows rows(reach_);
    const index_t wanted = views_.sigma != nullptr || sigma2_ > 0 ? rows.count() : 0;
    for (index_t done = 0; done < tiles; done += at_once) {
      const auto each = [&](const auto& work) {
        q.poll();
        q.progress("tile", done, tiles);
        const index_t count = std::min(at_once, tiles - done);
        ir::run_blocks(count, 1, [&](index_t begin, index_t end) noexcept {
          for (index_t i = begin; i < end; ++i) {
            const index_t tile = done + i;
            work(tile_in(first + i * elements, {tile / (nx * ny), tile / nx % ny, tile % nx}));
          }
        });
      };
      each([&](const placed_tile& t) { load(t.tile, views_, t.corner), start(t.tile); });
      for (index_t from = 0, to; from < wanted; from = to) {
        to = std::min(wanted, from + rows_at_once());
        each([&](const placed_tile& t) {
          for (index_t i = from; i < to; ++i) add(t.tile, rows[i]);
        });
      }
      each([&](const placed_tile& t) { store(t.tile, views_, t.corner); });
    }
    q.progress("tile", tiles, tiles);
  }

 private:
  struct placed_tile {
    nlm_tile<T> tile;
    index_t corner[3];
  };

  // As many as take some 10 ms a tile: a cancellation waits no longer than for a few tiles.
  index_t rows_at_once() const {
    const index_t pixels = grid_.own[0] * grid_.own[1] * grid_.own[2];
    const index_t each = (2 * reach_.search[2] + 1) * views_.in.n[0] * (2 * reach_.patch[0] + 1);
    return std::max<index_t>(1, 3000000 / std::max<index_t>(1, pixels * each));
  }

  static slab_views<T> views_of(const noisy_image& in, plane_range keep, ref out) {
    const index_t nc = in.channels();
    const auto spread = [&](const auto& r) {  // channels first, missing spatial axes 1
      const shape& n = r.extents;
      const int rank = n.rank();
      return view<T>(r, {nc, rank > 3 ? n[rank - 3] : 1, rank > 2 ? n[rank - 2] : 1, n[rank - 1]});
    };
    return {spread(in.data),
            spread(out),
            in.sigma_map ? static_cast<const T*>(in.sigma_map->data) : nullptr,
            in.valid ? static_cast<const std::uint8_t*>(in.valid->data) : nullptr,
            3 - in.spatial(),
            keep.first};
  }

  placed_tile tile_in(T* memory, const index_t (&tile)[3]) const noexcept {
    placed_tile placed{};
    auto& [t, corner] = placed;
    t.reach = reach_;
    t.channels = views_.in.n[0];
    const auto& n = views_.out.n;
    for (int axis = 0; axis < 3; ++axis) {
      corner[axis] = tile[axis] * grid_.own[axis];
      t.own[axis] = std::min(grid_.own[axis], n[axis + 1] - corner[axis]);
    }
    corner[views_.cut] += views_.first;
    t.pitch = memory_.pitch;
    t.left = memory_.left;
    t.own_pitch = memory_.own_pitch;
    t.own_left = memory_.own_left;
    t.row_pitch = memory_.row_pitch;
    t.sigma2 = sigma2_;
    t.falloff = falloff_;
    const auto take = [&](index_t count) { return std::exchange(memory, memory + count); };
    t.in = take(memory_.in);
    if (views_.valid != nullptr) t.valid = take(memory_.map);
    if (views_.sigma != nullptr) t.variance = take(memory_.map);
    for (int end = 0; end < 2; ++end) {
      t.sum[end] = take(memory_.sum);
      t.weight[end] = take(memory_.weight);
    }
    t.rows = take(memory_.rows);
    return placed;
  }

  nlm_reach reach_;
  slab_views<T> views_;
  tile_grid grid_;
  tile_memory memory_;
  T sigma2_, falloff_;
};

}  // namespace

nlm_reach nlm_reach_of(int spatial, index_t patch, index_t search) {
  nlm_reach reach{};
  for (int axis = 3 - spatial; axis < 3; ++axis) {
    reach.patch[axis] = patch / 2;
    reach.search[axis] = search / 2;
  }
  return reach;
}

void nlm_on_cpu(queue& q, const noisy_image& in, const nlm_reach& reach, double strength,
                plane_range keep, ref out) {
  with_real(in.data.type == dtype::f64 ? precision::f64 : precision::f32,
            [&]<class T>() { slab_work<T>(in, reach, strength, keep, out).run(q); });
}

index_t nlm_cpu_scratch(const shape& slab, dtype work, const nlm_reach& reach) {
  const int rank = slab.rank();
  const index_t n[3] = {rank > 3 ? slab[1] : 1, rank > 2 ? slab[rank - 2] : 1, slab[rank - 1]};
  const tile_grid grid(reach, n);
  const tile_memory memory(reach, grid, slab[0], true);
  const index_t tiles = grid.along(0, n[0]) * grid.along(1, n[1]) * grid.along(2, n[2]);
  return std::min(tiles, tiles_at_once()) * memory.elements(true, true) * size_of(work);
}

}  // namespace ir::detail

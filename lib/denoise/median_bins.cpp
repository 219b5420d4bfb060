#include "core/row_runner.hpp"
#include "denoise/filter_box.hpp"
#include "denoise/median_bin.hpp"
#include "denoise/median_engines.hpp"
#include "denoise/median_histogram.hpp"
#include "denoise/median_line.hpp"
#include "denoise/median_sort.hpp"

namespace ir::detail {
namespace {

constexpr index_t bins = 256;

// With its margins a tile is at most 255 pixels long, so that positions are bytes and 255 is
// outside; or so long that the margins are no more than half, but for memory's sake.
constexpr index_t most_in_byte = 63, longest = 1024;
index_t side_of(index_t radius) {
  return radius <= most_in_byte ? 255 - 2 * radius : std::min(2 * radius, longest);
}

// operator()(tile). Coordinate holds a position, Count 2 radius + 1, Window its square.
template <class T, class Coordinate, class Count, class Window>
struct bin_tile {
  using order = ordered<T>;
  using windows = byte_windows<Count, Window>;
  struct pixel {
    typename order::key key;
    Coordinate x, y;
  };

  median_job<T> job;
  index_t side[2];  // rows, columns
  char* memory;

  bin_tile(const median_job<T>& j, char* m) : job(j), memory(m) {
    for (int a = 0; a < 2; ++a) side[a] = std::min(side_of(j.window.radius), j.out.extent(a + 1));
  }
  index_t across() const { return (job.out.extent(2) + side[1] - 1) / side[1]; }
  index_t tiles() const { return across() * ((job.out.extent(1) + side[0] - 1) / side[0]); }

  // Pixels of a bin, and with the places that fill its last block.
  static index_t bin_size(index_t count) { return (count + bins - 1) / bins; }
  static index_t bin_places(index_t count) {
    return (bin_size(count) + bin_block - 1) / bin_block * bin_block;
  }

  // A worker's memory in parts, each at a multiple of 64 bytes.
  struct parts {
    index_t histograms, pixels, other, places, bin, line, end;
    parts(index_t rows, index_t columns, index_t radius) {
      const index_t margin = 2 * radius, count = (rows + margin) * (columns + margin);
      index_t at = 0;
      const auto part = [&at](index_t bytes) {
        return std::exchange(at, at + (bytes + 63) / 64 * 64);
      };
      histograms = part(windows::bytes_for(columns, margin + 1));
      pixels = part(count * index_t{sizeof(pixel)});
      other = part(count * index_t{sizeof(pixel)});
      places = part(2 * bins * bin_places(count) * index_t{sizeof(Coordinate)});
      bin = part(count);
      line = part((columns + margin) * index_t{sizeof(T)});
      end = at;
    }
  };
  static index_t bytes_for(index_t rows, index_t columns, index_t radius) {
    return parts(rows, columns, radius).end;
  }

  // The tile's pixels in order, and the bins that they make.
  struct work {
    index_t x0, y0, columns, rows;  // of the result
    index_t width;                  // of a line with its margins
    const pixel* sorted;
    index_t size, places;  // of a bin
    Coordinate *xs, *ys;   // (bin, place)
    std::uint8_t* bin;     // (row, column) with the margins
  };

  [[gnu::always_inline]] void operator()(index_t tile) const noexcept {
    const index_t r = job.window.radius;
    const parts at(side[0], side[1], r);
    work w{};
    w.x0 = tile % across() * side[1];
    w.y0 = tile / across() * side[0];
    w.columns = std::min(side[1], job.out.extent(2) - w.x0);
    w.rows = std::min(side[0], job.out.extent(1) - w.y0);
    w.width = w.columns + 2 * r;
    const index_t count = (w.rows + 2 * r) * w.width;
    w.size = bin_size(count);
    w.places = bin_places(count);
    w.xs = reinterpret_cast<Coordinate*>(memory + at.places);
    w.ys = w.xs + bins * w.places;
    w.bin = reinterpret_cast<std::uint8_t*>(memory + at.bin);
    auto* const pixels = reinterpret_cast<pixel*>(memory + at.pixels);
    collect(w, pixels, reinterpret_cast<T*>(memory + at.line));
    w.sorted = sort_by_key(pixels, reinterpret_cast<pixel*>(memory + at.other), count);
    fill_bins(w, count);
    find(w, windows(memory + at.histograms, side[1], 2 * r + 1));
  }

  [[gnu::always_inline]] void collect(const work& w, pixel* to, T* space) const {
    const median_window<T>& v = job.window;
    const index_t r = v.radius;
    for (index_t j = 0; j < w.rows + 2 * r; ++j) {
      const T* const line =
          line_of(v, w.y0 + j + v.first[1] - r, w.x0 + v.first[2] - r, w.width, space);
      for (index_t i = 0; i < w.width; ++i)
        *to++ = {order::of(line[i]), static_cast<Coordinate>(i), static_cast<Coordinate>(j)};
    }
  }

  [[gnu::always_inline]] static void fill_bins(const work& w, index_t count) {
    std::memset(w.xs, 255, static_cast<std::size_t>(bins * w.places) * sizeof(Coordinate));
    std::memset(w.ys, 255, static_cast<std::size_t>(bins * w.places) * sizeof(Coordinate));
    for (index_t b = 0; b < bins; ++b) {
      const index_t begin = b * w.size, n = std::min(w.size, count - begin);
      for (index_t i = 0; i < n; ++i) {
        const pixel& p = w.sorted[begin + i];
        const index_t place = b * w.places + place_in_bin(i);
        w.xs[place] = p.x;
        w.ys[place] = p.y;
        w.bin[p.y * w.width + p.x] = static_cast<std::uint8_t>(b);
      }
    }
  }

  [[gnu::always_inline]] void find(const work& w, windows histograms) const {
    const index_t r = job.window.radius, reach = 2 * r;
    const auto line = [&](index_t j) { return w.bin + j * w.width; };
    for (index_t j = 0; j < reach; ++j) histograms.change(w.columns, line(j), nullptr);
    const auto middle = static_cast<Window>(((reach + 1) * (reach + 1) - 1) / 2);
    for (index_t j = 0; j < w.rows; ++j) {
      histograms.change(w.columns, line(j + reach), j > 0 ? line(j - 1) : nullptr);
      T* const out = &job.out(0, w.y0 + j, w.x0);
      histograms.elements(w.columns, middle, [&](index_t i, std::uint8_t b, Window left) {
        const index_t in =
            order_in_bin(w.xs + b * w.places, w.ys + b * w.places, static_cast<Coordinate>(i),
                         static_cast<Coordinate>(j), static_cast<Coordinate>(reach), index_t{left});
        out[i] = order::value(w.sorted[b * w.size + in].key);
      });
    }
  }
};

// F is called with the type of tile for a radius: f.operator()<tile>().
template <class T, class F>
void with_tile(index_t radius, const F& f) {
  if (radius <= most_in_byte)
    f.template operator()<bin_tile<T, std::uint8_t, std::uint8_t, std::uint16_t>>();
  else if (radius <= 127)  // (2 127 + 1)^2 < 2^16
    f.template operator()<bin_tile<T, std::uint16_t, std::uint8_t, std::uint16_t>>();
  else
    f.template operator()<bin_tile<T, std::uint16_t, std::uint16_t, std::uint32_t>>();
}

template <class T>
index_t bytes_of(index_t radius) {
  index_t bytes = 0;
  const index_t side = side_of(radius);
  with_tile<T>(radius, [&]<class Tile>() { bytes = Tile::bytes_for(side, side, radius); });
  return bytes + 64;
}

}  // namespace

median_cost cost_of_bins(index_t radius, dtype type) {
  const auto r = static_cast<double>(radius);  // tests/bench/filter_bench, AMD EPYC (Zen 4), busy
  return {(type == dtype::u16 ? 65 : 80) + 0.8 * r, type == dtype::u16
                                                        ? bytes_of<std::uint16_t>(radius)
                                                    : type == dtype::f64 ? bytes_of<double>(radius)
                                                                         : bytes_of<float>(radius)};
}

template <class T>
void median_by_bins(queue& q, const median_job<T>& job) {
  const index_t radius = job.window.radius;
  with_tile<T>(radius, [&]<class Tile>() {
    const Tile plan(job, nullptr);
    const int workers = threads();
    const index_t each = Tile::bytes_for(plan.side[0], plan.side[1], radius);
    const scratch memory(q, workers * each);
    run_tasks(q, plan.tiles(), workers,
              1e-9 * cost_of_bins(radius, type_of<T>()).ns *
                  static_cast<double>(plan.side[0] * plan.side[1]),
              [&](index_t tile, int worker) noexcept {
                Tile mine = plan;
                mine.memory = static_cast<char*>(memory.data()) + worker * each;
                run_row<1>(mine, 0, 0, tile, tile + 1);
              });
  });
}

template void median_by_bins(queue&, const median_job<std::uint16_t>&);
template void median_by_bins(queue&, const median_job<float>&);
template void median_by_bins(queue&, const median_job<double>&);

}  // namespace ir::detail

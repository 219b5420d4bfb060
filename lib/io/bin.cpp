#include "io/bin.hpp"

#include <complex>
#include <type_traits>
#include <vector>

#include "core/convert_kernel.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"

namespace ir {
namespace {

using complex_sum = std::complex<double>;

template <class T>
auto widened(T v) {
  if constexpr (std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>)
    return complex_sum(v);
  else
    return kernel::to_double(v);
}

/// The geometry of one call; axes slowest first.
struct bins_of {
  std::vector<index_t> out, bin, in_stride;  // strides in elements

  /// First element of the input box of output line `line`.
  index_t start(index_t line) const {
    index_t at = 0;
    for (std::size_t i = out.size() - 1; i-- > 0; line /= out[i])
      at += line % out[i] * bin[i] * in_stride[i];
    return at;
  }
};

/// Adds the input lines that one output line is the mean of, axis by axis.
template <class T, class Sum>
void add_lines(const bins_of& g, std::size_t axis, const T* in, Sum* sums) {
  const std::size_t last = g.out.size() - 1;
  if (axis < last) {
    for (index_t k = 0; k < g.bin[axis]; ++k)
      add_lines(g, axis + 1, in + k * g.in_stride[axis], sums);
    return;
  }
  const index_t b = g.bin[last];
  for (index_t i = 0; i < g.out[last]; ++i)
    for (index_t k = 0; k < b; ++k) sums[i] += widened(in[i * b + k]);
}

template <class T, class Out>
void bin_lines(const bins_of& g, const T* in, Out* out) {
  using sum = decltype(widened(T{}));
  const index_t nx = g.out.back();
  index_t lines = 1, samples = 1;
  for (std::size_t i = 0; i + 1 < g.out.size(); ++i) lines *= g.out[i];
  for (const index_t b : g.bin) samples *= b;
  const double scale = 1.0 / static_cast<double>(samples);
  constexpr index_t task = 1 << 14;  // output elements
  const index_t lines_a_task = std::max<index_t>(1, task / std::max<index_t>(1, nx * samples));
  std::vector<sum> storage(
      static_cast<std::size_t>(nx * ((lines + lines_a_task - 1) / lines_a_task)));
  run_blocks(lines, lines_a_task, [&](index_t begin, index_t end) noexcept {
    sum* sums = storage.data() + begin / lines_a_task * nx;
    for (index_t line = begin; line < end; ++line) {
      std::fill(sums, sums + nx, sum{});
      add_lines(g, 0, in + g.start(line), sums);
      for (index_t i = 0; i < nx; ++i) out[line * nx + i] = static_cast<Out>(sums[i] * scale);
    }
  });
}

template <class T, class Out>
void bin_as(const bins_of& g, cref in, ref out) {
  bin_lines(g, static_cast<const T*>(in.data), static_cast<Out*>(out.data));
}

}  // namespace

dtype mean_type(dtype t) { return is_complex(t) || t == dtype::f64 ? t : dtype::f32; }

void bin_mean(cref in, std::span<const index_t> bins, ref out) {
  bins_of g;
  index_t stride = in.extents.count();
  for (int i = 0; i < out.extents.rank(); ++i) {
    const index_t b = bins[static_cast<std::size_t>(i)];
    if (in.extents[i] != out.extents[i] * b)
      throw bug_error("bin_mean: " + to_string(in.extents) + " to " + to_string(out.extents));
    stride /= in.extents[i];
    g.out.push_back(out.extents[i]);
    g.bin.push_back(b);
    g.in_stride.push_back(stride);
  }
  if (g.out.empty()) g = {{1}, {1}, {1}};
  switch (in.type) {
    case dtype::u8:
      return bin_as<std::uint8_t, float>(g, in, out);
    case dtype::i8:
      return bin_as<std::int8_t, float>(g, in, out);
    case dtype::u16:
      return bin_as<std::uint16_t, float>(g, in, out);
    case dtype::i16:
      return bin_as<std::int16_t, float>(g, in, out);
    case dtype::u32:
      return bin_as<std::uint32_t, float>(g, in, out);
    case dtype::i32:
      return bin_as<std::int32_t, float>(g, in, out);
    case dtype::f16:
      return bin_as<kernel::half, float>(g, in, out);
    case dtype::f32:
      return bin_as<float, float>(g, in, out);
    case dtype::f64:
      return bin_as<double, double>(g, in, out);
    case dtype::c64:
      return bin_as<std::complex<float>, std::complex<float>>(g, in, out);
    case dtype::c128:
      return bin_as<std::complex<double>, complex_sum>(g, in, out);
  }
}

}  // namespace ir

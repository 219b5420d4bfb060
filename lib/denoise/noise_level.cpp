#include "denoise/noise_level.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "denoise/patch_energies.hpp"

namespace ir {
namespace {

constexpr index_t enough = index_t{1} << 20;  // pixels of a channel to look at
constexpr index_t band_rows = 16, least_bands = 4;
constexpr index_t run_pixels = index_t{1} << 14;  // of a signal
constexpr double quiet_share = 0.02;              // of the patches, those of least low frequency
constexpr index_t quiet_least = 200;
constexpr index_t cut_margin = 8;  // pixels around a patch in which the noise must not be cut off

/// The image as `planes` bands make it: images (ny, nx), or rows of one.
struct layout {
  index_t planes;  // of the slowest spatial axis
  index_t ny, nx;  // of one plane of a stack; else ny = 1
  bool stack;      // every plane is an image of its own

  explicit layout(const shape& s) {
    if (s.rank() < 2 || s.rank() > 4 || s.count() == 0)
      throw shape_error(fmt::format(
          "noise of an image of {}: channels and 1 to 3 spatial axes, none empty", to_string(s)));
    planes = s[1];
    nx = s.rank() > 2 ? s[s.rank() - 1] : 1;
    ny = s.rank() > 3 ? s[2] : 1;
    stack = ny > 1;
  }
  /// Image that a run of planes makes; planes of a stack one by one.
  std::pair<index_t, index_t> image(index_t run) const {
    if (stack) return {ny, nx};
    return nx > 1 ? std::pair(run, nx) : std::pair(index_t{1}, run);
  }
};

std::vector<plane_range> bands_of(const layout& l) {
  const index_t all = l.planes, plane = l.ny * l.nx;
  index_t tall = 1;
  if (!l.stack) tall = l.nx > 1 ? band_rows : run_pixels;
  const index_t count = std::max(least_bands, enough / (tall * plane));
  if (all <= enough / plane || count * tall >= all) {
    if (!l.stack) return {{0, all}};
    std::vector<plane_range> each;
    for (index_t k = 0; k < all; ++k) each.push_back({k, k + 1});
    return each;
  }
  std::vector<plane_range> spread;
  for (index_t k = 0; k < count; ++k) {
    const index_t first = (all - tall) * (2 * k + 1) / (2 * count);
    spread.push_back({first, first + tall});
  }
  return spread;
}

detail::patch_basis basis_of(const layout& l) {
  const auto [ny, nx] = l.image(l.planes);
  const bool line = ny == 1 || nx == 1;
  const index_t side = line ? detail::patch_basis::longest : 8;
  return {std::min(ny, side), std::min(nx, side)};
}

/// Offset: the first pixel that counts. Returns the largest distance from it; 0 where none does.
template <class T>
T spread_of(const T* x, const std::uint8_t* valid, index_t n, T& offset) {
  const auto counts = [&](index_t i) {
    return (valid == nullptr || valid[i] != 0) && std::isfinite(x[i]);
  };
  index_t first = 0;
  while (first < n && !counts(first)) ++first;
  offset = first < n ? x[first] : T{0};
  T most = 0;
  for (index_t i = first; i < n; ++i)
    if (counts(i)) most = std::max(most, std::abs(x[i] - offset));
  return most;
}

/// Which pixels of an image lie at a limit of the values, in any channel.
class cut_pixels {
 public:
  template <class T>
  cut_pixels(const T* x, index_t channels, index_t apart, const std::uint8_t* valid, index_t ny,
             index_t nx, const noise_level::limits& at)
      : ny_(ny), nx_(nx) {
    std::vector<std::uint8_t> cut(static_cast<std::size_t>(ny * nx), 0);
    const T low = static_cast<T>(at.low), high = static_cast<T>(at.high);
    for (index_t c = 0; c < channels; ++c)
      for (index_t i = 0; i < ny * nx; ++i)
        if (x[c * apart + i] == low || x[c * apart + i] == high) cut[std::size_t(i)] = 1;
    if (std::ranges::find(cut, 1) == cut.end()) return;
    sums_.assign(static_cast<std::size_t>((ny + 1) * (nx + 1)), 0);
    for (index_t j = 0; j < ny; ++j) {
      index_t row = 0;
      for (index_t i = 0; i < nx; ++i) {
        const auto p = static_cast<std::size_t>(j * nx + i);
        if (cut[p] != 0 && (valid == nullptr || valid[p] != 0)) ++row;
        sum(j + 1, i + 1) = sum(j, i + 1) + row;
      }
    }
  }
  /// Whether there is one in [y0, y1) x [x0, x1), which may reach beyond the image.
  bool any(index_t y0, index_t y1, index_t x0, index_t x1) const {
    if (sums_.empty()) return false;
    const index_t t = std::max<index_t>(0, y0), l = std::max<index_t>(0, x0);
    const index_t b = std::min(ny_, y1), r = std::min(nx_, x1);
    return sum(b, r) - sum(t, r) - sum(b, l) + sum(t, l) > 0;
  }

 private:
  index_t sum(index_t j, index_t i) const { return sums_[std::size_t(j * (nx_ + 1) + i)]; }
  index_t& sum(index_t j, index_t i) { return sums_[std::size_t(j * (nx_ + 1) + i)]; }

  index_t ny_, nx_;
  std::vector<index_t> sums_;  // over all pixels above and to the left; empty: there is none
};

}  // namespace

struct noise_level::impl {
  struct patch {
    double low, high;  // mean square of a pixel, root: in the unit of the data
    bool cut;          // a pixel at or near it lies at a limit
  };

  layout like;
  shape image;
  std::vector<plane_range> bands;
  detail::patch_basis basis;
  index_t step = 2;
  std::size_t shown = 0;
  std::vector<patch> patches;
  index_t constant = 0;  // patches
  std::vector<detail::patch_sums> sums;

  std::optional<limits> range;

  impl(const shape& s, std::optional<limits> r)
      : like(s), image(s), bands(bands_of(like)), basis(basis_of(like)), range(r) {
    index_t pixels = 0;
    for (const plane_range& b : bands) pixels += (b.last - b.first) * like.ny * like.nx;
    step = 2 * std::max<index_t>(1, pixels / enough);
  }

  template <class T>
  void add(cref band, const std::uint8_t* valid) {
    const index_t planes = band.extents[1], plane = like.ny * like.nx;
    const index_t run = like.stack ? 1 : planes;
    for (index_t k = 0; k < planes; k += run)
      add_image(static_cast<const T*>(band.data) + k * plane, planes * plane,
                valid == nullptr ? nullptr : valid + k * plane, like.image(run));
  }

  /// One image of `channels` that lie `apart` elements from one another.
  template <class T>
  void add_image(const T* x, index_t apart, const std::uint8_t* valid,
                 std::pair<index_t, index_t> extents) {
    const index_t channels = image[0], pixels = extents.first * extents.second;
    std::vector<T> offset(static_cast<std::size_t>(channels));
    T spread = 0;
    for (index_t c = 0; c < channels; ++c)
      spread = std::max(spread, spread_of(x + c * apart, valid, pixels, offset[std::size_t(c)]));
    // A power of two: exact, and squares in f32 neither overflow nor vanish.
    const int power =
        spread > 0 ? std::clamp(-std::ilogb(spread), -1000, sizeof(T) == 8 ? 1000 : 120) : 0;
    const T scale = std::ldexp(T{1}, power);

    const detail::patch_grid grid(basis, extents.first, extents.second, step);
    sums.assign(static_cast<std::size_t>(grid.count()), {});
    for (index_t c = 0; c < channels; ++c)
      detail::add_patch_energies<T>(basis, grid, {offset[std::size_t(c)], scale}, x + c * apart,
                                    valid, sums.data());
    if (!range) return keep(double(scale), [](index_t) { return false; });
    const cut_pixels cut(x, channels, apart, valid, extents.first, extents.second, *range);
    keep(double(scale), [&](index_t p) {
      const index_t y = p / grid.columns * grid.step, left = p % grid.columns * 2;
      return cut.any(y - cut_margin, y + basis.rows + cut_margin, left - cut_margin,
                     left + basis.columns + cut_margin);
    });
  }

  template <class Is_cut>
  void keep(double scale, const Is_cut& is_cut) {
    const double low_count = double(basis.rows * basis.columns - basis.high_count);
    for (index_t p = 0; p < std::ssize(sums); ++p) {
      const detail::patch_sums& s = sums[std::size_t(p)];
      if (!std::isfinite(s.low + s.high)) continue;
      if (s.channels == 0) {
        ++constant;
        continue;
      }
      const auto root = [&](float energy, double n) {
        return std::sqrt(double(energy) / (double(s.channels) * n)) / scale;
      };
      patches.push_back(
          {root(s.low, low_count), root(s.high, double(basis.high_count)), is_cut(p)});
    }
  }
};

noise_level::noise_level(const shape& image, std::optional<limits> range)
    : impl_(std::make_unique<impl>(image, range)) {}
noise_level::~noise_level() = default;

const std::vector<plane_range>& noise_level::bands() const { return impl_->bands; }

void noise_level::add(queue&, cref band, std::optional<cref> valid) {
  if (impl_->shown == impl_->bands.size())
    throw shape_error(fmt::format("noise of an image of {}: all {} bands have been shown",
                                  to_string(impl_->image), impl_->bands.size()));
  const plane_range expected = impl_->bands[impl_->shown];
  std::vector<index_t> n(impl_->image.extents().begin(), impl_->image.extents().end());
  n[1] = expected.last - expected.first;
  const bool real = band.type == dtype::f32 || band.type == dtype::f64;
  if (band.extents != shape(n) || !real || band.where.kind != device::cpu)
    throw shape_error(
        fmt::format("noise of an image of {}: planes {} to {} are {} f32 or f64 on "
                    "the host, got {} {}",
                    to_string(impl_->image), expected.first, expected.last, to_string(shape(n)),
                    to_string(band.extents), name_of(band.type)));
  n.erase(n.begin());
  if (valid &&
      (valid->extents != shape(n) || valid->type != dtype::u8 || valid->where.kind != device::cpu))
    throw shape_error(fmt::format("the mask is {} {}, a channel of the image {} u8",
                                  to_string(valid->extents), name_of(valid->type),
                                  to_string(shape(n))));
  const auto* is_valid = valid ? static_cast<const std::uint8_t*>(valid->data) : nullptr;
  if (band.type == dtype::f64)
    impl_->add<double>(band, is_valid);
  else
    impl_->add<float>(band, is_valid);
  ++impl_->shown;
}

double noise_level::sigma() const {
  auto count = static_cast<index_t>(impl_->patches.size());
  const detail::patch_basis& b = impl_->basis;
  if (b.high_count == 0 || count + impl_->constant == 0)
    throw numeric_error(fmt::format(
        "the noise of an image of {} cannot be estimated: no {} x {} pixels that all are valid and "
        "finite; say its standard deviation",
        to_string(impl_->image), b.rows, std::max<index_t>(b.columns, b.rows > 1 ? 1 : 2)));
  if (impl_->constant >= count) return 0;

  std::vector<impl::patch> quiet = impl_->patches;
  const index_t whole = std::ranges::count(quiet, false, &impl::patch::cut);
  if (whole >= quiet_least || 2 * whole >= count) {
    std::erase_if(quiet, [](const impl::patch& p) { return p.cut; });
    count = whole;
  }
  const auto kept =
      std::min(count, std::max(quiet_least, static_cast<index_t>(quiet_share * double(count))));
  std::nth_element(quiet.begin(), quiet.begin() + (kept - 1), quiet.end(),
                   [](const impl::patch& x, const impl::patch& y) { return x.low < y.low; });
  quiet.resize(std::size_t(kept));
  double most = 0, sum = 0;  // relative to the most: squares that neither overflow nor vanish
  for (const impl::patch& p : quiet) most = std::max(most, p.high);
  if (most == 0) return 0;
  for (const impl::patch& p : quiet) sum += (p.high / most) * (p.high / most);
  return most * std::sqrt(sum / double(kept));
}

}  // namespace ir

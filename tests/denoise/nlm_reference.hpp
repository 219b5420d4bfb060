#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <vector>

#include "denoise/nlm.hpp"
#include "support/setup.hpp"

namespace ir::test {

/// An image in memory, (channels, z, y, x), and what is known of it.
struct picture {
  index_t channels = 1, n[3] = {1, 1, 1};
  int spatial = 2;
  std::vector<double> values;
  double sigma = 0;
  std::vector<double> map;          // empty: none
  std::vector<std::uint8_t> valid;  // empty: all

  index_t pixels() const { return n[0] * n[1] * n[2]; }
  shape channel() const {
    return spatial == 3 ? shape{n[0], n[1], n[2]} : spatial == 2 ? shape{n[1], n[2]} : shape{n[2]};
  }
  shape extents() const {
    const shape c = channel();
    std::vector<index_t> all{channels};
    all.insert(all.end(), c.extents().begin(), c.extents().end());
    return shape(all);
  }
};

inline picture random_picture(index_t channels, const shape& n, double sigma, std::uint64_t seed) {
  picture p;
  p.channels = channels;
  p.spatial = n.rank();
  for (int axis = 0; axis < n.rank(); ++axis) p.n[3 - n.rank() + axis] = n[axis];
  p.sigma = sigma;
  std::mt19937_64 bits(seed);
  std::normal_distribution<double> noise(0, sigma);
  for (index_t i = 0; i < channels * p.pixels(); ++i)
    p.values.push_back(100 + 2 * sigma * std::sin(0.4 * static_cast<double>(i)) + noise(bits));
  return p;
}

/// The formula of denoise/nlm.hpp, by sums over everything in doubles; 0 where no weight is.
inline std::vector<double> nlm_by_sums(const picture& p, const nlm_options& o) {
  const auto mirrored = [](index_t i, index_t n) {
    while (i < 0 || i >= n) i = n == 1 ? 0 : i < 0 ? -i : 2 * (n - 1) - i;
    return i;
  };
  const auto at = [&](index_t z, index_t y, index_t x) {
    return static_cast<std::size_t>((mirrored(z, p.n[0]) * p.n[1] + mirrored(y, p.n[1])) * p.n[2] +
                                    mirrored(x, p.n[2]));
  };
  const auto size = static_cast<std::size_t>(p.pixels());
  const auto valid = [&](std::size_t i) { return p.valid.empty() || p.valid[i] != 0; };
  const auto variance = [&](std::size_t i) {
    return std::pow(p.map.empty() ? p.sigma : p.map[i], 2);
  };
  const auto radius = [&](index_t width, int axis) {
    return axis >= 3 - p.spatial ? width / 2 : index_t{0};
  };
  const auto window = [](index_t offset, index_t r) {
    const index_t from_edge = r + 1 - std::abs(offset), most = r < 3 ? 1 : r;
    return static_cast<double>(std::min(from_edge, most));
  };
  const index_t rz = radius(o.patch, 0), ry = radius(o.patch, 1), rx = radius(o.patch, 2);
  const index_t sz = radius(o.search, 0), sy = radius(o.search, 1), sx = radius(o.search, 2);
  std::vector<double> out(p.values.size(), 0.0);
  for (index_t z = 0; z < p.n[0]; ++z)
    for (index_t y = 0; y < p.n[1]; ++y)
      for (index_t x = 0; x < p.n[2]; ++x) {
        const std::size_t here = at(z, y, x);
        double total = 0;
        for (index_t dz = -sz; dz <= sz; ++dz)
          for (index_t dy = -sy; dy <= sy; ++dy)
            for (index_t dx = -sx; dx <= sx; ++dx) {
              const std::size_t there = at(z + dz, y + dy, x + dx);
              if (!valid(there)) continue;
              double sum = 0, pairs = 0;
              for (index_t k = -rz; k <= rz; ++k)
                for (index_t j = -ry; j <= ry; ++j)
                  for (index_t i = -rx; i <= rx; ++i) {
                    const std::size_t a = at(z + k, y + j, x + i);
                    const std::size_t b = at(z + dz + k, y + dy + j, x + dx + i);
                    if (!valid(a) || !valid(b)) continue;
                    const double weight = window(k, rz) * window(j, ry) * window(i, rx);
                    pairs += weight * static_cast<double>(p.channels);
                    for (std::size_t c = 0; c < static_cast<std::size_t>(p.channels); ++c)
                      sum += weight * std::pow(p.values[c * size + a] - p.values[c * size + b], 2);
                  }
              const bool itself = dz == 0 && dy == 0 && dx == 0;
              if (pairs == 0 && !itself) continue;
              const double both =
                  variance(there) + (valid(here) ? variance(here) : variance(there));
              const double excess = itself ? 0 : std::max(sum / pairs - both, 0.0);
              const double w = std::exp(-excess / (o.strength * o.strength * both / 2));
              total += w;
              for (std::size_t c = 0; c < static_cast<std::size_t>(p.channels); ++c)
                out[c * size + here] += w * p.values[c * size + there];
            }
        for (std::size_t c = 0; c < static_cast<std::size_t>(p.channels); ++c)
          out[c * size + here] = total > 0 ? out[c * size + here] / total : 0;
      }
  return out;
}

/// What the denoiser makes of it on the setup's device, in its precision; planes [first, last) of
/// the slowest axis come as a slab of their own with the halo, where `slabs` > 1.
inline std::vector<double> nlm_of(setup& s, const picture& p, const nlm_options& o,
                                  index_t slabs = 1) {
  const auto denoiser = make_nlm(o);
  const index_t halo = denoiser->reach().radius;
  const shape whole = p.extents();
  const index_t planes = whole[1], plane = p.pixels() / planes;
  std::vector<double> result(p.values.size());
  const auto pass = denoiser->begin();
  for (index_t slab = 0; slab < slabs; ++slab) {
    const index_t first = planes * slab / slabs, last = planes * (slab + 1) / slabs;
    const index_t from = std::max<index_t>(0, first - halo), to = std::min(planes, last + halo);
    const auto cut = [&](const auto& all, index_t channels) {
      std::remove_cvref_t<decltype(all)> part;
      for (index_t c = 0; c < channels; ++c)
        part.insert(part.end(), all.begin() + c * p.pixels() + from * plane,
                    all.begin() + c * p.pixels() + to * plane);
      return part;
    };
    const auto with = [&](const shape& n, index_t count, int axis) {
      std::vector<index_t> e(n.extents().begin(), n.extents().end());
      e[static_cast<std::size_t>(axis)] = count;
      return shape(e);
    };
    const dtype type = real_type(s.type);
    const auto sent = [&](const auto& values, dtype stored, dtype kept, const shape& n) {
      array a(s.q, kept, n);
      copy(s.q, cref(values.data(), stored, n), a.get());
      s.q.synchronize();
      return a;
    };
    const array data = sent(cut(p.values, p.channels), dtype::f64, type, with(whole, to - from, 1));
    noisy_image in{data.get(), p.sigma, {}, {}};
    array map, valid;
    const shape channel = with(p.channel(), to - from, 0);
    if (!p.map.empty()) {
      map = sent(cut(p.map, 1), dtype::f64, type, channel);
      in.sigma_map = map.get();
    }
    if (!p.valid.empty()) {
      valid = sent(cut(p.valid, 1), dtype::u8, dtype::u8, channel);
      in.valid = valid.get();
    }
    const shape kept = with(whole, last - first, 1);
    array out(s.q, type, kept);
    pass->slab(s.q, in, {first - from, last - from}, out.get());
    std::vector<double> values(static_cast<std::size_t>(kept.count()));
    copy(s.q, out.get(), ref(values.data(), dtype::f64, kept));
    s.q.synchronize();
    const auto each = (last - first) * plane;
    for (index_t c = 0; c < p.channels; ++c)
      std::copy_n(values.begin() + c * each, each, result.begin() + c * p.pixels() + first * plane);
  }
  return result;
}

}  // namespace ir::test

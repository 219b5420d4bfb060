#include "fn/tv_maps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"

namespace ir::detail {
namespace {

template <class T>
void relieve(const tv_layout& n, tv_maps<T>& m) {
  const T* const w = m.weights.data();
  for (index_t z = 0; z < n.nz; ++z)
    for (index_t y = 0; y < n.ny; ++y)
      for (index_t x = 0; x < n.nx; ++x) {
        const index_t i = n.place(z, y) + x;
        T most = 2 * w[i];
        if (x + 1 < n.nx) most = std::max(most, w[i] + w[i + 1]);
        if (y + 1 < n.ny) most = std::max(most, w[i] + w[i + n.nx]);
        if (z + 1 < n.nz) most = std::max(most, w[i] + w[i + n.plane]);
        m.relief[static_cast<std::size_t>(i)] = T(2 * m.weight) / most;
      }
}

}  // namespace

template <class T>
tv_maps<T> make_tv_maps(const tv_layout& n, const T* map, const std::uint8_t* valid,
                        double weight) {
  const auto all = static_cast<std::size_t>(n.all);
  tv_maps<T> m{std::vector<T>(all), std::vector<T>(all), std::vector<T>(all), 0, false};
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < all; ++i) {
    m.trust[i] = T(valid == nullptr || valid[i] != 0 ? 1 : 0);
    if (!(m.trust[i] > 0)) continue;
    if (map != nullptr && !(map[i] > 0))
      throw data_error(fmt::format("a total variation weight of {:g} at a pixel: above 0",
                                   static_cast<double>(map[i])));
    sum += map == nullptr ? weight : static_cast<double>(map[i]);
    ++count;
  }
  if (count == 0) throw data_error("no pixel of the image is valid: at least 1 is expected");
  m.weight = sum / static_cast<double>(count);
  m.holes = count < all;
  for (std::size_t i = 0; i < all; ++i)
    m.weights[i] = map != nullptr && m.trust[i] > 0 ? map[i] : T(m.weight);
  relieve(n, m);
  return m;
}

template tv_maps<float> make_tv_maps(const tv_layout&, const float*, const std::uint8_t*, double);
template tv_maps<double> make_tv_maps(const tv_layout&, const double*, const std::uint8_t*, double);

}  // namespace ir::detail

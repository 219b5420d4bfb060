#include "solver/tv_fill.hpp"

#include <algorithm>
#include <vector>

namespace ir::detail {
namespace {

/// Sums over blocks, (nz, ny, nx).
struct grid {
  index_t nz, ny, nx;
  std::vector<double> sum, weight;

  grid(index_t z, index_t y, index_t x)
      : nz(z), ny(y), nx(x), sum(static_cast<std::size_t>(z * y * x)), weight(sum.size()) {}
  std::size_t place(index_t z, index_t y, index_t x) const {
    return static_cast<std::size_t>((z * ny + y) * nx + x);
  }
};

// body(element of fine, element of coarse)
template <class Body>
void each_pair(const grid& fine, const grid& coarse, const Body& body) {
  for (index_t z = 0; z < fine.nz; ++z)
    for (index_t y = 0; y < fine.ny; ++y)
      for (index_t x = 0; x < fine.nx; ++x)
        body(fine.place(z, y, x), coarse.place(z / 2, y / 2, x / 2));
}

void fill(grid& fine) {
  if (std::ranges::all_of(fine.weight, [](double w) { return w > 0; }) || fine.sum.size() == 1)
    return;
  grid coarse((fine.nz + 1) / 2, (fine.ny + 1) / 2, (fine.nx + 1) / 2);
  each_pair(fine, coarse, [&](std::size_t f, std::size_t c) {
    coarse.sum[c] += fine.sum[f];
    coarse.weight[c] += fine.weight[f];
  });
  fill(coarse);
  each_pair(fine, coarse, [&](std::size_t f, std::size_t c) {
    if (fine.weight[f] > 0) return;
    fine.sum[f] = coarse.sum[c];
    fine.weight[f] = coarse.weight[c];
  });
}

}  // namespace

template <class T>
void fill_between(const tv_layout& n, const T* y, const T* weight, T* x) {
  for (index_t c = 0; c < n.channels; ++c) {
    grid all(n.nz, n.ny, n.nx);
    const index_t first = c * n.all;
    for (index_t i = 0; i < n.all; ++i) {
      const auto w = static_cast<double>(weight[first + i]);
      all.weight[static_cast<std::size_t>(i)] = w;
      all.sum[static_cast<std::size_t>(i)] = w * static_cast<double>(y[first + i]);
    }
    fill(all);
    for (index_t i = 0; i < n.all; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const bool datum = weight[first + i] > 0;
      x[first + i] = datum                ? y[first + i]
                     : all.weight[at] > 0 ? static_cast<T>(all.sum[at] / all.weight[at])
                                          : T(0);
    }
  }
}

template void fill_between(const tv_layout&, const float*, const float*, float*);
template void fill_between(const tv_layout&, const double*, const double*, double*);

}  // namespace ir::detail

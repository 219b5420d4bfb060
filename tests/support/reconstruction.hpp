#pragma once
#include <cmath>
#include <vector>

#include "support/setup.hpp"
#include "tomo/ellipse_phantom.hpp"
#include "tomo/fbp.hpp"

namespace ir::test {

/// Slices (v, y, x) from sinograms (v, angle, u).
inline std::vector<double> reconstruct(setup& s, const parallel_geometry& g, const ramp_options& o,
                                       const std::vector<double>& sinograms) {
  const index_t n = std::ssize(sinograms) / (g.views() * g.detector);
  const shape in{n, g.views(), g.detector}, out{n, g.ny, g.nx};
  array from(s.q, real_type(s.type), in), to(s.q, real_type(s.type), out);
  copy(s.q, cref(sinograms.data(), dtype::f64, in), from.get());
  const fbp method(s.q, g, o, s.type);
  method.apply(s.q, from.get(), to.get());
  std::vector<double> slices(static_cast<std::size_t>(out.count()));
  copy(s.q, to.get(), ref(slices.data(), dtype::f64, out));
  s.q.synchronize();
  return slices;
}

/// Exact detector means of a phantom.
inline std::vector<double> sinogram_of(const std::vector<ellipse>& phantom,
                                       const parallel_geometry& g) {
  std::vector<double> p(static_cast<std::size_t>(g.views() * g.detector));
  project(phantom, g, p);
  return p;
}

inline double rms_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace ir::test

#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "tomo/ellipse_phantom.hpp"
#include "tomo/rotation_center.hpp"

namespace ir::test {

/// Sinograms (row, view, u) of Shepp-Logan phantoms beside the axis, with noise.
struct centered_scan {
  index_t rows = 2, views = 300, detector = 256;
  double turn = std::numbers::pi, center = 127.5;
  double half_width = 80;  // of the phantom; beyond 100: truncated
  double noise = 0.01;     // of the largest value
  std::vector<double> angles{};
  std::vector<float> values{};

  centered_scan& make() {
    if (angles.empty()) angles = even_angles(views, 0, turn);
    const auto g = whole_slice(angles, detector, center);
    std::mt19937_64 bits(7);
    std::normal_distribution<double> normal(0, 1);
    values.clear();
    for (index_t row = 0; row < rows; ++row) {
      auto phantom = modified_shepp_logan(half_width * (1 - 0.05 * static_cast<double>(row)));
      for (ellipse& e : phantom) {
        e.x += 0.03 * static_cast<double>(detector);
        e.y -= 0.02 * static_cast<double>(detector);
      }
      std::vector<double> p(angles.size() * static_cast<std::size_t>(detector));
      project(phantom, g, p);
      const double sigma = noise * *std::max_element(p.begin(), p.end());
      for (const double v : p) values.push_back(static_cast<float>(v + sigma * normal(bits)));
    }
    return *this;
  }
  cref sinograms() const {
    return {values.data(), dtype::f32, shape{rows, std::ssize(angles), detector}};
  }
  rotation_center find(const center_options& o = {}) const {
    queue q;
    return find_rotation_center(q, sinograms(), angles, o);
  }
};

}  // namespace ir::test

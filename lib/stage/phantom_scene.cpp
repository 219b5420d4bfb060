#include "stage/phantom_scene.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ir {
namespace {

class ellipsoids final : public phantom_scene {
 public:
  ellipsoids(const shape& size, grey_scale grey, ellipsoids_of_frame of)
      : rows_(size.rank() > 1 ? size[size.rank() - 2] : 1), grey_(grey), of_(std::move(of)) {}

  void prepare(index_t frame, index_t begin, index_t end) override {
    const index_t first = begin / rows_, last = (end - 1) / rows_;
    const auto planes_begin = static_cast<double>(first), planes_end = static_cast<double>(last);
    here_.clear();
    for (const ellipsoid& e : of_(frame)) {
      const double depth = e.wz > 0 ? 1 / e.wz + 0.5 : 0.5, height = half_height(e) + 0.5;
      if (e.z + depth >= planes_begin && e.z - depth <= planes_end)
        here_.push_back({e, e.z - depth, e.z + depth, e.y - height, e.y + height});
    }
  }

  void fill(index_t line, index_t first, std::span<double> to) const noexcept override {
    std::ranges::fill(to, 0.0);
    const index_t plane = line / rows_, row = line % rows_;
    const auto z = static_cast<double>(plane), y = static_cast<double>(row);
    for (const boxed& b : here_)
      if (z >= b.z0 && z <= b.z1 && y >= b.y0 && y <= b.y1) add_line(b.e, z, y, first, to);
    for (double& v : to) v = grey_.background + grey_.unit * v;
  }

 private:
  struct boxed {
    ellipsoid e;
    double z0, z1, y0, y1;  // lines that it may touch
  };

  index_t rows_;
  grey_scale grey_;
  ellipsoids_of_frame of_;
  std::vector<boxed> here_;  // those that touch the lines to be filled, in their order
};

/// Integral of a Gaussian over each pixel of an axis; sum 1.
std::vector<double> pixel_weights(index_t n, double sigma) {
  std::vector<double> w(static_cast<std::size_t>(n), 0.0);
  const index_t centre = n / 2;
  w[static_cast<std::size_t>(centre)] = 1;
  if (sigma == 0) return w;

  const double scale = 1 / (sigma * std::numbers::sqrt2);
  double sum = 0;
  for (index_t i = 0; i < n; ++i) {
    // erfc keeps the digits of the tail, where a difference of erf has none.
    const double distance = static_cast<double>(std::abs(i - centre));
    const double v =
        i == centre
            ? std::erf(0.5 * scale)
            : 0.5 * (std::erfc((distance - 0.5) * scale) - std::erfc((distance + 0.5) * scale));
    w[static_cast<std::size_t>(i)] = v;
    sum += v;
  }
  for (double& v : w) v /= sum;
  return w;
}

class gaussian final : public phantom_scene {
 public:
  gaussian(const shape& size, std::span<const double> sigma) {
    const int lacking = 3 - size.rank();
    for (int axis = 0; axis < 3; ++axis)
      weight_[axis] = axis < lacking
                          ? std::vector{1.0}
                          : pixel_weights(size[axis - lacking],
                                          sigma[static_cast<std::size_t>(axis - lacking)]);
  }

  void prepare(index_t, index_t, index_t) override {}

  void fill(index_t line, index_t first, std::span<double> to) const noexcept override {
    const std::size_t rows = weight_[1].size(), at = static_cast<std::size_t>(line);
    const double here = weight_[0][at / rows] * weight_[1][at % rows];
    for (std::size_t i = 0; i < to.size(); ++i)
      to[i] = here * weight_[2][static_cast<std::size_t>(first) + i];
  }

 private:
  std::vector<double> weight_[3];  // z, y, x
};

}  // namespace

std::unique_ptr<phantom_scene> ellipsoid_scene(const shape& size, grey_scale grey,
                                               ellipsoids_of_frame of) {
  return std::make_unique<ellipsoids>(size, grey, std::move(of));
}

std::unique_ptr<phantom_scene> gaussian_scene(const shape& size, std::span<const double> sigma) {
  return std::make_unique<gaussian>(size, sigma);
}

}  // namespace ir

// Areas, volumes and symmetries of phantoms, and that they do not depend on how they are asked for.
#include "stage/phantom.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <numeric>
#include <set>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "stage/phantom_scene.hpp"
#include "support/setup.hpp"

namespace {

using ir::index_t;
using subject = ir::phantom_options::subject;
using values = std::vector<double>;

struct made {
  ir::stream_header header;
  std::vector<values> frames;
};

/// Every frame in f64.
made make(const ir::phantom_options& o, ir::delivery how = ir::delivery::whole,
          std::uint64_t seed = 0) {
  const auto stage = ir::make_phantom(o);
  ir::resources r;
  r.type = ir::precision::f64;
  r.seed = seed;
  ir::stage_plan plan = stage->plan({}, r);
  plan.given = r;
  const auto source = stage->open({}, plan);
  source->deliver(how);
  ir::queue q;
  made m{source->header(), {}};
  for (ir::frame f; source->next(f, q);) {
    const ir::cref got = std::as_const(f.data).get();
    const auto* const first = static_cast<const double*>(got.data);
    if (f.begin == 0) m.frames.emplace_back();
    BOOST_TEST(m.frames.back().size() ==
               static_cast<std::size_t>(f.begin * got.extents[got.extents.rank() - 1]));
    m.frames.back().insert(m.frames.back().end(), first, first + got.extents.count());
  }
  return m;
}

ir::phantom_options options(subject what, const ir::shape& size) {
  ir::phantom_options o;
  o.what = what;
  o.size = size;
  return o;
}

double sum(const values& v) { return std::accumulate(v.begin(), v.end(), 0.0); }

/// Area or volume of the head phantom's parts times their grey levels, on [-1, 1]^d.
double head_integral(int rank, bool original) {
  const double pi = std::numbers::pi;
  if (rank == 2) {
    const double inner = pi * (0.21 * 0.25 + 2 * 0.046 * 0.046 + 2 * 0.046 * 0.023 + 0.023 * 0.023);
    const double ventricles = pi * (0.11 * 0.31 + 0.16 * 0.41);
    const double skull = pi * 0.69 * 0.92, brain = pi * 0.6624 * 0.874;
    return original ? 2 * skull - 0.98 * brain - 0.02 * ventricles + 0.01 * inner
                    : skull - 0.8 * brain - 0.2 * ventricles + 0.1 * inner;
  }
  const double k = 4 * pi / 3;
  const double inner =
      k * (0.2 * (0.21 * 0.25 * 0.5 + 0.046 * 0.046 * 0.046 + 0.056 * 0.04 * 0.1 -
                  0.056 * 0.056 * 0.1) +
           0.1 * 2 * 0.046 * 0.023 * 0.02 - 0.2 * (0.41 * 0.16 * 0.21 + 0.31 * 0.11 * 0.22));
  const double skull = k * 0.69 * 0.92 * 0.9, brain = k * 0.6624 * 0.874 * 0.88;
  return original ? 2 * skull - 0.98 * brain + 0.1 * inner : skull - 0.8 * brain + inner;
}

/// Mean over a voxel by n^3 samples.
double sampled(const ir::ellipsoid& e, double z, double y, double x, int n) {
  int inside = 0;
  for (int k = 0; k < (e.wz > 0 ? n : 1); ++k)
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < n; ++i) {
        const double dz = e.wz > 0 ? z - 0.5 + (k + 0.5) / n - e.z : 0;
        const double dy = y - 0.5 + (j + 0.5) / n - e.y, dx = x - 0.5 + (i + 0.5) / n - e.x;
        const double u = e.uy * dy + e.ux * dx, v = e.vy * dy + e.vx * dx, w = e.wz * dz;
        inside += u * u + v * v + w * w <= 1;
      }
  return inside / (e.wz > 0 ? std::pow(n, 3) : std::pow(n, 2));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(phantom)

BOOST_AUTO_TEST_CASE(coverage_of_a_pixel_is_exact_where_it_is_known) {
  const ir::ellipsoid disc = ir::upright_ellipsoid(0, 0, 0, 0, 0.5, 0.5, 1);
  const ir::ellipsoid quarter = ir::upright_ellipsoid(0, -0.5, -0.5, 0, 1, 1, 1);
  const ir::ellipsoid far = ir::upright_ellipsoid(0, 0, 9, 0, 1, 1, 1);
  const ir::ellipsoid around = ir::upright_ellipsoid(0, 0, 0, 0, 3, 2, 1);

  const auto tolerance = boost::test_tools::tolerance(1e-13);
  BOOST_TEST(coverage(disc, 0, 0, 0) == std::numbers::pi / 4, tolerance);  // the disc in its square
  BOOST_TEST(coverage(quarter, 0, 0, 0) == std::numbers::pi / 4, tolerance);
  BOOST_TEST(std::abs(coverage(far, 0, 0, 0)) < 1e-13);
  BOOST_TEST(coverage(around, 0, 0, 0) == 1.0, tolerance);
  // A strip of height h cut off a disc at the pixel's edge: r^2 acos(1 - h/r) - (r - h) sqrt(2rh -
  // h^2)
  const double r = 0.4, h = 0.1;
  const double segment = r * r * std::acos(1 - h / r) - (r - h) * std::sqrt(2 * r * h - h * h);
  const ir::ellipsoid over_edge = ir::upright_ellipsoid(0, 0, 0.5 - (r - h), 0, r, r, 1);
  BOOST_TEST(coverage(over_edge, 0, 0, 1) == segment, tolerance);
}

BOOST_AUTO_TEST_CASE(coverage_of_a_voxel_is_close_to_fine_sampling) {
  ir::ellipsoid e = ir::upright_ellipsoid(2.3, 2.1, 1.8, 1.7, 1.3, 2.2, 1);
  e.uy = 0.25;  // oblique in the plane
  double largest = 0, total = 0;
  for (int z = 0; z < 5; ++z)
    for (int y = 0; y < 5; ++y)
      for (int x = 0; x < 5; ++x) {
        const double error = std::abs(coverage(e, z, y, x) - sampled(e, z, y, x, 64));
        largest = std::max(largest, error);
        total += error;
      }

  BOOST_TEST(largest < 3e-3);
  BOOST_TEST(total / 125 < 2e-4);
}

BOOST_AUTO_TEST_CASE(a_head_has_the_area_and_volume_of_its_ellipses) {
  for (const bool original : {false, true})
    for (const ir::shape& n : {ir::shape{64, 64}, ir::shape{37, 90}, ir::shape{24, 20, 31}}) {
      ir::phantom_options o = options(subject::shepp_logan, n);
      if (original) o.grey = ir::phantom_options::contrast::original;

      const made m = make(o);

      const double pixel = std::pow(2, n.rank()) / static_cast<double>(n.count());
      BOOST_TEST(sum(m.frames[0]) * pixel == head_integral(n.rank(), original),
                 boost::test_tools::tolerance(1e-11));
    }
}

BOOST_AUTO_TEST_CASE(a_head_has_its_grey_levels_and_stands_upright) {
  const made m = make(options(subject::shepp_logan, {200, 200}));
  // Pixel of a point (x, y) of [-1, 1]^2, y up.
  const auto at = [&](double x, double y) {
    return m.frames[0][static_cast<std::size_t>(std::lround((1 - y) * 100 - 0.5) * 200 +
                                                std::lround((x + 1) * 100 - 0.5))];
  };

  const auto near = boost::test_tools::tolerance(1e-12);
  BOOST_TEST(at(-0.95, 0.95) == 0.0);
  BOOST_TEST(at(0, 0.9) == 1.0, near);           // skull
  BOOST_TEST(at(0, 0.8) == 0.2, near);           // brain
  BOOST_TEST(at(0, 0.45) == 0.3, near);          // the round body is above the centre
  BOOST_TEST(std::abs(at(0.25, 0.05)) < 1e-12);  // right ventricle, the smaller one
  // The ventricles approach each other below: there the right one has ended, the left one has not.
  BOOST_TEST(at(0.12, -0.33) == 0.2, near);
  BOOST_TEST(std::abs(at(-0.12, -0.33)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(a_head_is_nowhere_negative) {  // so it can be the mean of Poisson noise
  for (const bool original : {false, true})
    for (const ir::shape& n : {ir::shape{256, 256}, ir::shape{155, 91}, ir::shape{90, 90, 90}}) {
      ir::phantom_options o = options(subject::shepp_logan, n);
      if (original) o.grey = ir::phantom_options::contrast::original;
      const values v = make(o).frames[0];

      BOOST_TEST(std::ranges::min(v) == 0.0);
      BOOST_TEST(std::ranges::max(v) == (original ? 2.0 : 1.0));
    }
}

BOOST_AUTO_TEST_CASE(what_is_symmetric_stays_symmetric) {
  const auto asymmetry = [](const values& v, index_t nx) {
    double largest = 0;
    for (index_t at = 0; at < static_cast<index_t>(v.size()); ++at) {
      const index_t mirrored = at - at % nx + nx - 1 - at % nx;
      largest = std::max(largest, std::abs(v[static_cast<std::size_t>(at)] -
                                           v[static_cast<std::size_t>(mirrored)]));
    }
    return largest;
  };
  for (const index_t nx : {40, 41}) {
    const ir::shape n{48, nx};
    std::vector<ir::ellipsoid> head =
        ir::shepp_logan(n, ir::phantom_options::contrast::modified).parts;
    head.resize(2);  // skull and brain
    const auto scene = ir::ellipsoid_scene(n, {}, [&](index_t) { return head; });
    scene->prepare(0, 0, 48);
    values v(static_cast<std::size_t>(48 * nx));
    for (index_t line = 0; line < 48; ++line)
      scene->fill(
          line, 0,
          std::span(v).subspan(static_cast<std::size_t>(line * nx), static_cast<std::size_t>(nx)));

    BOOST_TEST(asymmetry(v, nx) < 1e-12);
    BOOST_TEST(sum(v) > 100.0);
  }
}

BOOST_AUTO_TEST_CASE(beads_have_their_volume_and_lie_inside) {
  ir::phantom_options o = options(subject::beads, {20, 30, 25});
  o.count = 7;
  o.radius = {1.5, 2.5, 2};
  o.value = 100;
  o.background = 3;
  o.frames = 2;

  const made m = make(o);

  const double bead = 4.0 / 3 * std::numbers::pi * 1.5 * 2.5 * 2;
  for (const values& v : m.frames)
    BOOST_TEST(sum(v) == 7 * 100 * bead + 3.0 * 20 * 30 * 25, boost::test_tools::tolerance(1e-10));
  BOOST_TEST((m.frames[0] != m.frames[1]));
  BOOST_TEST((make(o, ir::delivery::whole, 1).frames[0] != m.frames[0]));
  BOOST_TEST((make(o).frames == m.frames));
}

BOOST_AUTO_TEST_CASE(a_gaussian_sums_to_one_and_has_the_moments_of_its_pixels) {
  ir::phantom_options o;
  o.what = subject::gaussian;
  o.sigma = {2};

  const made m = make(o);

  const ir::shape n = ir::extents_of(m.header.arrays[0]);
  BOOST_TEST((n == ir::shape{17, 17}));
  const values& v = m.frames[0];
  BOOST_TEST(sum(v) == 1.0, boost::test_tools::tolerance(1e-14));
  double second = 0;
  for (index_t i = 0; i < 17 * 17; ++i)
    second += std::pow(static_cast<double>(i % 17 - 8), 2) * v[static_cast<std::size_t>(i)];
  // Integration over a pixel convolves with a box: variance sigma^2 + 1/12; the cut at 4.25 sigma
  // takes 3e-4 of it.
  BOOST_TEST(second == 4 + 1.0 / 12, boost::test_tools::tolerance(1e-3));
  const double middle = std::pow(std::erf(0.25 / std::numbers::sqrt2), 2);
  BOOST_TEST(v[8 * 17 + 8] == middle, boost::test_tools::tolerance(1e-4));
}

BOOST_AUTO_TEST_CASE(a_gaussian_has_its_centre_at_half_of_the_extent_and_may_be_a_delta) {
  ir::phantom_options o;
  o.what = subject::gaussian;
  o.size = ir::shape{2, 3, 4};
  o.sigma = {0};

  const made m = make(o);

  for (index_t i = 0; i < 24; ++i)
    BOOST_TEST(m.frames[0][static_cast<std::size_t>(i)] == (i == 1 * 12 + 1 * 4 + 2 ? 1.0 : 0.0));
}

BOOST_AUTO_TEST_CASE(a_constant_is_constant) {
  ir::phantom_options o = options(subject::constant, {5});
  o.value = 2.5;

  BOOST_TEST(make(o).frames[0] == values(5, 2.5), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(parts_and_threads_change_nothing) {
  ir::phantom_options o = options(subject::beads, {40, 200, 300});  // 2.3 parts of 4 MiB in f64
  o.count = 50;
  o.radius = {6};
  o.frames = 2;
  const made whole = make(o);
  const int before = ir::threads();

  ir::set_threads(before == 1 ? 3 : 1);
  const made parts = make(o, ir::delivery::parts);
  ir::set_threads(before);

  BOOST_TEST((whole.frames == parts.frames));
}

BOOST_AUTO_TEST_CASE(axes_are_named_and_frames_counted) {
  ir::phantom_options o = options(subject::constant, {4, 5, 6});
  o.frames = 3;

  const made m = make(o);

  const ir::array_info& info = m.header.arrays[0];
  BOOST_TEST(info.axes[0].name == "z");
  BOOST_TEST(info.axes[2].name == "x");
  BOOST_TEST(*info.frames == 3);
  BOOST_TEST(m.header.along.name == "t");
  BOOST_TEST(m.header.along.size == 3);
}

BOOST_AUTO_TEST_CASE(impossible_phantoms_are_usage_errors) {
  const auto refuses = [](const ir::phantom_options& o) {
    BOOST_CHECK_THROW(ir::make_phantom(o), ir::usage_error);
  };
  refuses(options(subject::shepp_logan, {64}));
  refuses(options(subject::shepp_logan, {2, 2, 2, 2}));
  refuses(options(subject::constant, {0, 3}));
  ir::phantom_options o = options(subject::beads, {9, 9});
  o.radius = {5};
  refuses(o);
  o.radius = {1, 1, 1};
  refuses(o);
  refuses(options(subject::gaussian, {9, 9}));  // no sigma
  o = {};
  refuses(o);  // no size
}

BOOST_AUTO_TEST_SUITE_END()

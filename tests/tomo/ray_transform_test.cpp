#include "tomo/ray_transform.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/parallel.hpp"
#include "support/dense_svd.hpp"
#include "support/operator_laws.hpp"
#include "support/reconstruction.hpp"
#include "tomo/ray_engine.hpp"

namespace {

using namespace ir::test;
using ir::index_t;
constexpr double pi = std::numbers::pi;

ir::parallel_geometry scan_of(std::vector<double> angles, index_t detector, index_t ny,
                              index_t nx) {
  auto g = ir::whole_slice(std::move(angles), detector, 0.5 * static_cast<double>(detector - 1));
  g.ny = ny;
  g.nx = nx;
  g.y_first = -0.5 * static_cast<double>(ny - 1);
  g.x_first = -0.5 * static_cast<double>(nx - 1);
  return g;
}

struct named_scan {
  const char* name;
  ir::parallel_geometry g;
};

std::vector<named_scan> scans() {
  std::vector<named_scan> all;
  const auto add = [&](const char* name, ir::parallel_geometry g, auto change) {
    change(g);
    all.push_back({name, std::move(g)});
  };
  const auto turn = ir::even_angles(37, 0.05, 0.05 + 2 * pi);
  add("whole", scan_of(ir::even_angles(12, 0, pi), 41, 41, 41), [](auto&) {});
  add("full turn, axis off centre", scan_of(turn, 50, 30, 45), [](auto& g) { g.center = 11.3; });
  add("narrow detector, large slice", scan_of(turn, 9, 40, 52), [](auto& g) { g.center = 6; });
  add("region", scan_of(turn, 64, 64, 64), [](auto& g) { g = ir::region_of(g, 40, -7, 19, 33); });
  add("fine pixels", scan_of(turn, 20, 50, 37), [](auto& g) { g.spacing = 0.3; });
  add("coarse pixels", scan_of(turn, 70, 17, 20),
      [](auto& g) { g.spacing = 2.6, g.pixel_size = 4; });
  add("0, 45, 90 degrees", scan_of({0, pi / 4, pi / 2, 3 * pi / 4, pi}, 33, 32, 31), [](auto&) {});
  add("one view", scan_of({0.3}, 20, 17, 18), [](auto&) {});
  add("one pixel", scan_of(turn, 5, 1, 1), [](auto&) {});
  add("one bin", scan_of(turn, 1, 5, 4), [](auto&) {});
  return all;
}

std::vector<double> projected(setup& s, const ir::parallel_geometry& g,
                              const std::vector<double>& slices) {
  const index_t n = std::ssize(slices) / (g.ny * g.nx);
  const ir::ray_transform A(s.q, ir::shape{n, g.ny, g.nx}, g, s.type);
  const auto x = vec_of(s, A.domain(), slices);
  ir::owned_vec y(s.q, A.range(), s.type);
  A.apply(s.q, x, y);
  return values(s, y);
}

double largest(const std::vector<double>& v) {
  double most = 0;
  for (const double x : v) most = std::max(most, std::abs(x));
  return most;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  BOOST_REQUIRE_EQUAL(a.size(), b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

std::vector<double> drawn(const std::vector<ir::ellipse>& phantom, const ir::parallel_geometry& g) {
  std::vector<double> slice(static_cast<std::size_t>(g.ny * g.nx));
  ir::draw(phantom, g, 8, slice);
  return slice;
}

// The overlap of intervals, written down.
std::vector<double> by_definition(const ir::parallel_geometry& g,
                                  const std::vector<double>& slice) {
  std::vector<double> p;
  for (const double a : g.angles) {
    const double c = std::cos(a), s = std::sin(a), steep = std::max(std::abs(c), std::abs(s));
    for (index_t u = 0; u < g.detector; ++u) {
      double sum = 0;
      for (index_t j = 0; j < g.ny; ++j)
        for (index_t i = 0; i < g.nx; ++i) {
          const double at = g.center + (g.x_first + static_cast<double>(i) * g.spacing) * c +
                            (g.y_first + static_cast<double>(j) * g.spacing) * s;
          const double half = 0.5 * steep * g.spacing, bin = static_cast<double>(u);
          const double overlap = std::min(at + half, bin + 0.5) - std::max(at - half, bin - 0.5);
          sum += std::max(0.0, overlap) * slice[static_cast<std::size_t>(j * g.nx + i)];
        }
      p.push_back(sum * g.spacing / steep * g.pixel_size);
    }
  }
  return p;
}

std::vector<double> rough(index_t count) {
  std::vector<double> v;
  for (index_t i = 0; i < count; ++i) v.push_back(std::sin(static_cast<double>(i * i % 1013)));
  return v;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ray_transform)

BOOST_AUTO_TEST_CASE(laws_hold_in_all_geometries_for_one_slice_and_many) {
  for (setup& s : setups())
    for (const named_scan& scan : scans()) {
      const index_t ny = scan.g.ny, nx = scan.g.nx;
      for (const ir::shape& n : {ir::shape{ny, nx}, ir::shape{5, ny, nx}, ir::shape{11, ny, nx},
                                 ir::shape{2, 21, ny, nx}})
        BOOST_TEST_CONTEXT(s.name << ' ' << scan.name << ' ' << n)
      check_operator_laws(s, ir::ray_transform(s.q, n, scan.g, s.type));
    }
}

BOOST_AUTO_TEST_CASE(the_adjoint_matches_to_a_millionth_in_single_precision) {
  for (setup& s : setups())
    for (const named_scan& scan : scans())
      for (const index_t slices : {1, 16}) {
        const ir::shape n{slices, scan.g.ny, scan.g.nx};
        const ir::ray_transform A(s.q, n, scan.g, s.type);
        const auto x = random_vec(s, A.domain(), 3), y = random_vec(s, A.range(), 4);
        ir::owned_vec Ax(s.q, A.range(), s.type), Aty(s.q, A.domain(), s.type);

        A.apply(s.q, x, Ax);
        A.adjoint(s.q, y, Aty);

        const ir::inner_product product;
        const double gap = std::abs(product.dot(s.q, Ax, y) - product.dot(s.q, x, Aty));
        BOOST_TEST_CONTEXT(s.name << ' ' << scan.name << ' ' << slices)
        BOOST_CHECK_LE(gap, 1e-6 * product.norm(s.q, Ax) * product.norm(s.q, y));
      }
}

BOOST_AUTO_TEST_CASE(rays_through_four_pixels_by_hand) {
  for (setup& s : setups()) {
    // x: -1/2 and 1/2, y: -1/2 and 1/2; bins at -1, 0, 1.
    const auto g = scan_of({0, pi / 4, pi / 2}, 3, 2, 2);

    const auto p = projected(s, g, {1, 2, 4, 8});

    // At 0 and 90 degrees a pixel lies half in the middle bin. At 45 degrees it covers sqrt(1/2) of
    // the detector: 2 and 4 from -0.354 to 0.354; 1 to -0.354, of which 0.146 is in the middle bin;
    // a length of sqrt(2) in a row.
    const double corner = (0.5 - std::sqrt(0.125)) * std::sqrt(2);
    const std::vector<double> expected{2.5, 7.5, 5, 1 - corner, 6 + 9 * corner, 8 * (1 - corner),
                                       1.5, 7.5, 6};
    BOOST_CHECK_LE(largest_difference(p, expected), 8 * epsilon(s.type) * 8);
  }
}

BOOST_AUTO_TEST_CASE(projections_are_the_sum_written_down) {
  for (setup& s : setups())
    for (const named_scan& scan : scans())
      for (const index_t slices : {1, 5, 11, 40}) {
        const index_t pixels = scan.g.ny * scan.g.nx;
        const auto x = rough(slices * pixels);

        const auto p = projected(s, scan.g, x);

        const index_t rays = scan.g.views() * scan.g.detector;
        for (const index_t i : {index_t{0}, slices - 1}) {
          const auto expected =
              by_definition(scan.g, {x.begin() + i * pixels, x.begin() + (i + 1) * pixels});
          const std::vector<double> some(p.begin() + i * rays, p.begin() + (i + 1) * rays);
          BOOST_TEST_CONTEXT(s.name << ' ' << scan.name << " slice " << i << " of " << slices)
          BOOST_CHECK_LE(largest_difference(some, expected),
                         600 * epsilon(s.type) * std::max(1.0, largest(expected)));
        }
      }
}

BOOST_AUTO_TEST_CASE(a_view_has_the_mass_of_what_it_sees) {
  for (setup& s : setups()) {
    auto g = scan_of(ir::even_angles(50, 0, 2 * pi), 128, 80, 64);
    g.spacing = 0.8;
    g.pixel_size = 0.1;
    const auto slice = rough(80 * 64);
    const double mass = std::accumulate(slice.begin(), slice.end(), 0.0) * 0.64 * 0.1;

    const auto p = projected(s, g, slice);

    for (index_t v = 0; v < 50; ++v)
      BOOST_CHECK_SMALL(std::accumulate(p.begin() + v * 128, p.begin() + (v + 1) * 128, 0.0) - mass,
                        400 * epsilon(s.type) * 64);
  }
}

BOOST_AUTO_TEST_CASE(a_constant_slice_gives_the_length_of_rays_without_moire) {
  for (setup& s : setups()) {
    const auto g = scan_of(ir::even_angles(36, 0, pi), 41, 101, 101);

    const auto p = projected(s, g, std::vector<double>(101 * 101, 1.0));

    for (index_t v = 0; v < 36; ++v) {
      const double a = g.angles[static_cast<std::size_t>(v)];
      const double length = 101 / std::max(std::abs(std::cos(a)), std::abs(std::sin(a)));
      // Those that meet both sides, not a corner.
      const double reach = 50.5 * std::abs(std::abs(std::cos(a)) - std::abs(std::sin(a))) - 2;
      for (index_t u = 0; u < 41; ++u)
        if (std::abs(static_cast<double>(u) - 20) < reach)
          BOOST_CHECK_CLOSE(p[static_cast<std::size_t>(v * 41 + u)], length,
                            100 * 400 * epsilon(s.type));
    }
  }
}

BOOST_AUTO_TEST_CASE(discs_and_ellipses_have_their_exact_line_integrals) {
  for (setup& s : setups()) {
    const auto g = scan_of(ir::even_angles(90, 0, pi), 256, 256, 256);
    const std::vector<ir::ellipse> disc{{1, 100, 100, 4, -7.5, 0}};
    const std::vector<ir::ellipse> ellipse{{1, 90, 35, 14, 20, 0.7}};
    for (const auto& phantom : {disc, ellipse}) {
      const auto exact = sinogram_of(phantom, g);

      const auto p = projected(s, g, drawn(phantom, g));

      BOOST_TEST_MESSAGE("largest error " << largest_difference(p, exact) / largest(exact)
                                          << ", rms " << rms_difference(p, exact) / largest(exact));
      BOOST_CHECK_LE(rms_difference(p, exact), 1.2e-3 * largest(exact));
      BOOST_CHECK_LE(largest_difference(p, exact), 1.6e-2 * largest(exact));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_smooth_object_has_its_line_integrals_to_second_order) {
  for (setup& s : setups()) {
    std::vector<double> errors;
    for (const double spacing : {1.0, 0.5}) {
      // exp(-r^2 / (2 w^2)), w = 6 detector pixels, around (x, y) = (5, -3).
      const index_t n = spacing < 1 ? 192 : 96;
      auto g = scan_of(ir::even_angles(40, 0, pi), 96, n, n);
      g.spacing = spacing;
      g.x_first = g.y_first = -0.5 * static_cast<double>(n - 1) * spacing;
      std::vector<double> slice, exact;
      for (index_t j = 0; j < n; ++j)
        for (index_t i = 0; i < n; ++i)
          slice.push_back(
              std::exp(-(std::pow(g.x_first + static_cast<double>(i) * spacing - 5, 2) +
                         std::pow(g.y_first + static_cast<double>(j) * spacing + 3, 2)) /
                       72));
      for (const double a : g.angles)
        for (index_t u = 0; u < 96; ++u) {
          const double at = static_cast<double>(u) - g.center - 5 * std::cos(a) + 3 * std::sin(a);
          const double scale = 1 / (6 * std::sqrt(2.0));
          exact.push_back(6 * std::sqrt(2 * pi) * 6 * std::sqrt(pi / 2) *
                          (std::erf((at + 0.5) * scale) - std::erf((at - 0.5) * scale)));
        }

      const auto p = projected(s, g, slice);
      errors.push_back(rms_difference(p, exact) / largest(exact));
      BOOST_TEST_MESSAGE(errors.back()
                         << ", largest " << largest_difference(p, exact) / largest(exact));
      BOOST_CHECK_LE(largest_difference(p, exact), 6e-3 * largest(exact));  // at 45 degrees
    }

    BOOST_CHECK_LE(errors[0], 5e-4);
    BOOST_CHECK_GE(errors[0] / errors[1], 3.5);
  }
}

BOOST_AUTO_TEST_CASE(the_bound_of_the_norm_is_above_the_largest_singular_value) {
  for (setup& s : setups())
    for (const double spacing : {1.0, 0.3, 2.6})
      for (const double center : {6.5, 1.2})
        for (const auto& angles : {ir::even_angles(15, 0.1, 0.1 + pi), {0, pi / 4, pi / 2}}) {
          auto g = scan_of(angles, 14, 10, 8);
          g.spacing = spacing;
          g.center = center;
          const ir::ray_transform A(s.q, ir::shape{10, 8}, g, s.type);

          BOOST_TEST_CONTEXT(s.name << " spacing " << spacing << " centre " << center)
          check_norm_bounds(s, A);
        }
}

BOOST_AUTO_TEST_CASE(the_bound_of_the_norm_is_close) {
  setup s("cpu f64", ir::precision::f64, ir::device{});
  for (const named_scan& scan : scans()) {
    const ir::ray_transform A(s.q, ir::shape{scan.g.ny, scan.g.nx}, scan.g, s.type);
    const ir::inner_product product;
    // The power method, which converges from below.
    ir::owned_vec x(s.q, A.domain(), s.type), z(s.q, A.domain(), s.type);
    ir::fill(s.q, 1, x);
    double norm = 0;
    for (int i = 0; i < 300; ++i) {
      ir::scale(s.q, 1 / product.norm(s.q, x), x);
      A.normal(s.q, x, z);
      norm = std::sqrt(product.norm(s.q, z));
      ir::copy(s.q, z, x);
    }

    BOOST_TEST_CONTEXT(scan.name << ": " << norm << " of " << A.norm()->upper) {
      BOOST_TEST_MESSAGE(scan.name << ": " << norm << " of " << A.norm()->upper);
      BOOST_CHECK_LE(norm, A.norm()->upper * (1 + 1e-12));
      BOOST_CHECK_GE(norm, 0.5 * A.norm()->upper);
    }
  }
}

BOOST_AUTO_TEST_CASE(row_and_column_sums_are_lengths_and_areas) {
  for (setup& s : setups()) {
    auto g = scan_of(ir::even_angles(20, 0.1, 0.1 + pi), 64, 30, 30);
    g.pixel_size = 2;
    const ir::ray_transform A(s.q, ir::shape{30, 30}, g, s.type);

    const auto rows = values(s, A.row_sums(s.q, s.type));
    const auto columns = values(s, A.column_sums(s.q, s.type));

    for (const double c : columns) BOOST_CHECK_CLOSE(c, 20 * 2, 100 * 100 * epsilon(s.type));
    const double total = std::accumulate(rows.begin(), rows.end(), 0.0);
    BOOST_CHECK_CLOSE(total, 20 * 900 * 2, 100 * 100 * epsilon(s.type));
  }
}

BOOST_AUTO_TEST_CASE(threads_change_no_bit) {
  for (setup& s : setups())
    for (const index_t slices : {1, 18}) {
      const auto g = scan_of(ir::even_angles(90, 0, pi), 70, 70, 66);
      const ir::ray_transform A(s.q, ir::shape{slices, 70, 66}, g, s.type);
      const auto x = random_vec(s, A.domain(), 1), y = random_vec(s, A.range(), 2);
      const int before = ir::threads();
      std::vector<std::vector<double>> there, back;
      for (const int threads : {1, 2, 3}) {
        ir::set_threads(threads);
        ir::owned_vec Ax(s.q, A.range(), s.type), Aty(s.q, A.domain(), s.type);
        A.apply(s.q, x, Ax);
        A.adjoint(s.q, y, Aty);
        there.push_back(values(s, Ax));
        back.push_back(values(s, Aty));
      }
      ir::set_threads(before);

      BOOST_TEST((there[0] == there[1] && there[0] == there[2]), "same bits");
      BOOST_TEST((back[0] == back[1] && back[0] == back[2]), "same bits");
    }
}

BOOST_AUTO_TEST_CASE(the_kernels_of_a_gpu_give_the_same_values) {
  for (setup& s : setups())
    for (const named_scan& scan : scans())
      for (const index_t slices : {1, 11}) {
        const ir::parallel_geometry& g = scan.g;
        const ir::space in(ir::shape{slices, g.ny, g.nx});
        const ir::space out(ir::shape{slices, g.views(), g.detector});
        const auto run = [&](setup& on, const ir::detail::ray_engine& engine) {
          const auto x = random_vec(on, in, 5), y = random_vec(on, out, 6);
          ir::owned_vec there(on.q, out, on.type), back(on.q, in, on.type);
          engine.project(on.q, slices, ir::cvec(x).data(), ir::vec(there).data(), ir::mode::set);
          engine.backproject(on.q, slices, ir::cvec(y).data(), ir::vec(back).data(), ir::mode::set);
          return std::pair(values(on, there), values(on, back));
        };
        setup cpu("cpu", s.type, ir::device{});

        const auto kernels = run(s, *ir::detail::plain_rays(s.q, g, s.type));
        const auto tiles = run(cpu, *ir::detail::cpu_rays(g, s.type));

        const double eps = 600 * epsilon(s.type);
        BOOST_TEST_CONTEXT(s.name << ' ' << scan.name << ' ' << slices) {
          BOOST_CHECK_LE(largest_difference(kernels.first, tiles.first),
                         eps * std::max(1.0, largest(tiles.first)));
          BOOST_CHECK_LE(largest_difference(kernels.second, tiles.second),
                         eps * std::max(1.0, largest(tiles.second)));
        }
      }
}

BOOST_AUTO_TEST_CASE(slices_of_another_size_are_refused) {
  auto all = setups();
  setup& s = all.front();
  const auto g = scan_of({0, 1}, 8, 6, 7);

  BOOST_CHECK_THROW(ir::ray_transform(s.q, ir::shape{7, 6}, g, s.type), ir::shape_error);
  BOOST_CHECK_THROW(ir::ray_transform(s.q, ir::shape{6 * 7}, g, s.type), ir::shape_error);
  BOOST_CHECK_THROW(ir::ray_transform(s.q, ir::space({6, 7}, ir::field::complex), g, s.type),
                    ir::shape_error);
  BOOST_CHECK_THROW(ir::ray_transform(s.q, ir::shape{6, 7}, scan_of({}, 8, 6, 7), s.type),
                    ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()

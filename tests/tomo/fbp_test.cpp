#include "tomo/fbp.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "support/reconstruction.hpp"
#include "tomo/fbp_engine.hpp"

namespace {

using namespace ir::test;
using ir::index_t;
constexpr double pi = std::numbers::pi;

std::vector<double> rough(index_t count) {
  std::vector<double> v;
  for (index_t i = 0; i < count; ++i) v.push_back(std::sin(static_cast<double>(i * i % 1013)));
  return v;
}

std::vector<double> part(const std::vector<double>& v, index_t first, index_t count) {
  return {v.begin() + first, v.begin() + first + count};
}

// The sum over views written down.
std::vector<double> by_definition(const ir::parallel_geometry& g, const std::vector<double>& p) {
  const auto weight = ir::view_weights(g.angles);
  std::vector<double> slice;
  for (index_t j = 0; j < g.ny; ++j)
    for (index_t i = 0; i < g.nx; ++i) {
      double sum = 0;
      for (index_t v = 0; v < g.views(); ++v) {
        const double a = g.angles[static_cast<std::size_t>(v)];
        const double s = g.center + (g.x_first + static_cast<double>(i) * g.spacing) * std::cos(a) +
                         (g.y_first + static_cast<double>(j) * g.spacing) * std::sin(a);
        const double k = std::floor(s);
        const auto at = [&](double u) {
          return u < 0 || u > static_cast<double>(g.detector - 1)
                     ? 0
                     : p[static_cast<std::size_t>(v * g.detector + static_cast<index_t>(u))];
        };
        sum += weight[static_cast<std::size_t>(v)] * ((1 - (s - k)) * at(k) + (s - k) * at(k + 1));
      }
      slice.push_back(sum / g.pixel_size);
    }
  return slice;
}

double largest(const std::vector<double>& v) {
  double most = 0;
  for (const double x : v) most = std::max(most, std::abs(x));
  return most;
}

void check_close(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  BOOST_REQUIRE_EQUAL(a.size(), b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  BOOST_CHECK_LE(most, tolerance * std::max(1.0, largest(b)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(filtered_backprojection)

BOOST_AUTO_TEST_CASE(plain_backprojection_is_the_sum_over_views) {
  for (setup& s : setups())
    for (const index_t n : {1, 2, 17, 40})
      for (const double spacing : {1.0, 0.5, 3.0})
        for (const index_t slices : {1, 5, 20}) {
          auto g =
              ir::whole_slice(ir::even_angles(13, 0.1, 2.9), n, 0.4 * static_cast<double>(n - 1));
          g.ny = 19;
          g.nx = 33;
          g.spacing = spacing;
          g.pixel_size = 0.5;
          const index_t size = g.views() * n;
          const auto p = rough(slices * size);

          const auto all = reconstruct(s, g, {.window = ir::ramp_window::none}, p);

          BOOST_TEST_CONTEXT(s.name << " detector " << n << " spacing " << spacing << " slices "
                                    << slices) {
            for (index_t i = 0; i < slices; ++i)
              check_close(part(all, i * g.ny * g.nx, g.ny * g.nx),
                          by_definition(g, part(p, i * size, size)), 600 * epsilon(s.type));
          }
        }
}

BOOST_AUTO_TEST_CASE(a_slice_is_the_same_alone_and_beside_others) {
  for (setup& s : setups())
    for (const auto window : {ir::ramp_window::none, ir::ramp_window::ram_lak}) {
      const auto g = ir::whole_slice(ir::even_angles(150, 0, pi), 50, 24.3);
      const index_t size = g.views() * g.detector, pixels = g.ny * g.nx;
      const auto p = rough(41 * size);

      const auto all = reconstruct(s, g, {.window = window}, p);

      for (const index_t i : {0, 7, 33, 40}) {
        const auto alone = reconstruct(s, g, {.window = window}, part(p, i * size, size));
        const auto beside = part(all, i * pixels, pixels);
        check_close(alone, beside, 20 * epsilon(s.type));
        if (window == ir::ramp_window::none) BOOST_TEST((alone == beside), "same bits");
      }
    }
}

BOOST_AUTO_TEST_CASE(threads_change_no_bit) {
  for (setup& s : setups()) {
    const auto g = ir::whole_slice(ir::even_angles(90, 0, pi), 70, 34.5);
    const auto p = rough(18 * g.views() * g.detector);
    const int before = ir::threads();

    ir::set_threads(1);
    const auto one = reconstruct(s, g, {}, p);
    ir::set_threads(2);
    const auto two = reconstruct(s, g, {}, p);
    ir::set_threads(before);

    BOOST_TEST((one == two), "same bits");
  }
}

BOOST_AUTO_TEST_CASE(a_region_equals_the_crop_of_the_whole) {
  for (setup& s : setups()) {
    const auto whole = ir::whole_slice(ir::even_angles(60, 0, pi), 48, 23.5);
    const auto cut = ir::region_of(whole, 5, 11, 20, 9);
    const auto p = rough(whole.views() * whole.detector);

    const auto all = reconstruct(s, whole, {}, p), some = reconstruct(s, cut, {}, p);

    std::vector<double> crop;
    for (index_t j = 5; j < 25; ++j)
      for (index_t i = 11; i < 20; ++i) crop.push_back(all[static_cast<std::size_t>(j * 48 + i)]);
    check_close(some, crop, 300 * epsilon(s.type));
  }
}

BOOST_AUTO_TEST_CASE(the_kernels_of_a_gpu_give_the_same_slices) {
  for (setup& s : setups())
    for (const auto window : {ir::ramp_window::none, ir::ramp_window::hann})
      for (const auto padding : {ir::row_padding::edge, ir::row_padding::zero}) {
        const auto g = ir::whole_slice(ir::even_angles(150, 0, 2 * pi), 41, 18.2);
        const ir::ramp_options o{.window = window, .padding = padding};
        const ir::shape in{11, 150, 41}, out{11, 41, 41};
        const auto p = rough(in.count());
        ir::array from(s.q, ir::real_type(s.type), in), to(s.q, ir::real_type(s.type), out);
        ir::copy(s.q, ir::cref(p.data(), ir::dtype::f64, in), from.get());

        ir::detail::plain_fbp(s.q, g, o, s.type)->apply(s.q, from.get(), to.get(), {0, 0});

        std::vector<double> slices(static_cast<std::size_t>(out.count()));
        ir::copy(s.q, to.get(), ir::ref(slices.data(), ir::dtype::f64, out));
        s.q.synchronize();
        ir::queue cpu;
        ir::array from_cpu(cpu, ir::real_type(s.type), in), to_cpu(cpu, ir::real_type(s.type), out);
        ir::copy(cpu, ir::cref(p.data(), ir::dtype::f64, in), from_cpu.get());
        ir::detail::cpu_fbp(g, o, s.type)->apply(cpu, from_cpu.get(), to_cpu.get(), {0, 0});
        std::vector<double> expected(slices.size());
        ir::copy(cpu, to_cpu.get(), ir::ref(expected.data(), ir::dtype::f64, out));
        check_close(slices, expected, 600 * epsilon(s.type));
      }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  auto all = setups();
  setup& s = all.front();
  const auto g = ir::whole_slice({0, 1}, 8, 3.5);
  const ir::fbp method(s.q, g, {}, s.type);
  ir::array p(s.q, ir::dtype::f32, {3, 2, 8}), slices(s.q, ir::dtype::f32, {3, 8, 8});
  ir::array short_one(s.q, ir::dtype::f32, {3, 2, 7}), few(s.q, ir::dtype::f32, {2, 8, 8});
  ir::array wide(s.q, ir::dtype::f64, {3, 2, 8});

  BOOST_CHECK_THROW(method.apply(s.q, short_one.get(), slices.get()), ir::shape_error);
  BOOST_CHECK_THROW(method.apply(s.q, p.get(), few.get()), ir::shape_error);
  BOOST_CHECK_THROW(method.apply(s.q, wide.get(), slices.get()), ir::shape_error);
  BOOST_CHECK_THROW(ir::fbp(s.q, g, {.cutoff = 0.6}, s.type), ir::usage_error);
  BOOST_CHECK_THROW(ir::fbp(s.q, g, {.window = ir::ramp_window::butterworth, .order = 0}, s.type),
                    ir::usage_error);
}

BOOST_AUTO_TEST_CASE(the_scratch_memory_is_what_was_announced) {
  for (setup& s : setups()) {
    if (s.q.where().kind != ir::device::cpu) continue;
    const auto g = ir::whole_slice(ir::even_angles(40, 0, pi), 30, 14.5);
    const ir::fbp method(s.q, g, {}, s.type);
    s.q.reserve(method.scratch_bytes(20));
    const index_t before = s.q.reserved();
    const ir::dtype t = ir::real_type(s.type);
    ir::array p(s.q, t, {20, 40, 30}), slices(s.q, t, {20, 30, 30});
    ir::copy(s.q, ir::cref(rough(20 * 40 * 30).data(), ir::dtype::f64, {20, 40, 30}), p.get());

    method.apply(s.q, p.get(), slices.get());

    BOOST_TEST(s.q.reserved() == before);
  }
}

BOOST_AUTO_TEST_SUITE_END()

// Mean, variance and independence of the noise, and that parts, frames and threads are what they
// should be to it: nothing, other noise, nothing.
#include "stage/noise.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "support/setup.hpp"

namespace {

using ir::index_t;
using ir::test::setup;
using values = std::vector<double>;

/// `frames` frames of ny x nx u16 or f64 values value(i), after one frame of a psf.
class pictures final : public ir::frame_source {
 public:
  pictures(ir::dtype type, index_t frames, index_t ny, index_t nx, values v, index_t lines = 0)
      : frames_(frames), lines_(lines), values_(std::move(v)) {
    header_.arrays = {{"psf", ir::role::psf, ir::dtype::u8, {{"x", "", 2, 1, 0}}, {}, 1},
                      {"data",
                       ir::role::data,
                       type,
                       {{"y", "", ny, 1, 0}, {"x", "", nx, 1, 0}},
                       ir::array_info::nominal_range{ir::dtype::u8, {0, 255}},
                       frames}};
    header_.along = {"t", "", frames, 1, 0};
  }
  const ir::stream_header& header() const override { return header_; }

 private:
  bool do_next(ir::frame& f, ir::queue&) override {
    f = {};
    if (!psf_sent_) {
      psf_sent_ = true;
      f.end = 1;
      f.data.reset(host_, ir::dtype::u8, {2});
      std::fill_n(static_cast<std::uint8_t*>(f.data.get().data), 2, std::uint8_t{7});
      return true;
    }
    if (number_ == frames_) return false;
    const ir::array_info& info = header_.arrays[1];
    const index_t ny = info.axes[0].size, nx = info.axes[1].size;
    f.array_no = 1;
    f.number = number_;
    f.begin = line_;
    f.end = lines_ > 0 ? std::min(ny, line_ + lines_) : ny;
    const ir::shape n{f.end - f.begin, nx};
    f.data.reset(host_, info.type, n);
    ir::copy(host_, ir::cref(values_.data() + f.begin * nx, ir::dtype::f64, n), f.data.get());
    line_ = f.end == ny ? 0 : f.end;
    number_ += f.end == ny;
    return true;
  }

  ir::queue host_;
  ir::stream_header header_;
  index_t frames_, lines_;
  values values_;
  index_t number_ = 0, line_ = 0;
  bool psf_sent_ = false;
};

ir::noise_options gaussian(double sigma) { return {.sigma = sigma, .poisson = false, .gain = {}}; }
ir::noise_options poisson(double gain) { return {.sigma = {}, .poisson = true, .gain = gain}; }

struct result {
  ir::stream_header header;
  std::vector<values> frames;
  index_t others = 0;
};
result run(setup& s, const ir::noise_options& o, std::unique_ptr<pictures> from,
           std::uint64_t seed = 1) {
  const auto stage = ir::make_noise(o);
  ir::resources r;
  r.type = s.type;
  r.where = s.q.where();
  r.seed = seed;
  ir::stage_plan plan = stage->plan({&from->header(), 1}, r);
  plan.given = r;
  ir::sources in;
  in.push_back(std::move(from));
  const auto source = stage->open(std::move(in), plan);
  result all{source->header(), {}, 0};
  for (ir::frame f; source->next(f, s.q);) {
    const ir::cref got = std::as_const(f.data).get();
    if (f.array_no == 0) {
      BOOST_TEST((got.type == ir::dtype::u8));
      BOOST_TEST(static_cast<const std::uint8_t*>(got.data)[1] == 7);
      ++all.others;
      continue;
    }
    BOOST_TEST((got.type == ir::real_type(s.type)));
    values v(static_cast<std::size_t>(got.extents.count()));
    ir::copy(s.q, got, ir::ref(v.data(), ir::dtype::f64, got.extents));
    s.q.synchronize();
    if (f.begin == 0) all.frames.emplace_back();
    all.frames.back().insert(all.frames.back().end(), v.begin(), v.end());
  }
  return all;
}

struct moments {
  double mean = 0, variance = 0;
};
moments moments_of(const values& v) {
  moments m;
  const auto n = static_cast<double>(v.size());
  for (const double x : v) m.mean += x / n;
  for (const double x : v) m.variance += (x - m.mean) * (x - m.mean) / n;
  return m;
}

double correlation(const values& a, const values& b) {
  const moments of_a = moments_of(a), of_b = moments_of(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - of_a.mean) * (b[i] - of_b.mean);
  return sum / static_cast<double>(a.size()) / std::sqrt(of_a.variance * of_b.variance);
}

constexpr index_t ny = 200, nx = 500, n = ny * nx;
std::unique_ptr<pictures> flat(double value, index_t frames = 1, index_t lines = 0) {
  return std::make_unique<pictures>(ir::dtype::u16, frames, ny, nx, values(n, value), lines);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(noise)

BOOST_AUTO_TEST_CASE(gaussian_noise_has_the_mean_and_deviation_asked_for) {
  for (setup& s : ir::test::setups()) {
    const moments m = moments_of(run(s, gaussian(5), flat(40)).frames[0]);

    BOOST_TEST(std::abs(m.mean - 40) < 4 * 5 / std::sqrt(double(n)), s.name);
    BOOST_TEST(std::abs(m.variance - 25) < 4 * 25 * std::sqrt(2.0 / n), s.name);
  }
}

BOOST_AUTO_TEST_CASE(poisson_noise_has_variance_mean_over_gain_in_steps_of_one_count) {
  for (setup& s : ir::test::setups()) {
    const values v = run(s, poisson(4), flat(10)).frames[0];
    const moments m = moments_of(v);

    BOOST_TEST(std::abs(m.mean - 10) < 4 * std::sqrt(2.5 / n), s.name);
    BOOST_TEST(std::abs(m.variance - 2.5) < 4 * 2.5 * std::sqrt(2.0 / n), s.name);
    for (const double x : v) BOOST_REQUIRE_EQUAL(4 * x, std::round(4 * x));
  }
}

BOOST_AUTO_TEST_CASE(photon_and_read_noise_are_independent) {
  for (setup& s : ir::test::setups()) {
    ir::noise_options both = poisson(1);
    both.sigma = 3;

    const values read = run(s, gaussian(3), flat(0)).frames[0];
    const values photons = run(s, poisson(1), flat(20)).frames[0];
    const values v = run(s, both, flat(20)).frames[0];

    BOOST_TEST(std::abs(moments_of(v).variance - 29) < 4 * 29 * std::sqrt(2.0 / n), s.name);
    BOOST_TEST(std::abs(correlation(read, photons)) < 4 / std::sqrt(double(n)), s.name);
  }
}

BOOST_AUTO_TEST_CASE(frames_and_seeds_have_noise_of_their_own) {
  for (setup& s : ir::test::setups()) {
    const result a = run(s, gaussian(1), flat(0, 2), 1), b = run(s, gaussian(1), flat(0, 2), 2);

    const double limit = 4 / std::sqrt(double(n));
    BOOST_TEST(std::abs(correlation(a.frames[0], a.frames[1])) < limit, s.name);
    BOOST_TEST(std::abs(correlation(a.frames[0], b.frames[0])) < limit, s.name);
  }
}

BOOST_AUTO_TEST_CASE(parts_and_threads_change_nothing) {
  for (setup& s : ir::test::setups()) {
    ir::noise_options both = poisson(0.5);
    both.sigma = 2;
    const result whole = run(s, both, flat(30, 2));
    const int before = ir::threads();

    ir::set_threads(before == 1 ? 3 : 1);
    const result parts = run(s, both, flat(30, 2, 7));
    ir::set_threads(before);

    BOOST_TEST((whole.frames == parts.frames), s.name);
  }
}

BOOST_AUTO_TEST_CASE(nominal_is_kept_and_other_arrays_pass) {
  for (setup& s : ir::test::setups()) {
    const result r = run(s, gaussian(1), flat(3));

    BOOST_TEST(r.others == 1);
    BOOST_TEST((r.header.arrays[1].nominal->type == ir::dtype::u8));
    BOOST_TEST((r.header.arrays[1].type == ir::real_type(s.type)));
  }
}

BOOST_AUTO_TEST_CASE(sigma_zero_changes_nothing) {
  for (setup& s : ir::test::setups())
    BOOST_TEST((run(s, gaussian(0), flat(12)).frames[0] == values(n, 12.0)), s.name);
}

BOOST_AUTO_TEST_CASE(values_that_are_no_means_are_counted_and_refused) {
  for (setup& s : ir::test::setups()) {
    const auto picture = [](double a, double b) {
      return std::make_unique<pictures>(ir::dtype::f64, 1, 1, 3, values{a, b, -2});
    };
    const auto says = [](const char* text) {
      return [text](const ir::error& e) {
        BOOST_TEST_MESSAGE(e.what());
        return std::string(e.what()).find(text) != std::string::npos;
      };
    };

    BOOST_CHECK_EXCEPTION(run(s, poisson(1), picture(-1, 0)), ir::data_error,
                          says("frame 0: 2 of 3 values are negative"));
    BOOST_CHECK_EXCEPTION(run(s, gaussian(1), picture(NAN, INFINITY)), ir::data_error,
                          says("frame 0: 2 of 3 values are NaN or infinite"));
    BOOST_TEST(run(s, gaussian(0), picture(-1, 0)).frames[0][2] == -2);
  }
}

BOOST_AUTO_TEST_CASE(wrong_options_and_complex_data_are_refused) {
  const auto complex = std::make_unique<pictures>(ir::dtype::c64, 1, 1, 1, values{0});
  ir::noise_options gain_alone = gaussian(1);
  gain_alone.gain = 2;

  BOOST_CHECK_THROW(ir::make_noise({}), ir::usage_error);
  BOOST_CHECK_THROW(ir::make_noise(gain_alone), ir::usage_error);
  ir::resources r;
  BOOST_CHECK_THROW(ir::make_noise(gaussian(1))->plan({&complex->header(), 1}, r), ir::data_error);
}

BOOST_AUTO_TEST_SUITE_END()

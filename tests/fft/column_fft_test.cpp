#include "fft/column_fft.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>
#include <vector>

#include "core/queue.hpp"

namespace {

using ir::index_t;
using number = std::complex<double>;

std::vector<number> some_numbers(index_t n) {
  std::mt19937_64 bits(11);
  std::uniform_real_distribution<double> any(-1, 1);
  std::vector<number> x;
  for (index_t i = 0; i < n; ++i) x.emplace_back(any(bits), any(bits));
  return x;
}

double norm(const std::vector<number>& x) {
  double sum = 0;
  for (const number& v : x) sum += std::norm(v);
  return std::sqrt(sum);
}

// Column i of a block holds x times (i + 1).
template <class T>
struct block {
  static constexpr index_t width = ir::column_fft<T>::width;
  ir::queue q;
  ir::scratch memory;
  T* at;

  explicit block(const ir::column_fft<T>& f)
      : memory(q, f.block_bytes()), at(static_cast<T*>(memory.data())) {}
  void set(const std::vector<number>& x) {
    for (std::size_t r = 0; r < x.size(); ++r)
      for (index_t i = 0; i < width; ++i) {
        T* const row = at + static_cast<index_t>(r) * 2 * width;
        row[i] = T(x[r].real() * static_cast<double>(i + 1));
        row[width + i] = T(x[r].imag() * static_cast<double>(i + 1));
      }
  }
  number get(index_t r, index_t i) const {
    const T* const row = at + r * 2 * width;
    return number(row[i], row[width + i]) / static_cast<double>(i + 1);
  }
};

template <class T>
void check_length(index_t n, double tolerance) {
  const std::vector<number> x = some_numbers(n);
  const ir::column_fft<T> fft(n);
  block<T> b(fft);
  b.set(x);

  fft.forward(b.at);
  std::vector<number> wrong;
  for (index_t r = 0; r < n; ++r) {
    number sum = 0;
    for (index_t j = 0; j < n; ++j)
      sum += x[static_cast<std::size_t>(j)] *
             std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(j * fft.frequency(r) % n) /
                                 static_cast<double>(n));
    for (const index_t i : {index_t{0}, block<T>::width - 1}) wrong.push_back(b.get(r, i) - sum);
  }
  BOOST_TEST(norm(wrong) <= tolerance * std::sqrt(2.0 * static_cast<double>(n)) * norm(x));

  fft.inverse(b.at);
  std::vector<number> changed;
  for (index_t r = 0; r < n; ++r)
    changed.push_back(b.get(r, 1) / static_cast<double>(n) - x[static_cast<std::size_t>(r)]);
  BOOST_TEST(norm(changed) <= tolerance * norm(x));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(column_fft)

BOOST_AUTO_TEST_CASE(agrees_with_the_sum_at_every_length_to_64_and_some_beyond) {
  for (index_t n = 1; n <= 64; ++n) BOOST_TEST_CONTEXT("n = " << n) {
      check_length<float>(n, 6e-7);
      check_length<double>(n, 2e-15);
    }
  for (const index_t n : {96, 127, 210, 288, 343, 500, 509}) BOOST_TEST_CONTEXT("n = " << n) {
      check_length<float>(n, 1e-6);
      check_length<double>(n, 4e-15);
    }
}

BOOST_AUTO_TEST_CASE(rows_hold_each_frequency_once) {
  for (const index_t n : {1, 12, 35, 37, 144}) {
    const ir::column_fft<float> fft(n);
    std::vector<int> seen(static_cast<std::size_t>(n), 0);

    for (index_t r = 0; r < n; ++r) ++seen[static_cast<std::size_t>(fft.frequency(r))];

    BOOST_TEST(seen == std::vector<int>(static_cast<std::size_t>(n), 1),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(load_and_store_are_inverse_and_keep_what_lies_between) {
  constexpr index_t width = ir::column_fft<double>::width, stride = width + 3;
  const ir::column_fft<double> fft(5);
  block<double> b(fft);
  std::vector<double> from(5 * stride * 2), to(from.size(), -1.0);
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<double>(i);

  fft.load(from.data(), stride, 5, b.at);
  fft.store(b.at, 5, to.data(), stride);

  for (index_t r = 0; r < 5; ++r)
    for (index_t i = 0; i < 2 * stride; ++i) {
      const auto at = static_cast<std::size_t>(r * 2 * stride + i);
      BOOST_TEST(to[at] == (i < 2 * width ? from[at] : -1.0));
    }
}

BOOST_AUTO_TEST_SUITE_END()

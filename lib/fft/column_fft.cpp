#include "fft/column_fft.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/device.hpp"
#include "fft/butterfly.hpp"
#include "fft/plan.hpp"

namespace ir {
namespace {

using butterfly::pair;

// exp(-i pi k / half) for any k, exact at multiples of a quarter turn.
std::array<double, 2> turned_by(index_t k, index_t half) {
  const double a =
      std::numbers::pi * static_cast<double>(k % (2 * half)) / static_cast<double>(half);
  return {std::cos(a), -std::sin(a)};
}

// The radices of a fast length: as few passes as possible, by the measured cost of each.
std::vector<int> radices_of(index_t n) {
  std::array<int, 8> powers{};
  for (const int p : {2, 3, 5, 7})
    for (; n % p == 0; n /= p) ++powers[static_cast<std::size_t>(p)];
  std::vector<int> best;
  double least = 0;
  for (int sixes = 0; sixes <= std::min(powers[2], powers[3]); ++sixes)
    for (int eights = 0; eights <= (powers[2] - sixes) / 3; ++eights) {
      const int twos = powers[2] - sixes - 3 * eights, threes = powers[3] - sixes;
      const int fours = twos / 2;
      const double cost =
          1.75 * eights + 1.5 * sixes + 1.2 * fours + 1.0 * (twos % 2) + 1.15 * threes;
      if (least != 0 && cost >= least) continue;
      least = cost;
      best.assign(static_cast<std::size_t>(eights), 8);
      best.insert(best.end(), static_cast<std::size_t>(sixes), 6);
      best.insert(best.end(), static_cast<std::size_t>(twos / 2), 4);
      best.insert(best.end(), static_cast<std::size_t>(threes), 3);
      best.insert(best.end(), static_cast<std::size_t>(twos % 2), 2);
    }
  best.insert(best.end(), static_cast<std::size_t>(powers[7]), 7);
  best.insert(best.end(), static_cast<std::size_t>(powers[5]), 5);
  return best;
}

}  // namespace

template <class T>
column_fft<T>::column_fft(index_t n)
    : n_(n),
      rows_(is_fast_length(n) ? n : fast_length(2 * n - 1, device{})),
      level_(detail::column_functions_in_use<T>()) {
  plan_stages(rows_);
  if (rows_ != n_) plan_chirp();
}

template <class T>
void column_fft<T>::plan_stages(index_t length) {
  frequency_.assign(1, 0);
  index_t span = length, done = 1;
  for (const int radix : radices_of(length)) {
    const index_t apart = span / radix;
    detail::column_stage<T> s{radix, span, {}};
    for (index_t j = 0; j < apart; ++j)
      for (int q = 1; q < radix; ++q)
        for (const double part : turned_by(2 * j * q, span)) s.twiddle.push_back(T(part));
    stages_.push_back(std::move(s));
    // Block q of a butterfly holds the frequencies that are q modulo the radix.
    std::vector<index_t> next;
    for (const index_t k : frequency_)
      for (int q = 0; q < radix; ++q) next.push_back(k + q * done);
    frequency_ = std::move(next);
    done *= radix;
    span = apart;
  }
}

// X[k] = w[k] sum_j (x[j] w[j]) conj(w[k - j]) with w[j] = exp(-i pi j^2 / n): a convolution.
template <class T>
void column_fft<T>::plan_chirp() {
  const auto reals = static_cast<std::size_t>(rows_ * row_reals);
  // One block as large as the work blocks; all its columns are the same.
  void* memory = ::operator new (reals * sizeof(T), std::align_val_t{64});
  T* const block = static_cast<T*>(memory);
  std::fill(block, block + reals, T(0));
  for (index_t j = 0; j < n_; ++j) {
    const auto [re, im] = turned_by(j * j % (2 * n_), n_);
    chirp_.push_back(T(re));
    chirp_.push_back(T(im));
    for (const index_t row : {j, (rows_ - j) % rows_})
      for (index_t i = 0; i < width; ++i) {
        block[row * row_reals + i] = T(re);
        block[row * row_reals + width + i] = T(-im);
      }
  }
  level_->forward(block, rows_, stages_.data(), stages_.size());
  for (index_t r = 0; r < rows_; ++r)
    for (index_t part = 0; part < 2; ++part)
      chirp_spectrum_.push_back(block[r * row_reals + part * width] / T(rows_));
  ::operator delete (memory, std::align_val_t{64});
  frequency_.resize(static_cast<std::size_t>(n_));
  for (index_t k = 0; k < n_; ++k) frequency_[static_cast<std::size_t>(k)] = k;
}

namespace {

// Rows times one complex factor each. sign -1 conjugates the factors.
template <class T>
void scale_rows(T* block, const std::vector<T>& factors, T sign) {
  constexpr index_t width = column_fft<T>::width;
  for (std::size_t r = 0; r < factors.size() / 2; ++r, block += 2 * width) {
    const pair<T> f{factors[2 * r], sign * factors[2 * r + 1]};
    for (index_t i = 0; i < width; ++i) {
      const pair<T> y = pair<T>{block[i], block[width + i]} * f;
      block[i] = y.re;
      block[width + i] = y.im;
    }
  }
}

template <class T>
void conjugate_rows(T* block, index_t rows) {
  constexpr index_t width = column_fft<T>::width;
  for (index_t r = 0; r < rows; ++r)
    for (index_t i = 0; i < width; ++i) block[r * 2 * width + width + i] *= T(-1);
}

}  // namespace

template <class T>
void column_fft<T>::forward(T* block) const noexcept {
  if (rows_ == n_) return level_->forward(block, n_, stages_.data(), stages_.size());
  scale_rows(block, chirp_, T(1));
  std::fill(block + n_ * row_reals, block + rows_ * row_reals, T(0));
  level_->forward(block, rows_, stages_.data(), stages_.size());
  scale_rows(block, chirp_spectrum_, T(1));
  level_->inverse(block, rows_, stages_.data(), stages_.size());
  scale_rows(block, chirp_, T(1));
}

template <class T>
void column_fft<T>::inverse(T* block) const noexcept {
  if (rows_ == n_) return level_->inverse(block, n_, stages_.data(), stages_.size());
  conjugate_rows(block, n_);
  forward(block);
  conjugate_rows(block, n_);
}

template <class T>
void column_fft<T>::load(const T* from, index_t stride, index_t rows, T* block) const noexcept {
  level_->load(from, stride, rows, block);
}

template <class T>
void column_fft<T>::store(const T* block, index_t rows, T* to, index_t stride) const noexcept {
  level_->store(block, rows, to, stride);
}

template <class T>
void column_fft<T>::multiply(T* block, const T* table, factor how) const noexcept {
  level_->multiply(block, table, n_, how == factor::plain ? T(1) : T(-1));
}

template class column_fft<float>;
template class column_fft<double>;

}  // namespace ir

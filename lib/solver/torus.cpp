#include "solver/torus.hpp"

#include <cmath>
#include <numbers>

namespace ir::detail {
namespace {

index_t round_up(index_t n, index_t to) { return (n + to - 1) / to * to; }

double symbol(index_t k, index_t n) {
  return 2 - 2 * std::cos(2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n));
}

}  // namespace

template <class T>
torus<T>::torus(queue& q, index_t channels, index_t ny, index_t nx, precision type,
                index_t job_reals)
    : channels_(channels),
      ny_(ny),
      nx_(nx),
      pitch_(round_up(nx / 2 + 1, width)),
      blocks_(pitch_ / width),
      units_((ny + batch - 1) / batch),
      along_y_(ny),
      type_(type),
      whole_(plans_for(batch)),
      rest_(plans_for(ny % batch)) {
  const index_t reals = std::max(job_reals, batch * round_up(nx, width));
  slot_bytes_ = round_up(std::max(reals * index_t{sizeof(T)}, 2 * along_y_.block_bytes()), 64);
  slots_.reset(q, real_type(type), shape{most_jobs * slot_bytes_ / index_t{sizeof(T)}});
}

template <class T>
auto torus<T>::plans_for(index_t rows) const -> plan_pair {
  if (rows == 0) return {};
  const auto plan = [&](fft_kind what, index_t from, index_t to) {
    return fft_plan::get({what, type_, {{nx_, 1, 1}}, {{rows, from, to}}}, device{});
  };
  return {plan(fft_kind::r2c, nx_, pitch_), plan(fft_kind::c2r, pitch_, nx_)};
}

template <class T>
array torus<T>::spectrum(queue& q) const {
  array a(q, real_type(type_), shape{channels_ * ny_ * pitch_ * 2});
  std::fill_n(static_cast<T*>(a.get().data), a.get().extents.count(), T(0));
  return a;
}

template <class T>
std::vector<T> torus<T>::symbol_y() const {
  std::vector<T> s;
  for (index_t r = 0; r < ny_; ++r) s.push_back(T(symbol(along_y_.frequency(r), ny_)));
  return s;
}
template <class T>
std::vector<T> torus<T>::symbol_x() const {
  std::vector<T> s;
  for (index_t k = 0; k < pitch_; ++k) s.push_back(T(symbol(k, nx_)));
  return s;
}

template <class T>
void torus<T>::forth(queue& q, T* rows, index_t row, index_t count, array& spectrum) const {
  const auto& plan = (count == batch ? whole_ : rest_)[0];
  plan->consume(q, ref(rows, real_type(type_), shape{count * nx_}, device{}),
                ref(row_of(spectrum, row), complex_type(type_), shape{count * pitch_}, device{}));
}

template <class T>
void torus<T>::back(queue& q, array& spectrum, index_t row, index_t count, T* rows) const {
  const auto& plan = (count == batch ? whole_ : rest_)[1];
  plan->consume(q, ref(row_of(spectrum, row), complex_type(type_), shape{count * pitch_}, device{}),
                ref(rows, real_type(type_), shape{count * nx_}, device{}));
}

template class torus<float>;
template class torus<double>;

}  // namespace ir::detail

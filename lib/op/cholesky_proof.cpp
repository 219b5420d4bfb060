#include "op/cholesky_proof.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "op/algebra.hpp"
#include "op/bidiagonalisation.hpp"

namespace ir::detail {
namespace {

double unit(precision p) {
  return p == precision::f32 ? std::numeric_limits<float>::epsilon()
                             : std::numeric_limits<double>::epsilon();
}

// All reals of an element, gaps included, on the host.
template <class V>
basic_ref<V> flat(const basic_vec<V>& v) {
  return {v.data(), real_type(v.type()), shape{v.in().size()}, v.where()};
}
void load(queue& q, cvec x, std::vector<double>& host) {
  host.resize(static_cast<std::size_t>(x.in().size()));
  copy(q, flat(x), ref(host.data(), dtype::f64, shape{x.in().size()}));
  q.synchronize();
}
void store(queue& q, const std::vector<double>& host, vec x) {
  copy(q, cref(host.data(), dtype::f64, shape{x.in().size()}), flat(x));
  q.synchronize();
}

// In place; false: not positive definite.
bool factorise(std::vector<double>& m, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) {
    double* row = &m[j * n];
    for (std::size_t k = 0; k < j; ++k) {
      const double* other = &m[k * n];
      double sum = row[k];
      for (std::size_t i = 0; i < k; ++i) sum -= row[i] * other[i];
      row[k] = sum / other[k];
    }
    double d = row[j];
    for (std::size_t i = 0; i < j; ++i) d -= row[i] * row[i];
    if (!(d > 0)) return false;
    row[j] = std::sqrt(d);
  }
  return true;
}

// Where the reals of an element lie in its buffer.
std::vector<std::size_t> places_of(const space& s) {
  std::vector<std::size_t> all;
  for (const space::block& b : s.blocks()) {
    const index_t n = b.extents.count() * (b.of == field::complex ? 2 : 1);
    for (index_t i = 0; i < n; ++i) all.push_back(static_cast<std::size_t>(b.offset + i));
  }
  return all;
}

// A^H A of `A`, row by row: its images of the unit vectors.
std::vector<double> gram_matrix(queue& q, const linear_operator& A, precision p) {
  const std::vector<std::size_t> places = places_of(A.domain());
  const std::size_t n = places.size();
  std::vector<double> gram(n * n), host(static_cast<std::size_t>(A.domain().size()));
  owned_vec x(q, A.domain(), p), z(q, A.domain(), p);
  for (std::size_t i = 0; i < n; ++i) {
    q.poll();
    std::ranges::fill(host, 0.0);
    host[places[i]] = 1;
    store(q, host, x);
    A.normal(q, x, z);
    load(q, z, host);
    for (std::size_t j = 0; j < n; ++j) gram[i * n + j] = host[places[j]];
  }
  return gram;
}

}  // namespace

bool proved_by_cholesky(queue& q, const linear_operator& A, precision p, double u) {
  // A view for the smaller Gram matrix; it borrows A.
  const op_ptr borrowed(&A, [](const linear_operator*) {});
  const bool tall = real_count(A.domain()) <= real_count(A.range());
  const op_ptr narrow = tall ? borrowed : adjoint(borrowed);
  q.reserve(narrow->scratch_bytes(p));
  std::vector<double> m = gram_matrix(q, *narrow, p);
  const auto n = static_cast<std::size_t>(real_count(narrow->domain()));
  // Rounding of the factorisation and of the matrix itself.
  const double slack =
      4 * static_cast<double>(n + 8) * std::numeric_limits<double>::epsilon() + 64 * unit(p);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      const double mean = (m[i * n + j] + m[j * n + i]) / 2;
      m[i * n + j] = (i == j ? u * u * (1 - slack) : 0) - mean;
    }
  return factorise(m, n);
}

}  // namespace ir::detail

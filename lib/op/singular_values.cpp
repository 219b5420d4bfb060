#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "op/bidiagonalisation.hpp"
#include "op/norm_bounds.hpp"

namespace ir {
namespace {

using vectors = bidiagonalisation::vectors;

bool all_complex(const space& s) {
  return std::ranges::all_of(s.blocks(),
                             [](const space::block& b) { return b.of == field::complex; });
}

// i x, complex numbers as pairs.
std::unique_ptr<owned_vec> turned(queue& q, cvec x) {
  auto y = std::make_unique<owned_vec>(q, x.in(), x.type());
  const shape n{x.in().size()};
  std::vector<double> host(static_cast<std::size_t>(x.in().size()));
  const dtype real = real_type(x.type());
  copy(q, cref(x.data(), real, n, x.where()), ref(host.data(), dtype::f64, n));
  q.synchronize();
  for (std::size_t i = 0; i + 1 < host.size(); i += 2) {
    std::swap(host[i], host[i + 1]);
    host[i] = -host[i];
  }
  copy(q, cref(host.data(), dtype::f64, n), ref(vec(*y).data(), real, n, x.where()));
  q.synchronize();
  return y;
}

// Eigenvalues of a symmetric matrix, largest first, by Jacobi rotations.
std::vector<double> eigenvalues(std::vector<std::vector<double>> m) {
  const std::size_t n = m.size();
  for (int sweep = 0; sweep < 30; ++sweep)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i + 1; j < n; ++j) {
        if (m[i][j] == 0) continue;
        const double theta = (m[j][j] - m[i][i]) / (2 * m[i][j]);
        const double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        for (std::size_t k = 0; k < n; ++k) {
          const double a = m[k][i], b = m[k][j];
          m[k][i] = c * a - s * b;
          m[k][j] = s * a + c * b;
        }
        for (std::size_t k = 0; k < n; ++k) {
          const double a = m[i][k], b = m[j][k];
          m[i][k] = c * a - s * b;
          m[j][k] = s * a + c * b;
        }
      }
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(m[i][i]);
  std::ranges::sort(values, std::greater());
  return values;
}

struct found_vector {
  std::unique_ptr<owned_vec> vector;
  double upper;
  index_t steps;
};

// The largest singular value of A on the complement of `locked`.
found_vector next_vector(queue& q, const linear_operator& A, precision p, const vectors& locked,
                         const norm_options& o) {
  owned_vec start(q, A.domain(), p);
  fill_gaussian(q, o.seed + locked.size(), start);
  bidiagonalisation lanczos(q, A, start, bidiagonalisation::orthogonality::full, &locked);
  const double share = random_share(real_count(A.domain()) - std::ssize(locked), o.failure);
  double upper = 0;
  while (lanczos.steps() < o.most_steps && lanczos.step(q)) {
    const double ritz = largest_eigenvalue(lanczos.lanczos());
    upper = std::sqrt(largest_eigenvalue_bound(lanczos.lanczos(), share));
    // The vector's own value is as good as the square of its error: half the width is left for it.
    if (upper <= (1 + o.width / 4) * std::sqrt(ritz)) break;
  }
  const double ritz = largest_eigenvalue(lanczos.lanczos());
  auto x = std::make_unique<owned_vec>(q, A.domain(), p);
  lanczos.combine(q, eigenvector(lanczos.lanczos(), ritz), *x);
  const double length = inner_product().norm(q, *x);
  if (length > 0) scale(q, 1 / length, *x);
  return {std::move(x), upper, lanczos.steps()};
}

}  // namespace

std::vector<bound> singular_values(queue& q, const linear_operator& A, precision p, index_t count,
                                   const norm_options& o) {
  const bool complex = all_complex(A.domain()) && all_complex(A.range());
  const double rounding = p == precision::f32 ? 1e-5 : 1e-12;
  const inner_product product;
  vectors locked, images;
  std::vector<bound> all;
  q.reserve(A.scratch_bytes(p));
  while (std::ssize(all) < count && std::ssize(locked) < real_count(A.domain())) {
    found_vector f = next_vector(q, A, p, locked, o);
    auto image = std::make_unique<owned_vec>(q, A.range(), p);
    A.apply(q, *f.vector, *image);
    all.push_back({0, f.upper * (1 + rounding),
                   fmt::format("Lanczos iteration, {} steps: fails with a probability of at most "
                               "{:g}",
                               f.steps, o.failure)});
    // A complex matrix of reals has each singular value twice: of x and of i x.
    auto partner = complex ? turned(q, *f.vector) : nullptr;
    auto its_image = complex ? turned(q, *image) : nullptr;
    locked.push_back(std::move(f.vector));
    images.push_back(std::move(image));
    if (!complex) continue;
    locked.push_back(std::move(partner));
    images.push_back(std::move(its_image));
  }
  std::vector<std::vector<double>> gram(images.size(), std::vector<double>(images.size()));
  for (std::size_t i = 0; i < images.size(); ++i)
    for (std::size_t j = 0; j < images.size(); ++j)
      gram[i][j] = product.dot(q, *images[i], *images[j]);
  const std::vector<double> ritz = eigenvalues(gram);
  const std::size_t times = complex ? 2 : 1;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) all[i].upper = std::min(all[i].upper, all[i - 1].upper);
    all[i].lower = std::min(std::sqrt(std::max(0.0, ritz[times * i + times - 1])) * (1 - rounding),
                            all[i].upper);
  }
  return all;
}

}  // namespace ir

#include "solver/tv_blur_term.hpp"

#include <algorithm>
#include <vector>

#include "fft/plan.hpp"
#include "op/algebra.hpp"

namespace ir::detail {
namespace {

const blur_kernel* kernel_of(const op_ptr& A) {
  const auto* blur = dynamic_cast<const known_blur*>(A.get());
  const blur_kernel* k = blur != nullptr ? blur->kernel() : nullptr;
  return k != nullptr && k->extents.rank() <= 2 ? k : nullptr;
}

}  // namespace

std::optional<blurred_data> blurred_data_of(const term& t) {
  if (!t.A || !t.f->quadratic()) return {};
  if (const blur_kernel* k = kernel_of(t.A)) return blurred_data{k, t.A, nullptr};
  const std::span<const op_ptr> factors = t.A->parts();
  if (t.A->name() != "product" || factors.size() < 2) return {};
  const blur_kernel* const k = kernel_of(factors.back());
  if (k == nullptr) return {};
  op_ptr S;
  for (const op_ptr& A : factors.first(factors.size() - 1)) {
    if (!A->properties().selects) return {};
    S = S ? compose(S, A) : A;
  }
  return blurred_data{k, factors.back(), S};
}

index_t torus_axis::copies_of(index_t element) const { return std::ranges::count(source, element); }

torus_axis torus_axis_of(index_t n, index_t taps, boundary rule) {
  const bool round = rule == boundary::circular;
  const index_t after = round ? 0 : taps / 2, before = round ? 0 : taps - 1 - taps / 2;
  torus_axis axis{n, round ? n : fast_length(n + before + after, device{}), {}};
  const line_extension line{n, axis.length, before, after, rule};
  for (index_t p = 0; p < axis.length; ++p)
    axis.source.push_back(p >= n + after && p < axis.length - before ? torus_axis::free
                                                                     : line.source(p));
  return axis;
}

}  // namespace ir::detail

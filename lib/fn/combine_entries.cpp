// What the expression language makes of functionals in functionals.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fn/combine.hpp"
#include "fn/registry.hpp"

namespace ir {
namespace {

/// `a` in every part of an element over a's extents, as masks are.
owned_vec repeated(queue& q, const loaded_array& a, const space& x, precision p) {
  require_trailing_axes(x, a);
  if (a.of != x.blocks()[0].of)
    throw shape_error(fmt::format("{} is real, x ({}) is complex", a.described(), to_string(x)));
  if (!std::ranges::all_of(a.values, [](double v) { return std::isfinite(v); }))
    throw data_error(fmt::format("{} has values that are NaN or infinite", a.described()));
  std::vector<double> values;
  const index_t times = x.blocks()[0].extents.count() / a.extents.count();
  for (index_t i = 0; i < times; ++i) values.insert(values.end(), a.values.begin(), a.values.end());
  owned_vec out(q, x, p);
  const dtype from = a.of == field::complex ? dtype::c128 : dtype::f64;
  copy(q, cref(values.data(), from, x.blocks()[0].extents), vec(out).block());
  q.synchronize();
  return out;
}

using kind = argument_kind;

const registered<fn_entry> envelope_entry{
    {"envelope",
     "the Moreau envelope of a functional, min_z f(z) + ||x - z||^2 / (2 mu): smooth, with the "
     "same least value; envelope(l21, mu) * gradient is total variation with rounded corners",
     {{"f", kind::functional, "a functional of x itself with a prox"},
      {"mu", kind::number, "how far it is rounded, in units of x, > 0"}},
     [](auto a) -> term_spec {
       const double mu = number(a[1]);
       if (!(mu > 0)) throw usage_error(fmt::format("envelope with mu {}: above 0 is needed", mu));
       return {1, functional_of(
                      [f = functional_operand(a[0]), mu](const space& x, precision p, queue& q) {
                        return moreau_envelope(f->build(x, p, q), mu);
                      })};
     }}};

const registered<fn_entry> shift_entry{
    {"shift",
     "a functional of x - c: shift(square, @prior) pulls x to a prior image",
     {{"f", kind::functional, "a functional of x itself"}, {"c", kind::array, "x's trailing axes"}},
     [](auto a) -> term_spec {
       return {1, functional_of([f = functional_operand(a[0]), c = loaded(a[1])](
                                    const space& x, precision p, queue& q) {
                 return shifted(q, f->build(x, p, q), repeated(q, *c, x, p));
               })};
     }}};

}  // namespace
}  // namespace ir

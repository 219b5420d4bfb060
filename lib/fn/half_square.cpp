#include "fn/half_square.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/blas1.hpp"
#include "fn/extremes.hpp"
#include "fn/registry.hpp"

namespace ir {
namespace {

abilities of_square(double least, double most) {
  return {.gradient = true,
          .prox = offer::exact,
          .diagonal_step = true,
          .conjugate = true,
          .lipschitz = bound{most, most, "weight times the largest diagonal entry"},
          .strong = least};
}

owned_vec copy_of(queue& q, const space& in, cvec x) {
  if (x.in() != in)
    throw shape_error(fmt::format("data of a quadratic are {}, its space is {}", to_string(x.in()),
                                  to_string(in)));
  owned_vec v(q, in, x.type());
  copy(q, x, v);
  return v;
}

}  // namespace

half_square::half_square(const space& in, double weight) : half_square(in, nullptr, weight) {}

half_square::half_square(queue& q, const space& in, const data& d, double weight)
    : half_square(in, tables_of(q, in, d), weight) {}

half_square::half_square(const space& in, std::shared_ptr<const tables> t, double weight)
    : pointwise(detail::weighted_name("l2^2/2", weight), in,
                of_square(weight * (t ? t->least : 1), weight * (t ? t->most : 1)),
                t ? std::optional(placement{t->type, t->where}) : std::nullopt),
      tables_(std::move(t)),
      weight_(weight) {}

std::shared_ptr<const half_square::tables> half_square::tables_of(queue& q, const space& in,
                                                                  const data& d) {
  if (!d.centre && !d.diagonal) return nullptr;
  const cvec any = d.centre ? *d.centre : *d.diagonal;
  if (d.centre && d.diagonal && d.centre->type() != d.diagonal->type())
    throw usage_error("centre and diagonal of a quadratic differ in precision");
  auto t = std::make_shared<tables>(tables{{}, {}, any.type(), any.where(), 1, 1});
  if (d.centre) t->centre.emplace(copy_of(q, in, *d.centre));
  if (d.diagonal) {
    t->diagonal.emplace(copy_of(q, in, *d.diagonal));
    const extremes all = extremes_of(q, *t->diagonal);
    if (!(all.least >= 0) || !std::isfinite(all.most))
      throw data_error(fmt::format(
          "weights of a quadratic from {:.4g} to {:.4g}: finite ones, at least 0, are expected",
          all.least, all.most));
    t->least = all.least, t->most = all.most;
  }
  return t;
}

std::optional<quadratic_form> half_square::do_quadratic() const {
  quadratic_form form{weight_};
  if (tables_ && tables_->diagonal) form.diagonal = *tables_->diagonal;
  if (tables_ && tables_->centre) form.centre = *tables_->centre;
  return form;
}

fn_ptr half_square::do_times(double factor) const {
  return fn_ptr(new half_square(domain(), tables_, factor * weight_));
}

namespace {

const registered<fn_entry> entry{
    {"square", "half the squared norm, ||x||^2 / 2", {}, [](auto) -> term_spec {
       return {1, functional_of([](const space& x, precision, queue&) {
                 return std::make_shared<half_square>(x);
               })};
     }}};

}  // namespace
}  // namespace ir

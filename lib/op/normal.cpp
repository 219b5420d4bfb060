#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "op/algebra.hpp"
#include "op/algebra_parts.hpp"

namespace ir {
namespace {

struct extremes {
  double least = std::numeric_limits<double>::infinity(), most = 0;
};

// Over the reals of all blocks, gaps left out.
extremes extremes_of(queue& q, cvec w) {
  extremes e;
  for (int i = 0; i < static_cast<int>(w.in().blocks().size()); ++i) {
    const cref b = w.block(i);
    const index_t n = b.extents.count() * (is_complex(b.type) ? 2 : 1);
    std::vector<double> v(static_cast<std::size_t>(n));
    copy(q, cref(b.data, real_type(w.type()), shape{n}, b.where),
         ref(v.data(), dtype::f64, shape{n}));
    q.synchronize();
    for (const double a : v) {
      if (!(a >= 0) || a == std::numeric_limits<double>::infinity())
        throw usage_error(fmt::format("a weight of {}: finite and at least 0 is expected", a));
      e = {std::min(e.least, a), std::max(e.most, a)};
    }
  }
  return e;
}

class normal_operator final : public linear_operator {
 public:
  explicit normal_operator(op_ptr A)
      : linear_operator(A->domain(), A->domain(), traits_of(A->properties(), true)), part_{A} {}
  normal_operator(queue& q, op_ptr A, cvec w)
      : linear_operator(A->domain(), A->domain(), traits_of(A->properties(), false),
                        placement{w.type(), w.where()}),
        part_{A},
        range_(extremes_of(q, w)) {
    weight_.emplace(q, A->range(), w.type());
    copy(q, w, *weight_);
    q.synchronize();
  }

 private:
  static traits traits_of(const traits& a, bool plain) {
    traits t{.self_adjoint = true, .positive = true, .diagonal = a.diagonal};
    t.fourier_diagonal = plain && a.convolution_bank;
    t.nonnegative = a.nonnegative;
    if (plain && a.isometric) t.isometric = *a.isometric * *a.isometric;
    return t;
  }
  void do_apply(queue& q, cvec x, vec y, mode how) const override {
    std::optional<cvec> w;
    if (weight_) w = *weight_;
    if (how == mode::set) return part_[0]->normal(q, x, y, w);
    const scratch_vec t(q, domain(), x.type());
    part_[0]->normal(q, x, t, w);
    axpby(q, 1, t, 1, y);
  }
  void do_adjoint(queue& q, cvec y, vec x, mode how) const override { do_apply(q, y, x, how); }
  std::optional<bound> do_norm() const override {
    const auto b = part_[0]->norm();
    if (!b) return {};
    return bound{range_.least * b->lower * b->lower, range_.most * b->upper * b->upper,
                 "square of: " + b->how};
  }
  std::string do_name() const override { return "normal"; }
  std::span<const op_ptr> do_parts() const override { return part_; }
  index_t do_scratch(precision p) const override {
    return part_[0]->scratch_bytes(p) + scratch_bytes_of(domain(), p);
  }

  op_ptr part_[1];
  extremes range_{1, 1};
  std::optional<owned_vec> weight_;
};

}  // namespace

op_ptr normal(op_ptr A) {
  detail::check_operands({A}, "a normal operator");
  return std::make_shared<normal_operator>(std::move(A));
}

op_ptr normal(queue& q, op_ptr A, cvec weight) {
  detail::check_operands({A}, "a normal operator");
  if (weight.in() != A->range())
    throw shape_error(fmt::format("a weight of {} for an operator with range {}",
                                  to_string(weight.in()), to_string(A->range())));
  return std::make_shared<normal_operator>(q, std::move(A), weight);
}

}  // namespace ir

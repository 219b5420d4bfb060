#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "op/algebra.hpp"
#include "op/algebra_parts.hpp"

// Sums, stacks and block diagonals: part i takes the whole domain or its slice i, and gives to the
// whole range or its slice i.
namespace ir {
namespace {

enum class side : std::uint8_t { whole, sliced };

using parts_list = std::vector<op_ptr>;
using space_of = const space& (linear_operator::*)() const;

space product_of(const parts_list& parts, space_of which) {
  space all = ((*parts[0]).*which)();
  for (std::size_t i = 1; i < parts.size(); ++i) all = all | ((*parts[i]).*which)();
  return all;
}

space joined(const parts_list& parts, space_of which, side s) {
  return s == side::sliced ? product_of(parts, which) : ((*parts[0]).*which)();
}

template <class Trait>
bool all(const parts_list& parts, Trait trait) {
  return std::ranges::all_of(parts, [&](const op_ptr& A) { return A->properties().*trait; });
}

using constant = std::optional<double> traits::*;

std::optional<double> sum_of(const parts_list& parts, constant which) {
  double sum = 0;
  for (const op_ptr& A : parts) {
    if (!(A->properties().*which)) return {};
    sum += *(A->properties().*which);
  }
  return sum;
}
std::optional<double> common(const parts_list& parts, constant which) {
  for (const op_ptr& A : parts)
    if (A->properties().*which != parts[0]->properties().*which) return {};
  return parts[0]->properties().*which;
}

traits infer(const parts_list& parts, side from, side to) {
  traits t;
  t.nonnegative = all(parts, &traits::nonnegative);
  t.convolution_bank = from == side::whole && all(parts, &traits::convolution_bank);
  if (from == to) {
    t.self_adjoint = all(parts, &traits::self_adjoint);
    t.positive = all(parts, &traits::positive);
    t.diagonal = all(parts, &traits::diagonal);
  }
  if (from == side::sliced && to == side::sliced) {
    t.unitary = all(parts, &traits::unitary);
    t.semi_orthogonal = common(parts, &traits::semi_orthogonal);
    t.isometric = common(parts, &traits::isometric);
    t.constant = common(parts, &traits::constant);
  } else if (from == side::sliced) {
    t.constant = sum_of(parts, &traits::constant);
    t.semi_orthogonal = sum_of(parts, &traits::semi_orthogonal);
  } else if (to == side::sliced) {
    t.constant = common(parts, &traits::constant);
    t.isometric = sum_of(parts, &traits::isometric);
  } else {
    t.constant = sum_of(parts, &traits::constant);
    t.fourier_diagonal = all(parts, &traits::fourier_diagonal);
  }
  return t;
}

std::optional<bound> sum_bound(const parts_list& parts) {
  double upper = 0;
  for (const op_ptr& A : parts) {
    const auto b = A->norm();
    if (!b) return {};
    upper += b->upper;
  }
  double lower = 0;
  const bool positive = all(parts, &traits::positive);
  for (const op_ptr& A : parts) {
    const bound b = *A->norm();
    lower = std::max(lower, positive ? b.lower : b.lower - (upper - b.upper));
  }
  return bound{lower, upper, "sum of the terms' bounds"};
}

// ||A 1||^2 / ||1||^2 of parts over one another, as far as it is known.
double gain_of_a_constant(const parts_list& parts) {
  double square = 0;
  for (const op_ptr& A : parts)
    if (const auto s = A->properties().constant)
      square += *s * *s * static_cast<double>(real_count(A->range())) /
                static_cast<double>(real_count(A->domain()));
  return square * (1 - 1e-12);
}

// Of parts over (or beside) one another: those with `exact` c add c to the square of the norm of
// the others.
std::optional<bound> stack_bound(const parts_list& parts, constant exact) {
  double constants = 0, squares = 0, lower = 0;
  for (const op_ptr& A : parts) {
    if (const auto c = A->properties().*exact) {
      constants += *c;
      continue;
    }
    const auto b = A->norm();
    if (!b) return {};
    squares += b->upper * b->upper;
    lower = std::max(lower, b->lower * b->lower);
  }
  return bound{std::sqrt(constants + lower), std::sqrt(constants + squares),
               "root of the sum of the parts' squares"};
}

std::optional<bound> diagonal_bound(const parts_list& parts) {
  bound widest{0, 0, "largest of the blocks"};
  for (const op_ptr& A : parts) {
    const auto b = A->norm();
    if (!b) return {};
    widest.lower = std::max(widest.lower, b->lower);
    widest.upper = std::max(widest.upper, b->upper);
  }
  return widest;
}

class block_operator final : public linear_operator {
 public:
  block_operator(parts_list parts, side from, side to)
      : linear_operator(joined(parts, &linear_operator::domain, from),
                        joined(parts, &linear_operator::range, to), infer(parts, from, to)),
        parts_(std::move(parts)),
        from_(from),
        to_(to) {
    index_t in = 0, out = 0;
    for (const op_ptr& A : parts_) {
      first_in_.push_back(static_cast<int>(in));
      first_out_.push_back(static_cast<int>(out));
      in += std::ssize(A->domain().blocks());
      out += std::ssize(A->range().blocks());
    }
  }

 private:
  template <class V>
  static V part_of(V whole, side s, int first, const space& part) {
    return s == side::sliced ? whole.slice(first, part) : whole;
  }
  // Several parts into one whole: all but the first add.
  static mode mode_of(mode asked, side to, std::size_t i) {
    return to == side::whole && i > 0 ? mode::add : asked;
  }

  void do_apply(queue& q, cvec x, vec y, mode how) const override {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const linear_operator& A = *parts_[i];
      A.apply(q, part_of(x, from_, first_in_[i], A.domain()),
              part_of(y, to_, first_out_[i], A.range()), mode_of(how, to_, i));
    }
  }
  void do_adjoint(queue& q, cvec y, vec x, mode how) const override {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const linear_operator& A = *parts_[i];
      A.adjoint(q, part_of(y, to_, first_out_[i], A.range()),
                part_of(x, from_, first_in_[i], A.domain()), mode_of(how, from_, i));
    }
  }
  std::optional<bound> do_norm() const override {
    if (from_ == to_) return from_ == side::whole ? sum_bound(parts_) : diagonal_bound(parts_);
    if (from_ == side::sliced) return stack_bound(parts_, &traits::semi_orthogonal);
    std::optional<bound> b = stack_bound(parts_, &traits::isometric);
    if (b) b->lower = std::clamp(std::sqrt(gain_of_a_constant(parts_)), b->lower, b->upper);
    return b;
  }
  void do_learn(const bound& b) const override {
    if (from_ == to_ && from_ == side::whole) return;  // terms of a sum may cancel
    for (const op_ptr& A : parts_) A->learn_norm({0, b.upper, "part of: " + b.how});
  }
  std::string do_name() const override {
    if (from_ == to_) return from_ == side::whole ? "sum" : "block diagonal";
    return to_ == side::sliced ? "stack" : "side by side";
  }
  std::span<const op_ptr> do_parts() const override { return parts_; }
  index_t do_scratch(precision p) const override {
    index_t most = 0;
    for (const op_ptr& A : parts_) most = std::max(most, A->scratch_bytes(p));
    return most;
  }

  parts_list parts_;
  side from_, to_;
  std::vector<int> first_in_, first_out_;
};

void check_same(const parts_list& parts, space_of which, const char* what, const char* side_name) {
  const space& first = ((*parts[0]).*which)();
  for (const op_ptr& A : parts)
    if (((*A).*which)() != first)
      throw shape_error(fmt::format("{}: one part's {} is {}, another's is {}", what, side_name,
                                    to_string(first), to_string(((*A).*which)())));
}

op_ptr make_blocks(parts_list parts, side from, side to, const char* what) {
  detail::check_operands(parts, what);
  if (from == side::whole) check_same(parts, &linear_operator::domain, what, "domain");
  if (to == side::whole) check_same(parts, &linear_operator::range, what, "range");
  if (parts.size() == 1) return parts[0];
  return std::make_shared<block_operator>(std::move(parts), from, to);
}

}  // namespace

op_ptr sum(std::vector<op_ptr> parts) {
  return make_blocks(std::move(parts), side::whole, side::whole, "a sum");
}
op_ptr stack(std::vector<op_ptr> parts) {
  return make_blocks(std::move(parts), side::whole, side::sliced, "a stack");
}
op_ptr side_by_side(std::vector<op_ptr> parts) {
  return make_blocks(std::move(parts), side::sliced, side::whole, "operators side by side");
}
op_ptr block_diagonal(std::vector<op_ptr> parts) {
  return make_blocks(std::move(parts), side::sliced, side::sliced, "a block diagonal");
}

}  // namespace ir

#include "solver/row_action.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"
#include "fn/box.hpp"
#include "fn/extremes.hpp"
#include "fn/quotient.hpp"

namespace ir {
namespace {

void check_data(const op_ptr& A, cvec y) {
  if (y.in() != A->range())
    throw shape_error(fmt::format("the data are {}, the operator's range is {}", to_string(y.in()),
                                  to_string(A->range())));
}

// out = 1 / (A 1) or 1 / (A^H 1); 0 where the sum is 0.
void invert_sums(queue& q, const linear_operator& A, bool rows, precision type, vec out) {
  owned_vec ones(q, rows ? A.domain() : A.range(), type);
  owned_vec sums(q, rows ? A.range() : A.domain(), type);
  fill(q, 1, ones);
  if (rows)
    A.apply(q, ones, sums);
  else
    A.adjoint(q, ones, sums);
  const extremes all = extremes_of(q, sums);
  if (!(all.least >= -1e-5 * all.most))
    throw data_error(
        fmt::format("a sum of {} of the operator is {:.4g}: entries that are not "
                    "negative are expected",
                    rows ? "a row" : "a column", all.least));
  fill(q, 1, out);
  divide_into(q, out, sums, 1e-6 * all.most);
  copy(q, sums, out);
}

double relative(double change, double size) { return size > 0 ? change / size : change; }

}  // namespace

mlem::mlem(queue& q, op_ptr A, cvec y, const mlem_options& o)
    : A_(std::move(A)),
      likelihood_(q, y, o.background),
      background_(o.background),
      product_(o.product ? o.product : std::make_shared<inner_product>()),
      y_(q, y.in(), y.type()),
      x_(q, A_->domain(), y.type()),
      sensitivity_(q, A_->domain(), y.type()),
      factor_(q, A_->domain(), y.type()) {
  check_data(A_, y);
  copy(q, y, y_);
  invert_sums(q, *A_, false, y.type(), sensitivity_);
  if (o.start)
    copy(q, *o.start, x_);
  else
    fill(q, 1, x_);
}

void mlem::do_step(queue& q, iteration& now) {
  const scratch_vec ratio(q, A_->range(), cvec(y_).type());
  fill(q, background_, ratio);
  A_->apply(q, x_, ratio, mode::add);
  divide_into(q, y_, ratio);
  A_->adjoint(q, ratio, factor_);
  multiply(q, sensitivity_, factor_);
  multiply(q, x_, factor_);  // the new x
  now.change = std::sqrt(product_->axpby_square(q, 1, factor_, -1, x_));
  copy(q, factor_, x_);
  now.change = relative(*now.change, product_->norm(q, x_));
}

void mlem::do_evaluate(queue& q, iteration& now) const {
  const scratch_vec Ax(q, A_->range(), cvec(y_).type());
  A_->apply(q, x_, Ax);
  now.objective = likelihood_.value(q, Ax);
}

sirt::sirt(queue& q, op_ptr A, cvec y, const sirt_options& o)
    : A_(std::move(A)),
      relaxation_(o.relaxation),
      product_(o.product ? o.product : std::make_shared<inner_product>()),
      y_(q, y.in(), y.type()),
      x_(q, A_->domain(), y.type()),
      rows_(q, A_->range(), y.type()),
      columns_(q, A_->domain(), y.type()),
      step_(q, A_->domain(), y.type()) {
  check_data(A_, y);
  if (!(relaxation_ > 0 && relaxation_ < 2))
    throw usage_error(fmt::format("relaxation {}: between 0 and 2 is expected", relaxation_));
  if (std::isfinite(o.low) || std::isfinite(o.high))
    bounds_ = std::make_shared<box>(A_->domain(), o.low, o.high);
  copy(q, y, y_);
  invert_sums(q, *A_, true, y.type(), rows_);
  invert_sums(q, *A_, false, y.type(), columns_);
  if (o.start) copy(q, *o.start, x_);
}

void sirt::do_step(queue& q, iteration& now) {
  const scratch_vec r(q, A_->range(), cvec(y_).type());
  A_->apply(q, x_, r);
  now.misfit = std::sqrt(product_->axpby_square(q, 1, y_, -1, r));
  multiply(q, rows_, r);
  A_->adjoint(q, r, step_);
  multiply(q, columns_, step_);
  axpby(q, 1, x_, relaxation_, step_);  // the new x
  if (bounds_) bounds_->prox(q, step_, {}, step_);
  const double moved = std::sqrt(product_->axpby_square(q, 1, step_, -1, x_));
  copy(q, step_, x_);
  now.change = relative(moved, product_->norm(q, x_));
}

std::vector<parameter_of> sirt::parameters() const {
  return {{"relaxation", fmt::format("{:.6g}", relaxation_)}};
}

void sirt::do_state(state_archive& archive) { archive.item("x", vec(x_)); }

}  // namespace ir

#pragma once
#include "op/linear_operator.hpp"

namespace ir::test {

/// Another operator of which nothing is known but what it does.
class opaque_operator final : public linear_operator {
 public:
  explicit opaque_operator(op_ptr A, traits t = {})
      : linear_operator(A->domain(), A->range(), t), A_(std::move(A)) {}

 private:
  void do_apply(queue& q, cvec x, vec y, mode how) const override { A_->apply(q, x, y, how); }
  void do_adjoint(queue& q, cvec y, vec x, mode how) const override { A_->adjoint(q, y, x, how); }
  index_t do_scratch(precision p) const override { return A_->scratch_bytes(p); }
  op_ptr A_;
};

}  // namespace ir::test

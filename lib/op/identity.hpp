#pragma once
#include "op/linear_operator.hpp"

namespace ir {

/// I x = x.
///
/// domain, range  any space, any unit
/// norm           1
class identity final : public linear_operator {
 public:
  explicit identity(const space&);

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  std::string do_name() const override { return "identity"; }
};

/// 0 x = 0 in any range.
class zero_operator final : public linear_operator {
 public:
  zero_operator(const space& domain, const space& range);

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  std::optional<bound> do_norm() const override { return bound{0, 0, "zero"}; }
  std::string do_name() const override { return "zero"; }
};

}  // namespace ir

#pragma once
#include <span>

#include "op/linear_operator.hpp"
#include "op/registry.hpp"
#include "op/table.hpp"

namespace ir {

/// y = w x, element by element.
///
/// domain, range  one block; w has its trailing axes, and stands for each element of the leading
///                ones. Real w serves real and complex x; complex w complex x alone.
/// norm           max |w|, exact
class diagonal final : public linear_operator {
 public:
  /// shape_error: w has other extents than the trailing axes of x, or is complex and x is not;
  /// data_error: NaN or infinite. `name`: what reports call it.
  diagonal(queue&, const space&, const loaded_array& w, precision, std::string name = "diagonal");

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  void run(queue&, cvec x, vec y, mode, double sign) const;
  std::optional<bound> do_norm() const override { return norm_; }
  std::string do_name() const override { return name_; }

  std::string name_;
  bool complex_weights_;
  real_table weights_;
  bound norm_;
};

/// The elements of each image that a list names: y[i] = x[index[i]], in C order over the spatial
/// axes; an element may be named many times.
///
/// domain  one block, real or complex, (..., spatial)
/// range   (..., number of indices)
/// norm    square root of the most times that an element is named, exact
class subsample final : public linear_operator {
 public:
  /// data_error: an index that is not a whole number within the image; shape_error: no index.
  subsample(queue&, const space& domain, const loaded_array& index, precision);
  static space range_of(const space& domain, const loaded_array& index);

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  std::optional<bound> do_norm() const override { return norm_; }
  std::string do_name() const override { return "subsample"; }

  index_t batch_, count_, reals_;  // images, elements of one, reals of an element
  table<index_t> index_, start_, from_;
  bound norm_;
};

/// 1 where the array is not 0, else 0, for a mask. data_error: NaN.
loaded_array ones_where_set(const loaded_array&);

}  // namespace ir

#pragma once
#include <memory>
#include <optional>
#include <string>

#include "stage/stage.hpp"

namespace ir {

struct apply_options {
  enum class how : std::uint8_t { forward, adjoint, normal } what = how::forward;
  std::string expression;       // expr/evaluate.hpp
  std::optional<shape> domain;  // of A where it does not follow from the data
};

/// y = A x, A^H x or A^H A x, frame by frame, for the operator of an expression. The result is in
/// f32 or f64 (complex: pairs of them) without `nominal`; the header's metadata tell "operator",
/// {"expression", "domain"}, so that a later stage finds the domain again.
///
/// Elements are frames, or frames of several arrays (stage/element_stream.hpp): a range whose
/// blocks have different extents is an array for each row.
///
/// The domain is the data's space (forward, normal); else `domain`, what the header tells of this
/// expression, or what follows from the data (adjoint).
/// usage_error: expression, no domain; shape_error: the data are no element of it; data_error: NaN
/// or infinite values; numeric_error: the result has such.
std::unique_ptr<stage> make_apply(const apply_options&);

}  // namespace ir

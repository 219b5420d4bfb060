#pragma once
#include <optional>
#include <string>

#include "io/frame.hpp"
#include "op/op_spec.hpp"

namespace ir {

/// The domain of an operator where only data in its range are known.

/// What ir-apply writes into a header: metadata "operator" {"expression", "domain"}; nothing for a
/// domain of several blocks.
void note_domain(stream_header&, const std::string& expression, const space& domain);
/// The domain in a header; nullopt: it is another expression's, or none.
std::optional<shape> recorded_domain(const stream_header&, const std::string& expression);

/// The domain that gives data: an element of the range, or a frame of which it takes several, all
/// alike. usage_error: several do, or none.
space inferred_domain(const std::string& expression, const spec_ptr&, const space& data);

}  // namespace ir

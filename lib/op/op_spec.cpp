#include "op/op_spec.hpp"

namespace ir {
namespace {

template <class F>
auto with_column(int column, F&& f) {
  if (column == 0) return f();
  try {
    return f();
  } catch (const spec_error&) {
    throw;  // an operand's
  } catch (const error& e) {
    throw spec_error(e, column);
  }
}

}  // namespace

space op_spec::range_of(const space& domain) const {
  return with_column(column, [&] { return do_range(domain); });
}

std::optional<space> op_spec::domain_of(const space& range) const {
  return with_column(column, [&] { return do_domain(range); });
}

op_cost op_spec::cost(const space& domain, precision p, device where) const {
  return with_column(column, [&] { return do_cost(domain, p, where); });
}

op_ptr op_spec::build(const space& domain, precision p, queue& q) const {
  return with_column(column, [&] { return do_build(domain, p, q); });
}

op_cost op_spec::do_cost(const space& domain, precision p, device) const {
  const index_t bytes = scratch_bytes_of(domain, p) + scratch_bytes_of(range_of(domain), p);
  return {.bytes = static_cast<double>(bytes)};
}

}  // namespace ir

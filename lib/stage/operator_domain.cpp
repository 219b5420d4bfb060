#include "stage/operator_domain.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"
#include "expr/evaluate.hpp"
#include "io/metadata.hpp"

namespace ir {

void note_domain(stream_header& h, const std::string& expression, const space& domain) {
  if (domain.blocks().size() != 1) return;
  std::string extents;
  for (const index_t n : domain.extents().extents())
    extents += fmt::format("{}{}", extents.empty() ? "" : ",", n);
  h.meta = metadata::with(
      h.meta, "operator",
      fmt::format(R"({{"expression":{},"domain":[{}]}})", json_quoted(expression), extents));
}

std::optional<shape> recorded_domain(const stream_header& h, const std::string& expression) {
  const metadata_ptr known = h.meta ? h.meta->object("operator") : nullptr;
  if (!known || known->text("expression") != expression) return {};
  const auto extents = known->numbers("domain");
  if (!extents || extents->empty() || extents->size() > 8) return {};
  std::vector<index_t> n;
  for (const double v : *extents) {
    if (!(v >= 1) || v != std::floor(v)) return {};
    n.push_back(static_cast<index_t>(v));
  }
  return shape(n);
}

space inferred_domain(const std::string& expression, const spec_ptr& A, const space& data) {
  constexpr int most_rows = 64;
  return expr::pointing(expression, [&]() -> space {
    if (const auto x = A->domain_of(data)) return *x;
    space rows = data;
    for (int k = 2; k <= most_rows && data.blocks().size() == 1; ++k) {
      rows = rows | data;
      try {
        const auto x = A->domain_of(rows);
        if (x && same_blocks(A->range_of(*x), rows)) return *x;
      } catch (const error&) {  // not so many rows
      }
    }
    throw usage_error(fmt::format("several domains give {}, or none does: say which with --domain",
                                  to_string(data)));
  });
}

}  // namespace ir

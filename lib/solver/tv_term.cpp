#include "solver/tv_term.hpp"

#include "fn/l21.hpp"
#include "op/difference.hpp"

namespace ir::detail {

bool is_tv(const term& t) {
  return dynamic_cast<const gradient*>(t.A.get()) != nullptr &&
         dynamic_cast<const l21*>(t.f.get()) != nullptr;
}

std::optional<tv_weighting> tv_weighting_of(const term& variation) {
  const auto* D = dynamic_cast<const gradient*>(variation.A.get());
  const auto* norm = dynamic_cast<const l21*>(variation.f.get());
  if (D == nullptr || norm == nullptr || D->domain().blocks().size() != 1) return {};
  const space::block& b = D->domain().blocks()[0];
  const int rank = b.extents.rank();
  if (b.of == field::complex || b.spatial < 1 || b.spatial > 3 || rank > b.spatial + 1) return {};
  const double scale = D->grid().axis[2].scale;
  for (int axis = 3 - b.spatial; axis < 3; ++axis) {
    const difference_axis& d = D->grid().axis[axis];
    if (d.scale != scale || (d.rule != boundary::edge && d.rule != boundary::reflect)) return {};
  }
  return tv_weighting{variation.weight * norm->weight() * scale, scale, b.spatial,
                      rank > b.spatial ? b.extents[0] : 1};
}

}  // namespace ir::detail

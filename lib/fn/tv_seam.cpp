#include "fn/tv_seam.hpp"

#include "fn/tv_energy.hpp"

namespace ir::detail {

tv_energy tv_seam_energy(const tv_layout& n, bool isotropic, const tv_seam& before,
                         const std::vector<double>& next) {
  tv_energy sum;
  for (index_t y = 0; y < n.ny; ++y) {
    tv_difference_row<double> r{};
    r.n = n.nx;
    r.channels = n.channels;
    r.axes = n.axes;
    r.isotropic = isotropic;
    r.x = before.x.data() + y * n.nx;
    r.x_channel = r.next_channel[1] = r.next_channel[2] = n.plane;
    r.next[1] = y + 1 < n.ny ? r.x + n.nx : r.x;
    r.next[n.axes - 1] = next.data() + y * n.nx;
    r.p = before.p.data() + y * n.nx;
    r.p_channel = n.plane;
    r.p_axis = n.channels * n.plane;
    const tv_row_sums s = tv_sums(r);
    sum += {s.norm, s.gap, 0};
  }
  return sum;
}

}  // namespace ir::detail

#pragma once
#include <memory>
#include <vector>

#include "fft/convolution.hpp"

namespace ir::detail {

/// A PSF on the host with its sum made 1 where asked, (pz, py, px), and the positions on the FFT's
/// axes that its elements have: centre at 0, negative ones from the end.
struct placed_psf {
  std::vector<double> values;
  double total = 0;
  std::vector<index_t> at[3];
};
placed_psf place_psf(queue&, const convolution_geometry&, cref psf, psf_sum);

/// The engine with pruned passes (CPU).
std::shared_ptr<const convolution> make_pruned(queue&, const convolution_geometry&, precision,
                                               const placed_psf&, const response&);
index_t pruned_table_bytes(const convolution_geometry&, precision);
index_t pruned_scratch_bytes(const convolution_geometry&, precision);

/// Transforms of the whole grid (any device).
std::shared_ptr<const convolution> make_plain(queue&, const convolution_geometry&, precision,
                                              const placed_psf&, const response&);
index_t plain_table_bytes(const convolution_geometry&, precision);
index_t plain_scratch_bytes(const convolution_geometry&, precision);

}  // namespace ir::detail

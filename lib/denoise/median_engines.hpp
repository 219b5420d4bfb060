#pragma once
#include "core/queue.hpp"
#include "denoise/median_kernel.hpp"

namespace ir::detail {

/// One channel to filter on the CPU.
template <class T>
struct median_job {
  median_window<T> window;
  nd_view<T, 3> out;
  bool is_image() const { return window.x.extent(0) == 1 && !window.valid; }  // or a line
};

/// How long one thread takes for a pixel of the result, and the scratch memory of one thread.
struct median_cost {
  double ns;
  index_t bytes;
};

/// Images of radius 1 and 2, two axes: sorting networks over whole rows.
template <class T>
void median_by_network(queue&, const median_job<T>&);
median_cost cost_of_network(index_t radius, dtype);

/// Images of bytes: histograms of columns; the time hardly grows with the radius.
void median_by_histograms(queue&, const median_job<std::uint8_t>&);
median_cost cost_of_histograms(index_t radius);

/// Images of other types: histograms of bins that hold equal numbers of a tile's pixels, then the
/// pixel within its bin by position.
template <class T>
void median_by_bins(queue&, const median_job<T>&);
median_cost cost_of_bins(index_t radius, dtype);

/// Anything: the window as a set of bits over the ranks of a tile's pixels.
template <class T>
void median_by_ranks(queue&, const median_job<T>&);
median_cost cost_of_ranks(index_t radius, int spatial, dtype);

}  // namespace ir::detail

#include <algorithm>

#include "core/parallel_for.hpp"
#include "fft/engines.hpp"
#include "fft/plan.hpp"
#include "fft/spectrum_kernel.hpp"

namespace ir::detail {
namespace {

index_t aligned(index_t bytes) { return (bytes + 255) / 256 * 256; }

// Both transforms of the whole grid, axes of length 1 left out.
fft_spec grid_fft(fft_kind what, precision p, const convolution_geometry& g) {
  return contiguous_fft(what, p, shape{g.z.length, g.y.length, g.x.length});
}
index_t half_count(const convolution_geometry& g) {
  return g.z.length * g.y.length * (g.x.length / 2 + 1);
}

class plain_convolution final : public convolution {
 public:
  plain_convolution(queue& q, const convolution_geometry& g, precision p, const placed_psf& psf,
                    const response& r)
      : convolution(g, p, q.where(), psf.total),
        forward_(fft_plan::get(grid_fft(fft_kind::r2c, p, g), q.where())),
        backward_(fft_plan::get(grid_fft(fft_kind::c2r, p, g), q.where())),
        table_(q, complex_type(p), shape{half_count(g)}) {
    make_table(q, psf);
    if (r.wiener_balance) make_wiener_table(q, *r.wiener_balance);
  }

  index_t scratch_bytes() const override {
    return grid_bytes() + spectrum_bytes() +
           std::max(forward_->scratch_bytes(), backward_->scratch_bytes()) + 1024;
  }

 private:
  index_t grid_bytes() const {
    return aligned(geometry().grid_count() * size_of(real_type(type())));
  }
  index_t spectrum_bytes() const {
    return aligned(half_count(geometry()) * size_of(complex_type(type())));
  }

  void make_table(queue& q, const placed_psf& psf) {
    const convolution_geometry& g = geometry();
    std::vector<double> grid(static_cast<std::size_t>(g.grid_count()), 0.0);
    std::size_t next = 0;
    for (const index_t k : psf.at[0])
      for (const index_t j : psf.at[1])
        for (const index_t i : psf.at[2])
          grid[static_cast<std::size_t>((k * g.y.length + j) * g.x.length + i)] +=
              psf.values[next++] / static_cast<double>(g.grid_count());
    const scratch memory(q, grid_bytes());
    const shape n{g.grid_count()};
    const ref on_device(memory.data(), real_type(type()), n, q.where());
    copy(q, cref(grid.data(), dtype::f64, n), on_device);
    forward_->run(q, on_device, table_.get());
    q.synchronize();
  }

  void make_wiener_table(queue& q, double balance) {
    const convolution_geometry& g = geometry();
    with_real(type(), [&]<class T>() {
      const index_t n[] = {g.z.length, g.y.length, g.x.length / 2 + 1};
      parallel_for(
          q, n,
          kernel::wiener_spectrum<T>{{static_cast<T*>(table_.get().data), {n[0], n[1], n[2], 2}},
                                     {n[0], n[1], g.x.length},
                                     static_cast<double>(g.grid_count()),
                                     balance});
    });
  }

  // y = R C E x or its adjoint; E and R are the extension of the boundary and the crop.
  enum class side : std::uint8_t { straight, transposed };
  void run(queue& q, side which, cref from, ref to, mode how) const {
    const convolution_geometry& g = geometry();
    const scratch grid_memory(q, grid_bytes()), spectrum_memory(q, spectrum_bytes());
    const ref grid(grid_memory.data(), real_type(type()), shape{g.grid_count()}, q.where());
    const ref spectrum(spectrum_memory.data(), complex_type(type()), shape{half_count(g)},
                       q.where());
    with_real(type(), [&]<class T>() {
      const index_t grid_n[] = {g.z.length, g.y.length, g.x.length};
      const index_t data_n[] = {g.z.n, g.y.n, g.x.n}, pairs[] = {half_count(g), 2};
      const auto on_grid = view<T>(grid, grid_n);
      const auto zeros = [&](line_extension e) {
        e.rule = which == side::transposed ? boundary::zero : e.rule;
        return e;
      };
      parallel_for(
          q, grid_n,
          kernel::extend<T>{view<T>(from, data_n), on_grid, zeros(g.z), zeros(g.y), zeros(g.x)});
      forward_->run(q, grid, spectrum);
      parallel_for(q, {half_count(g)},
                   kernel::multiply_spectrum<T>{
                       {static_cast<T*>(spectrum.data), {pairs[0], pairs[1]}},
                       {static_cast<const T*>(table_.get().data), {pairs[0], pairs[1]}},
                       which == side::straight ? T(1) : T(-1)});
      q.poll();
      backward_->consume(q, spectrum, grid);
      if (which == side::transposed) {
        parallel_for(q, {grid_n[0], grid_n[1], data_n[2]}, kernel::fold<T, 2>{on_grid, g.x});
        parallel_for(q, {grid_n[0], data_n[1], data_n[2]}, kernel::fold<T, 1>{on_grid, g.y});
        parallel_for(q, {data_n[0], data_n[1], data_n[2]}, kernel::fold<T, 0>{on_grid, g.z});
      }
      parallel_for(q, data_n,
                   kernel::crop<T>{view<T>(cref(grid), grid_n), view<T>(to, data_n), how});
    });
  }

  void do_apply(queue& q, cref x, ref y, mode how) const override {
    run(q, side::straight, x, y, how);
  }
  void do_adjoint(queue& q, cref y, ref x, mode how) const override {
    run(q, side::transposed, y, x, how);
  }

  std::shared_ptr<const fft_plan> forward_, backward_;
  array table_;
};

}  // namespace

std::shared_ptr<const convolution> make_plain(queue& q, const convolution_geometry& g, precision p,
                                              const placed_psf& psf, const response& r) {
  return std::make_shared<plain_convolution>(q, g, p, psf, r);
}

index_t plain_table_bytes(const convolution_geometry& g, precision p) {
  return half_count(g) * size_of(complex_type(p));
}

// The grid, its spectrum, and a work area of cuFFT as large as the spectrum.
index_t plain_scratch_bytes(const convolution_geometry& g, precision p) {
  return aligned(g.grid_count() * size_of(real_type(p))) + 2 * aligned(plain_table_bytes(g, p)) +
         1024;
}

}  // namespace ir::detail

// Parallel-beam projection and its adjoint, of a stack of slices and of one slice: the least CPU
// time of several rounds, in 1e9 updates (pixels times views) a second.
//
//   projector_bench [slices n views [rounds]]     default 32 512 180 5
//
// The slices are the modified Shepp-Logan phantom.
#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <numeric>
#include <vector>

#include "bench/clock.hpp"
#include "core/isa.hpp"
#include "core/parallel.hpp"
#include "tomo/ellipse_phantom.hpp"
#include "tomo/ray_transform.hpp"

namespace {

using ir::index_t;

struct timing {
  double forward, adjoint;
};

timing measure(const ir::parallel_geometry& g, const std::vector<double>& slice, index_t slices,
               index_t rounds) {
  ir::queue q;
  const ir::ray_transform A(q, ir::shape{slices, g.ny, g.nx}, g, ir::precision::f32);
  ir::owned_vec x(q, A.domain(), ir::precision::f32), y(q, A.range(), ir::precision::f32);
  for (index_t i = 0; i < slices; ++i)
    ir::copy(q, ir::cref(slice.data(), ir::dtype::f64, ir::shape{g.ny * g.nx}),
             ir::ref(static_cast<float*>(ir::vec(x).data()) + i * g.ny * g.nx, ir::dtype::f32,
                     ir::shape{g.ny * g.nx}));
  ir::bench::least there, back;
  for (index_t round = 0; round < rounds; ++round) {
    there.measure([&] { A.apply(q, x, y); });
    back.measure([&] { A.adjoint(q, y, x); });
  }
  return {there.seconds, back.seconds};
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i, index_t otherwise) {
    return argc > i ? static_cast<index_t>(std::atoll(argv[i])) : otherwise;
  };
  const index_t slices = number(1, 32), n = number(2, 512), views = number(3, 180);
  const index_t rounds = number(4, 5);
  const auto g = ir::whole_slice(ir::even_angles(views, 0, std::numbers::pi), n,
                                 0.5 * static_cast<double>(n - 1));
  std::vector<double> slice(static_cast<std::size_t>(n * n));
  ir::draw(ir::modified_shepp_logan(0.5 * static_cast<double>(n)), g, 4, slice);
  const timing stack = measure(g, slice, slices, rounds), one = measure(g, slice, 1, rounds);

  // Loads of 64 bytes, one a cycle at 3.7 GHz: two for 16 updates of the adjoint; of the
  // projection three for 16 rays in a row, of which there are 0.9 a pixel.
  constexpr double adjoint_bound = 29.6, forward_bound = 21.9;
  const double updates = 1e-9 * static_cast<double>(n * n * views);
  const double all = updates * static_cast<double>(slices);
  fmt::print(
      "{{\"bench\": \"projector\", \"device\": \"cpu\", \"isa\": \"{}\", \"threads\": {}, "
      "\"slices\": {}, \"size\": {}, \"views\": {}, \"forward_seconds\": {:.4f}, "
      "\"adjoint_seconds\": {:.4f}, \"forward_gups\": {:.2f}, \"forward_bound\": {}, "
      "\"adjoint_gups\": {:.2f}, \"adjoint_bound\": {}, \"one_slice_forward_seconds\": {:.5f}, "
      "\"one_slice_adjoint_seconds\": {:.5f}, \"one_slice_forward_gups\": {:.2f}, "
      "\"one_slice_adjoint_gups\": {:.2f}}}\n",
      ir::name_of(ir::isa_level()), ir::threads(), slices, n, views, stack.forward, stack.adjoint,
      all / stack.forward, forward_bound, all / stack.adjoint, adjoint_bound, one.forward,
      one.adjoint, updates / one.forward, updates / one.adjoint);
}

// CPU seconds of the flat field of u16 projections against memcpy of the bytes that it reads and
// writes (in, out; the references stay in cache or not as they do in use). Alternated, the least of
// each: JSON on standard output.
//   flatfield_bench [ROWS [COLUMNS [VIEWS [ROUNDS]]]]
#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "clock.hpp"
#include "core/isa.hpp"
#include "core/parallel.hpp"
#include "tomo/flatfield.hpp"

int main(int argc, char** argv) {
  using namespace ir;
  const auto argument = [&](int i, index_t usual) {
    return argc > i ? static_cast<index_t>(std::atoll(argv[i])) : usual;
  };
  const index_t rows = argument(1, 512), nx = argument(2, 2048), views = argument(3, 32),
                rounds = argument(4, 7);
  set_threads(1);
  const auto pixels = static_cast<std::size_t>(rows * nx), all = pixels * std::size_t(views);
  std::vector<std::uint16_t> in(all);
  for (std::size_t i = 0; i < all; ++i) in[i] = static_cast<std::uint16_t>(500 + i * 7919 % 40000);
  std::vector<float> out(all);
  std::vector<char> from(all * 6 / 2, 1), to(all * 6 / 2);  // half is read, half written
  queue q;
  const flatfield engine(q, std::vector<double>(pixels, 100.0),
                         std::vector<double>(pixels, 42000.0), rows, nx, precision::f32, {});
  const shape n{rows, nx};
  bench::least copy_time, field_time;
  for (index_t r = 0; r < rounds; ++r) {
    copy_time.measure([&] { std::memcpy(to.data(), from.data(), to.size()); });
    field_time.measure([&] {
      for (index_t k = 0; k < views; ++k)
        engine.run(q, cref(in.data() + k * rows * nx, dtype::u16, n),
                   ref(out.data() + k * rows * nx, dtype::f32, n), {});
    });
  }
  const double bytes = static_cast<double>(all) * 6;
  fmt::print(
      "{{\"bench\":\"flatfield\",\"isa\":\"{}\",\"rows\":{},\"columns\":{},\"views\":{},"
      "\"seconds\":{:.4f},\"GB_a_second\":{:.2f},\"memcpy_GB_a_second\":{:.2f},"
      "\"share_of_memcpy\":{:.3f}}}\n",
      name_of(isa_level()), rows, nx, views, field_time.seconds, bytes / field_time.seconds / 1e9,
      bytes / copy_time.seconds / 1e9, copy_time.seconds / field_time.seconds);
}

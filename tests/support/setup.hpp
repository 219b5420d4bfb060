#pragma once
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/queue.hpp"
#include "core/space.hpp"

namespace ir::test {

/// Where and in which precision a test runs.
struct setup {
  std::string name;
  precision type;
  queue q;
  setup(std::string n, precision p, device where) : name(std::move(n)), type(p), q(where) {}
};

/// f32 and f64 on the CPU, or on the GPU where IR_TEST_DEVICE=gpu.
inline std::list<setup> setups() {
  const char* asked = std::getenv("IR_TEST_DEVICE");
  const bool gpu = asked != nullptr && std::string_view(asked) == "gpu";
  const device where{gpu ? device::cuda : device::cpu, 0};
  std::list<setup> all;
  for (const precision p : {precision::f32, precision::f64})
    all.emplace_back((gpu ? "gpu " : "cpu ") + std::string(name_of(p)), p, where);
  return all;
}

/// Rounding unit of the precision: half the distance from 1 to the next number.
inline double epsilon(precision p) {
  return p == precision::f32 ? std::numeric_limits<float>::epsilon() / 2.0
                             : std::numeric_limits<double>::epsilon() / 2;
}

namespace detail {
/// A block's elements as doubles: complex ones as two.
inline index_t reals(const space::block& b) {
  return b.extents.count() * (b.of == field::complex ? 2 : 1);
}
inline shape flat(const ref& r) { return shape{r.extents.count() * (is_complex(r.type) ? 2 : 1)}; }
}  // namespace detail

/// An element with these values: block after block, C order, complex ones as real part, imaginary
/// part. As many values as the space has reals without gaps.
inline owned_vec vec_of(setup& s, const space& in, const std::vector<double>& values) {
  owned_vec v(s.q, in, s.type);
  std::size_t taken = 0;
  for (std::size_t i = 0; i < in.blocks().size(); ++i) {
    const ref to = vec(v).block(static_cast<int>(i));
    const shape n = detail::flat(to);
    const cref from(values.data() + taken, dtype::f64, n);
    copy(s.q, from, ref(to.data, real_type(s.type), n, to.where));
    taken += static_cast<std::size_t>(n.count());
  }
  s.q.synchronize();
  if (taken != values.size()) throw std::invalid_argument("vec_of: wrong number of values");
  return v;
}

/// The values of an element, in the order of vec_of.
inline std::vector<double> values(setup& s, cvec v) {
  std::vector<double> all;
  for (std::size_t i = 0; i < v.in().blocks().size(); ++i) {
    const cref from = v.block(static_cast<int>(i));
    std::vector<double> some(static_cast<std::size_t>(detail::reals(v.in().blocks()[i])));
    const shape n{static_cast<index_t>(some.size())};
    copy(s.q, cref(from.data, real_type(s.type), n, from.where), ref(some.data(), dtype::f64, n));
    s.q.synchronize();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

/// Uniform in [-1, 1), the same for the same seed, space and precision.
inline owned_vec random_vec(setup& s, const space& in, std::uint64_t seed) {
  std::mt19937_64 bits(seed);
  std::vector<double> v;
  for (const space::block& b : in.blocks())
    for (index_t i = 0; i < detail::reals(b); ++i)
      v.push_back(static_cast<double>(static_cast<std::int64_t>(bits())) * 0x1p-63);
  return vec_of(s, in, v);
}

}  // namespace ir::test

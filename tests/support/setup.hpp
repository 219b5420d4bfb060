#pragma once
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <list>
#include <random>
#include <stdexcept>
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
/// A block's elements as reals: a complex one is two.
template <class V>
basic_ref<V> as_reals(const basic_vec<V>& v, std::size_t block) {
  const basic_ref<V> b = v.block(static_cast<int>(block));
  return {b.data, real_type(v.type()), shape{b.extents.count() * (is_complex(b.type) ? 2 : 1)},
          b.where};
}
}  // namespace detail

/// Sets an element: block after block, C order, complex ones as real part, imaginary part. As many
/// values as the space has reals without gaps.
inline void assign(queue& q, const std::vector<double>& values, vec to) {
  index_t taken = 0;
  for (std::size_t i = 0; i < to.in().blocks().size(); ++i) {
    const ref part = detail::as_reals(to, i);
    taken += part.extents.count();
    if (taken > std::ssize(values)) break;
    const double* from = values.data() + taken - part.extents.count();
    copy(q, cref(from, dtype::f64, part.extents), part);
  }
  q.synchronize();
  if (taken != std::ssize(values)) throw std::invalid_argument("assign: wrong number of values");
}

/// The values of an element, in the order of `assign`.
inline std::vector<double> values(queue& q, cvec v) {
  std::vector<double> all;
  for (std::size_t i = 0; i < v.in().blocks().size(); ++i) {
    const cref part = detail::as_reals(v, i);
    std::vector<double> some(static_cast<std::size_t>(part.extents.count()));
    copy(q, part, ref(some.data(), dtype::f64, part.extents));
    q.synchronize();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}
inline std::vector<double> values(setup& s, cvec v) { return values(s.q, v); }

inline owned_vec vec_of(setup& s, const space& in, const std::vector<double>& values) {
  owned_vec v(s.q, in, s.type);
  assign(s.q, values, v);
  return v;
}

/// Reals of an element, gaps not counted.
inline std::size_t reals_of(const space& in) {
  index_t n = 0;
  for (const space::block& b : in.blocks())
    n += b.extents.count() * (b.of == field::complex ? 2 : 1);
  return static_cast<std::size_t>(n);
}

/// Uniform in [-1, 1), the same for the same seed, space and precision.
inline owned_vec random_vec(setup& s, const space& in, std::uint64_t seed) {
  std::mt19937_64 bits(seed);
  std::vector<double> v(reals_of(in));
  for (double& value : v) value = static_cast<double>(static_cast<std::int64_t>(bits())) * 0x1p-63;
  return vec_of(s, in, v);
}

}  // namespace ir::test

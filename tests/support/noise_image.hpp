#pragma once
#include <random>
#include <vector>

#include "core/array.hpp"
#include "support/setup.hpp"

namespace ir::test {

inline constexpr double noise_of_steps = 15;

/// Values of any extents: blocks of 100 and 160, with `share` of noise of standard deviation 15.
inline std::vector<double> noisy_steps(const shape& n, std::uint64_t seed, double share = 1) {
  std::mt19937_64 bits(seed);
  std::normal_distribution<double> noise(0, noise_of_steps);
  std::vector<double> v;
  for (index_t i = 0; i < n.count(); ++i) {
    index_t rest = i;
    bool high = false;
    for (int axis = n.rank() - 1; axis > 0; --axis) {
      high ^= rest % n[axis] * 2 >= n[axis];
      rest /= n[axis];
    }
    v.push_back((high ? 160 : 100) + share * noise(bits));
  }
  return v;
}

inline array uploaded(setup& s, const shape& n, const std::vector<double>& v) {
  array a(s.q, real_type(s.type), n);
  copy(s.q, cref(v.data(), dtype::f64, n), a.get());
  s.q.synchronize();
  return a;
}
inline std::vector<double> downloaded(setup& s, cref a) {
  std::vector<double> v(static_cast<std::size_t>(a.extents.count()));
  copy(s.q, a, ref(v.data(), dtype::f64, a.extents));
  s.q.synchronize();
  return v;
}

}  // namespace ir::test

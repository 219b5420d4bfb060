#include "core/isa.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "core/row_runner.hpp"

namespace {

using ir::isa;
using ir::detail::choose_level;

/// Products, sums, a division and a condition, for which fused or reordered arithmetic would show.
struct mixture {
  const float* x;
  float* y;
  void operator()(ir::index_t i) const noexcept {
    const float v = x[i] * 1.1f + 0.3f;
    y[i] = v > 1 ? v * v - x[i] : x[i] / v;
  }
};
struct product {
  const float* x;
  double operator()(ir::index_t i) const noexcept {
    return double(x[i]) * 0.1 + double(x[i]) * x[i];
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(instruction_sets)

BOOST_AUTO_TEST_CASE(the_best_of_processor_and_build_unless_lowered) {
  BOOST_TEST((choose_level("", isa::v4, isa::v4) == isa::v4));
  BOOST_TEST((choose_level("", isa::v3, isa::v4) == isa::v3));
  BOOST_TEST((choose_level("", isa::v4, isa::base) == isa::base));
  BOOST_TEST((choose_level("v3", isa::v4, isa::v4) == isa::v3));
  BOOST_TEST((choose_level("base", isa::base, isa::v4) == isa::base));
}

BOOST_AUTO_TEST_CASE(a_level_that_processor_or_build_lack_is_a_device_error) {
  BOOST_CHECK_THROW(choose_level("v4", isa::v3, isa::v4), ir::device_error);
  BOOST_CHECK_THROW(choose_level("v3", isa::v4, isa::base), ir::device_error);
  BOOST_CHECK_THROW(choose_level("avx2", isa::v4, isa::v4), ir::usage_error);
}

#if IR_ISA_LEVELS > 1
BOOST_AUTO_TEST_CASE(levels_agree_in_every_bit) {
  const isa best = ir::detail::best_of_processor();
  std::vector<float> x(1003), base(x.size()), v3(x.size()), v4(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i));
  const ir::index_t n = std::ssize(x);

  ir::detail::row_base<1>(mixture{x.data(), base.data()}, 0, 0, 0, n);
  const double sum = ir::detail::sum_base(product{x.data()}, 0, n);

  if (best >= isa::v3) {
    ir::detail::row_v3<1>(mixture{x.data(), v3.data()}, 0, 0, 0, n);
    BOOST_TEST((v3 == base));
    BOOST_TEST(ir::detail::sum_v3(product{x.data()}, 0, n) == sum);
  }
  if (best >= isa::v4) {
    ir::detail::row_v4<1>(mixture{x.data(), v4.data()}, 0, 0, 0, n);
    BOOST_TEST((v4 == base));
    BOOST_TEST(ir::detail::sum_v4(product{x.data()}, 0, n) == sum);
  }
}
#endif

BOOST_AUTO_TEST_SUITE_END()

#include "core/parallel.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/resources.hpp"

namespace {

struct threads_restored {
  int before = ir::threads();
  ~threads_restored() { ir::set_threads(before); }
};

struct mark {
  ir::nd_view<int, 3> to;
  void operator()(ir::index_t k, ir::index_t j, ir::index_t i) const noexcept {
    to(k, j, i) += static_cast<int>((k * to.n[1] + j) * to.n[2] + i) + 1;
  }
};
struct mark_flat {
  int* to;
  void operator()(ir::index_t i) const noexcept { ++to[i]; }
};
struct harmonic {
  double operator()(ir::index_t i) const noexcept { return 1.0 / static_cast<double>(i + 1); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(loops)

BOOST_AUTO_TEST_CASE(blocks_cover_every_index_once_for_any_number_of_threads) {
  const threads_restored restore;
  for (const int n : {1, 2, 7}) {
    ir::set_threads(n);
    std::vector<int> seen(1001);

    ir::run_blocks(1001, 10, [&](ir::index_t begin, ir::index_t end) noexcept {
      for (ir::index_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
    });

    BOOST_TEST((seen == std::vector<int>(1001, 1)), n << " threads");
  }
}

BOOST_AUTO_TEST_CASE(blocks_may_be_nested) {
  const threads_restored restore;
  ir::set_threads(3);
  std::atomic<int> count{0};

  ir::run_blocks(10, 1, [&](ir::index_t, ir::index_t) noexcept {
    ir::run_blocks(10, 1, [&](ir::index_t, ir::index_t) noexcept { ++count; });
  });

  BOOST_TEST(count == 100);
}

BOOST_AUTO_TEST_CASE(empty_ranges_call_nothing) {
  ir::run_blocks(0, 4, [](ir::index_t, ir::index_t) noexcept { BOOST_ERROR("called"); });

  BOOST_TEST(ir::sum_blocks(0, 4, [](ir::index_t, ir::index_t) noexcept { return 1.0; }) == 0);
}

BOOST_AUTO_TEST_CASE(sums_have_the_same_bits_for_any_number_of_threads) {
  const threads_restored restore;
  ir::queue q;
  ir::set_threads(1);
  const double one = ir::sum_for(q, 1000003, harmonic{});
  BOOST_TEST(std::abs(one - (std::log(1000003.0) + 0.5772156649015329)) < 1e-6);
  for (const int n : {2, 3, 8}) {
    ir::set_threads(n);

    BOOST_TEST(ir::sum_for(q, 1000003, harmonic{}) == one);
  }
}

BOOST_AUTO_TEST_CASE(kernels_see_every_index_once_whatever_the_shape) {
  ir::queue q;
  for (const auto& n : {ir::shape{1, 1, 1}, ir::shape{3, 5, 7}, ir::shape{2, 1, 40000},
                        ir::shape{40000, 2, 1}, ir::shape{2, 0, 3}}) {
    std::vector<int> seen(static_cast<std::size_t>(n.count()));
    const mark kernel{{seen.data(), {n[0], n[1], n[2]}}};

    ir::parallel_for(q, {n[0], n[1], n[2]}, kernel);

    bool right = true;
    for (std::size_t i = 0; i < seen.size(); ++i)
      right = right && seen[i] == static_cast<int>(i) + 1;
    BOOST_TEST(right, to_string(n));
  }
}

BOOST_AUTO_TEST_CASE(a_long_flat_range_is_cut) {
  ir::queue q;
  std::vector<int> seen(100001);

  ir::parallel_for(q, {100001}, mark_flat{seen.data()});

  BOOST_TEST((seen == std::vector<int>(100001, 1)));
}

BOOST_AUTO_TEST_CASE(fewer_than_one_thread_is_a_usage_error) {
  BOOST_CHECK_THROW(ir::set_threads(0), ir::usage_error);
  BOOST_CHECK_THROW(ir::thread_count(0), ir::usage_error);
}

BOOST_AUTO_TEST_SUITE_END()

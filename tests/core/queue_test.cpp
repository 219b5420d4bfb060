#include "core/queue.hpp"

#include <poll.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdint>
#include <cstring>

#include "core/cancellation.hpp"
#include "core/error.hpp"
#include "support/setup.hpp"

BOOST_AUTO_TEST_SUITE(queues)

BOOST_AUTO_TEST_CASE(scratch_comes_and_goes_last_in_first_out_within_what_was_reserved) {
  for (ir::test::setup& s : ir::test::setups()) {
    s.q.reserve(3 * 64);
    const ir::index_t reserved = s.q.reserved();
    const ir::scratch a(s.q, 1);
    void* second = nullptr;
    {
      const ir::scratch b(s.q, 64);
      second = b.data();
      const ir::scratch c(s.q, 64);
      BOOST_TEST(c.data() == static_cast<std::byte*>(b.data()) + 64);
    }
    const ir::scratch again(s.q, 128);

    BOOST_TEST(again.data() == second);
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(a.data()) % 64 == 0);
    BOOST_TEST(s.q.reserved() == reserved);
  }
}

BOOST_AUTO_TEST_CASE(scratch_grows_while_pieces_of_it_are_in_use_and_then_stays) {
  ir::queue q;
  for (int round = 0; round < 3; ++round) {
    const ir::scratch small(q, 100);
    std::memset(small.data(), 1, 100);
    const ir::scratch large(q, 1 << 20);
    std::memset(large.data(), 2, 1 << 20);
    const ir::scratch after(q, 200);
    std::memset(after.data(), 3, 200);

    BOOST_TEST(static_cast<char*>(small.data())[99] == 1);
    BOOST_TEST(static_cast<char*>(large.data())[(1 << 20) - 1] == 2);
  }
  const ir::index_t grown = q.reserved();
  {
    const ir::scratch one(q, (1 << 20) + 320);
    BOOST_TEST(q.reserved() == grown);
  }
}

BOOST_AUTO_TEST_CASE(reserving_while_scratch_is_in_use_is_a_bug) {
  ir::queue q;
  const ir::scratch used(q, 64);

  BOOST_CHECK_THROW(q.reserve(1 << 20), ir::bug_error);
}

BOOST_AUTO_TEST_CASE(slots_are_found_by_their_key_and_die_with_the_queue) {
  const int a = 0, b = 0;
  std::weak_ptr<void> watch;
  {
    ir::queue q;
    q.slot(&a) = std::make_shared<int>(1);
    q.slot(&b) = std::make_shared<int>(2);
    watch = q.slot(&a);

    BOOST_TEST(*std::static_pointer_cast<int>(q.slot(&a)) == 1);
    BOOST_TEST(*std::static_pointer_cast<int>(q.slot(&b)) == 2);
  }
  BOOST_TEST(watch.expired());
}

BOOST_AUTO_TEST_CASE(a_listener_hears_progress_and_facts) {
  struct memory final : ir::listener {
    std::string said;
    void progress(std::string_view unit, ir::index_t done, ir::index_t total) override {
      said += std::string(unit) + std::to_string(done) + "/" + std::to_string(total) + " ";
    }
    void fact(std::string_view name, double value) override {
      said += std::string(name) + "=" + std::to_string(static_cast<int>(value));
    }
  };
  ir::queue q;
  const auto heard = std::make_shared<memory>();
  q.progress("tile", 0, 2);  // nobody listens

  q.listen(heard);
  q.progress("tile", 1, 2);
  q.fact("sigma", 3);

  BOOST_TEST(heard->said == "tile1/2 sigma=3");
}

BOOST_AUTO_TEST_CASE(a_gpu_in_a_build_or_machine_without_one_is_a_device_error) {
  BOOST_CHECK_THROW(ir::queue(ir::device{ir::device::cuda, 4096}), ir::device_error);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(cancelling)

BOOST_AUTO_TEST_CASE(the_first_request_counts_and_wakes_a_poll) {
  const auto cancel = std::make_shared<ir::cancellation>();
  ir::queue q({}, cancel);
  pollfd wake{cancel->descriptor(), POLLIN, 0};
  BOOST_CHECK_NO_THROW(q.poll());
  BOOST_TEST(::poll(&wake, 1, 0) == 0);

  cancel->request(SIGTERM);
  cancel->request(SIGINT);

  BOOST_TEST(::poll(&wake, 1, 0) == 1);
  BOOST_CHECK_EXCEPTION(q.poll(), ir::cancelled,
                        [](const ir::cancelled& c) { return c.signal == SIGTERM; });
}

BOOST_AUTO_TEST_CASE(a_reader_that_goes_away_is_noticed) {
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  ir::cancellation cancel;
  cancel.watch_reader_of(ends[1]);
  BOOST_CHECK_NO_THROW(cancel.poll());

  ::close(ends[0]);

  BOOST_CHECK_EXCEPTION(cancel.poll(), ir::cancelled,
                        [](const ir::cancelled& c) { return c.signal == SIGPIPE; });
  ::close(ends[1]);
}

BOOST_AUTO_TEST_CASE(a_full_pipe_with_a_reader_is_no_reason_to_stop) {
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  const std::vector<char> much(65536);
  BOOST_REQUIRE(::write(ends[1], much.data(), much.size()) == 65536);
  ir::cancellation cancel;

  cancel.watch_reader_of(ends[1]);

  BOOST_CHECK_NO_THROW(cancel.poll());
  ::close(ends[0]);
  ::close(ends[1]);
}

BOOST_AUTO_TEST_SUITE_END()

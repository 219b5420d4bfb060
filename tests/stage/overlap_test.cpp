#include "stage/overlap.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <thread>

#include "core/error.hpp"
#include "stage/pump.hpp"
#include "support/frames.hpp"

using namespace ir;
using test::kept_frames;
using test::made_frames;

namespace {

const auto numbered = [](index_t frame, index_t i) { return float(100 * frame + i); };

/// Hands what is put to a sink that outlives it.
struct borrowed final : frame_sink {
  kept_frames& to;
  explicit borrowed(kept_frames& k) : to(k) {}
  void put(frame& f, queue& q) override { to.put(f, q); }
  void finish() override { to.finish(); }
  void commit() override { to.commit(); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(overlap)

BOOST_AUTO_TEST_CASE(frames_arrive_in_order_and_unchanged) {
  const auto cancel = std::make_shared<cancellation>();
  queue q({}, cancel);
  kept_frames kept;
  const auto from =
      prefetch(std::make_unique<made_frames>(test::header_of({4, 5}, 17), numbered), cancel);
  const auto to = write_behind(std::make_unique<borrowed>(kept), cancel);

  const pumped done = pump(*from, *to, q);
  to->finish();
  to->commit();

  BOOST_TEST(done.frames == 17);
  BOOST_TEST(done.bytes == 17 * 20 * 4);
  BOOST_REQUIRE(kept.frames.size() == 17u);
  for (index_t k = 0; k < 17; ++k) {
    BOOST_TEST(kept.frames[k][0] == numbered(k, 0));
    BOOST_TEST(kept.frames[k][19] == numbered(k, 19));
  }
  BOOST_TEST(kept.finished);
  BOOST_TEST(kept.committed);
}

BOOST_AUTO_TEST_CASE(an_error_of_the_source_comes_after_the_frames_before_it) {
  const auto cancel = std::make_shared<cancellation>();
  queue q({}, cancel);
  kept_frames kept;
  const auto from =
      prefetch(std::make_unique<made_frames>(test::header_of({2, 2}, 9), numbered,
                                             [](index_t k) {
                                               if (k == 5) throw data_error("frame 5 is damaged");
                                             }),
               cancel);

  BOOST_CHECK_EXCEPTION(pump(*from, kept, q), data_error, [](const data_error& e) {
    return std::string(e.what()) == "frame 5 is damaged";
  });

  BOOST_TEST(kept.frames.size() == 5u);
}

BOOST_AUTO_TEST_CASE(an_error_of_the_sink_stops_the_run) {
  const auto cancel = std::make_shared<cancellation>();
  queue q({}, cancel);
  kept_frames kept;
  kept.before = [](index_t k) {
    if (k == 2) throw io_error("disk full");
  };
  const auto to = write_behind(std::make_unique<borrowed>(kept), cancel);
  made_frames from(test::header_of({2, 2}, 1000), numbered);

  BOOST_CHECK_THROW(
      {
        pump(from, *to, q);
        to->finish();
      },
      io_error);

  BOOST_TEST(kept.frames.size() == 2u);
  BOOST_TEST(!kept.finished);
}

BOOST_AUTO_TEST_CASE(an_error_of_the_last_frame_reaches_finish) {
  const auto cancel = std::make_shared<cancellation>();
  queue q({}, cancel);
  kept_frames kept;
  kept.before = [](index_t) { throw io_error("disk full"); };
  const auto to = write_behind(std::make_unique<borrowed>(kept), cancel);
  made_frames from(test::header_of({2, 2}, 1), numbered);
  pump(from, *to, q);

  BOOST_CHECK_THROW(to->finish(), io_error);
}

BOOST_AUTO_TEST_CASE(a_cancelled_wait_ends_at_once) {
  const auto cancel = std::make_shared<cancellation>();
  queue q({}, cancel);
  kept_frames kept;
  const auto wait = [&](index_t k) {
    while (k == 1 && !cancel->requested())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    cancel->poll();
  };
  const auto from =
      prefetch(std::make_unique<made_frames>(test::header_of({2, 2}, 9), numbered, wait), cancel);
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    cancel->request(SIGTERM);
  });

  BOOST_CHECK_EXCEPTION(pump(*from, kept, q), cancelled,
                        [](const cancelled& c) { return c.signal == SIGTERM; });

  later.join();
}

BOOST_AUTO_TEST_CASE(leaving_early_ends_a_blocked_reader) {
  const auto cancel = std::make_shared<cancellation>();
  queue q({}, cancel);
  const auto wait = [&](index_t k) {
    while (k == 2 && !cancel->requested())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    cancel->poll();
  };
  auto from =
      prefetch(std::make_unique<made_frames>(test::header_of({2, 2}, 9), numbered, wait), cancel);
  frame f;
  BOOST_TEST(from->next(f, q));

  from.reset();  // returns

  BOOST_TEST(cancel->requested() != 0);
}

BOOST_AUTO_TEST_SUITE_END()

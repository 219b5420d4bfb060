#include "cli/progress.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <memory>
#include <utility>

namespace ir {
namespace {

progress_state state_of(const std::string& tool) {
  progress_state s;
  s.tool = tool;
  return s;
}

/// What a progress prints, at times that the test sets.
struct recorder {
  int ends[2] = {-1, -1};
  double now = 0;
  std::unique_ptr<progress> shown;

  explicit recorder(progress_style style) {
    BOOST_REQUIRE(pipe(ends) == 0);
    shown = std::make_unique<progress>("ir-x", style, ends[1], [this] { return now; });
  }
  ~recorder() {
    close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
  }
  std::string finish() {
    shown.reset();
    close(std::exchange(ends[1], -1));
    std::string text;
    char c;
    while (read(ends[0], &c, 1) == 1) text += c;
    return text;
  }
};

BOOST_AUTO_TEST_CASE(frames_and_iterations_make_one_fraction) {
  progress_state s = state_of("ir-x");

  s.update("frame", 2, 10);
  s.update("iteration", 5, 10);

  BOOST_TEST(s.fraction().value() == 0.25);
}

BOOST_AUTO_TEST_CASE(the_next_frame_starts_counting_iterations_again) {
  progress_state s = state_of("ir-x");

  s.update("iteration", 9, 10);
  s.update("frame", 1, 10);

  BOOST_TEST(!s.inner.has_value());
  BOOST_TEST(s.fraction().value() == 0.1);
}

BOOST_AUTO_TEST_CASE(iterations_alone_make_a_fraction_and_an_unknown_total_none) {
  progress_state iterations, endless;

  iterations.update("iteration", 5, 20);
  endless.update("frame", 5, 0);

  BOOST_TEST(iterations.fraction().value() == 0.25);
  BOOST_TEST(!endless.fraction().has_value());
}

BOOST_AUTO_TEST_CASE(a_line_has_bar_counts_rate_and_time_left) {
  progress_state s = state_of("ir-x");
  s.update("frame", 10, 40);
  s.update("iteration", 0, 25);

  BOOST_TEST(progress_line(s, 20, 100) ==
             "ir-x [#####...............] frame 10/40, iteration 0/25, 0.5 frames/s, 1:00 left");
}

BOOST_AUTO_TEST_CASE(a_single_frame_shows_its_iterations) {
  progress_state s = state_of("ir-x");
  s.update("iteration", 10, 20);

  BOOST_TEST(progress_line(s, 7200, 100) ==
             "ir-x [##########..........] iteration 10/20, 0.00139 iterations/s, 2:00:00 left");
}

BOOST_AUTO_TEST_CASE(a_line_without_a_total_has_count_and_rate) {
  progress_state s = state_of("ir-x");
  s.update("frame", 10, 0);

  BOOST_TEST(progress_line(s, 4, 100) == "ir-x frame 10, 2.5 frames/s");
}

BOOST_AUTO_TEST_CASE(an_earlier_stage_is_shown_without_what_steers_a_terminal) {
  progress_state s = state_of("ir-x");
  s.upstream = progress_note{"ir-\x1b[2Jy", 3, 9, "frame"};

  BOOST_TEST(progress_line(s, 0, 100) == "ir-x frame 0 (ir-?[2Jy: frame 3/9)");
}

BOOST_AUTO_TEST_CASE(a_line_is_cut_to_the_terminal) {
  progress_state s = state_of("ir-x");
  s.update("frame", 10, 40);

  BOOST_TEST(progress_line(s, 20, 10) == "ir-x [####");
}

BOOST_AUTO_TEST_CASE(nothing_is_drawn_in_the_first_moments) {
  recorder r(progress_style::bar);

  r.now = 0.2;
  r.shown->update("frame", 1, 2);

  BOOST_TEST(r.finish() == "");
}

BOOST_AUTO_TEST_CASE(a_bar_is_drawn_ten_times_a_second_and_erased) {
  recorder r(progress_style::bar);

  for (const double t : {0.5, 0.55, 0.58, 0.7}) {
    r.now = t;
    r.shown->update("frame", index_t(t * 100), 100);
  }

  const std::string text = r.finish();
  BOOST_TEST(std::count(text.begin(), text.end(), '\r') == 3);
  BOOST_TEST(text.find("frame 50/100") != std::string::npos);
  BOOST_TEST(text.find("frame 55/100") == std::string::npos);
  BOOST_TEST(text.ends_with("\r\x1b[K"));
}

BOOST_AUTO_TEST_CASE(json_lines_are_rare_and_the_last_word_is_told) {
  recorder r(progress_style::json);

  for (index_t k = 1; k <= 3; ++k) {
    r.now = 0.01 * double(k);
    r.shown->update("iteration", k, 3);
  }

  BOOST_TEST(
      r.finish() ==
      "{\"tool\":\"ir-x\",\"unit\":\"iteration\",\"done\":1,\"total\":3,\"seconds\":0.010}\n"
      "{\"tool\":\"ir-x\",\"unit\":\"iteration\",\"done\":3,\"total\":3,\"seconds\":0.030}\n");
}

BOOST_AUTO_TEST_CASE(json_notes_of_earlier_stages_carry_their_tool) {
  recorder r(progress_style::json);

  r.shown->note({"ir-\"read", 4, 0, "frame"});

  BOOST_TEST(r.finish() ==
             "{\"tool\":\"ir-?read\",\"unit\":\"frame\",\"done\":4,\"seconds\":0.000}\n");
}

BOOST_AUTO_TEST_CASE(no_progress_prints_nothing) {
  recorder r(progress_style::none);

  r.now = 10;
  r.shown->update("frame", 1, 2);

  BOOST_TEST(r.finish() == "");
}

}  // namespace
}  // namespace ir

#include <boost/test/unit_test.hpp>

#include "io/irs.hpp"
#include "irs_fixture.hpp"

using namespace ir;
using namespace ir::test;

namespace {

// The name of what reading the stream throws; empty if it is read to its end.
std::string outcome(descriptor from, const irs_read_options& o = {},
                    delivery how = delivery::whole) {
  try {
    read_all(*open_irs(std::move(from), {}, o), how);
  } catch (const aborted_upstream&) {
    return "aborted";
  } catch (const error& e) {
    BOOST_TEST(std::string(e.what()).find('\n') == std::string::npos);
    return std::to_string(static_cast<int>(e.code));
  }
  return "";
}

// Preamble and HEAD of the small stream: what records made by hand follow.
byte_string beginning() {
  return stream_of(small_header(), [](irs_sink&) {});
}

using irs::record_header;
const record_header psf_frame{.type = irs::fram, .array_no = 0, .lines = 3};
const byte_string psf_bytes(36), line_bytes(8);
record_header lines_of(index_t frame, index_t first, index_t count) {
  return {.type = irs::fram, .array_no = 1, .number = frame, .first_line = first, .lines = count};
}
byte_string zeros(index_t lines) { return byte_string(static_cast<std::size_t>(lines) * 8); }

}  // namespace

BOOST_AUTO_TEST_SUITE(irs_faults)

BOOST_AUTO_TEST_CASE(a_stream_cut_at_any_byte_is_noticed) {
  const byte_string whole = small_stream();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const byte_string some(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    BOOST_TEST_CONTEXT("after byte " << n) {
      BOOST_TEST(outcome(pipe_of(some)) == "76");
      BOOST_TEST(outcome(file_of(some)) == "65");
    }
  }
  BOOST_TEST(outcome(pipe_of(whole)) == "");
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_anywhere_is_noticed) {
  const byte_string whole = small_stream();
  for (std::size_t n = 0; n < whole.size(); ++n)
    for (int bit = 0; bit < 8; ++bit) {
      byte_string bent = whole;
      bent[n] ^= std::byte(1 << bit);
      const std::string seen = outcome(file_of(bent));
      if (seen != "65") BOOST_ERROR("byte " << n << " bit " << bit << ": '" << seen << "'");
    }
}

BOOST_AUTO_TEST_CASE(reads_and_writes_of_one_byte_change_nothing) {
  const byte_string expected = small_stream();

  descriptor::set_faults({.most = 1});
  const byte_string slowly = small_stream();
  const std::string read = outcome(pipe_of(slowly));
  descriptor::set_faults({});

  BOOST_TEST((slowly == expected));
  BOOST_TEST(read == "");
}

BOOST_AUTO_TEST_CASE(a_failing_read_at_any_call_is_an_io_error) {
  const byte_string whole = small_stream();
  for (index_t call = 0;; ++call) {
    descriptor d = file_of(whole);
    descriptor::set_faults({.fail_at = call, .error = EIO});
    const std::string seen = outcome(std::move(d));
    descriptor::set_faults({});
    if (seen == "") {
      BOOST_TEST(call > 20);
      break;
    }
    BOOST_TEST(seen == "74");
  }
}

BOOST_AUTO_TEST_CASE(a_failing_write_at_any_call_is_an_io_error) {
  for (index_t call = 0;; ++call) {
    descriptor::set_faults({.fail_at = call, .error = ENOSPC});
    bool failed = false;
    try {
      small_stream();
    } catch (const io_error& e) {
      failed = true;
      BOOST_TEST(e.what() == "the stream: cannot write: No space left on device");
    }
    descriptor::set_faults({});
    if (!failed) {
      BOOST_TEST(call > 5);
      break;
    }
  }
}

BOOST_AUTO_TEST_CASE(other_bytes_are_no_stream) {
  const std::string text = "P5 640 480 255 and then sixty-four bytes and more of something else";
  const auto bytes = std::as_bytes(std::span(text));

  BOOST_TEST(outcome(file_of({bytes.begin(), bytes.end()})) == "65");
  BOOST_TEST(outcome(pipe_of({bytes.begin(), bytes.begin() + 7})) == "65");
}

BOOST_AUTO_TEST_CASE(frames_out_of_order_are_refused) {
  const auto refused = [](std::vector<record_header> records) {
    byte_string b = beginning();
    for (const record_header& r : records)
      append_record(b, r, "", r.array_no == 0 ? psf_bytes : zeros(r.lines));
    append_record(b, {.type = irs::tail}, R"({"frames":[1,2]})");
    return outcome(file_of(b));
  };
  const auto all = lines_of(0, 0, 5), next = lines_of(1, 0, 5);

  BOOST_TEST(refused({psf_frame, all, next}) == "");
  BOOST_TEST(refused({all, next}) == "65");                                // no psf
  BOOST_TEST(refused({all, psf_frame, next}) == "65");                     // psf too late
  BOOST_TEST(refused({psf_frame, next, all}) == "65");                     // swapped
  BOOST_TEST(refused({psf_frame, all, all}) == "65");                      // twice
  BOOST_TEST(refused({psf_frame, all}) == "65");                           // one missing
  BOOST_TEST(refused({psf_frame, all, next, lines_of(2, 0, 5)}) == "65");  // one too many
  BOOST_TEST(refused({psf_frame, lines_of(0, 2, 3), lines_of(0, 0, 2), next}) == "65");
  BOOST_TEST(refused({psf_frame, lines_of(0, 0, 2), next}) == "65");  // lines missing
  BOOST_TEST(refused({psf_frame, lines_of(0, 0, 2), lines_of(0, 1, 4), next}) == "65");
  BOOST_TEST(refused({psf_frame, lines_of(0, 0, 6), next}) == "65");  // too many lines
  BOOST_TEST(refused({psf_frame, all, lines_of(1, 0, 3)}) == "65");   // incomplete
  BOOST_TEST(refused({{.type = irs::fram, .array_no = 2, .lines = 1}}) == "65");
}

BOOST_AUTO_TEST_CASE(counts_of_the_end_mark_must_be_those_that_came) {
  for (const char* tail : {R"({"frames":[1,1]})", R"({"frames":[1]})", R"({"frames":[1,2,0]})",
                           R"({"frames":"2"})", R"({"frames":[1,1.5]})", "{}", ""}) {
    byte_string b = beginning();
    append_record(b, psf_frame, "", psf_bytes);
    append_record(b, lines_of(0, 0, 5), "", zeros(5));
    append_record(b, lines_of(1, 0, 5), "", zeros(5));
    append_record(b, {.type = irs::tail}, tail);
    BOOST_TEST_CONTEXT(tail) BOOST_TEST(outcome(file_of(b)) == "65");
  }
}

BOOST_AUTO_TEST_CASE(sizes_are_checked_before_memory_is_taken) {
  byte_string huge = beginning();
  record_header h = lines_of(0, 0, 5);
  h.payload = index_t{1} << 50;
  append(huge, irs::make_header(h));
  byte_string deep = beginning();
  append(deep, irs::make_header({.type = irs::prog, .json = 0x7fffffff}));
  byte_string past = beginning();
  h = lines_of(0, 0, -1);  // 2^64 - 1 lines
  append(past, irs::make_header(h));

  BOOST_TEST(outcome(file_of(huge)) == "65");
  BOOST_TEST(outcome(file_of(deep)) == "65");
  BOOST_TEST(outcome(file_of(past)) == "65");
}

BOOST_AUTO_TEST_CASE(declared_sizes_that_no_machine_has_are_refused) {
  for (const char* size : {"4611686018427387904", "1e30", "-1", "0", "3.5", "\"3\""}) {
    byte_string b;
    append(b, irs::make_preamble());
    append_record(b, {.type = irs::head},
                  std::string(R"({"arrays":[{"name":"d","role":"data","dtype":"f32","axes":[)") +
                      R"({"name":"y","size":4},{"name":"x","size":)" + size + "}]}]}");
    BOOST_TEST_CONTEXT(size) BOOST_TEST(outcome(file_of(b)) == "65");
  }
}

BOOST_AUTO_TEST_CASE(unknown_records_are_skipped_or_refused_by_their_first_letter) {
  const auto with = [](std::array<char, 4> type, std::uint32_t flags) {
    byte_string b;
    append(b, irs::make_preamble());
    append_record(b, {.type = {type}, .flags = flags}, R"({"a":1})", byte_string(100));
    const byte_string rest = small_stream();
    append(b, std::span(rest).subspan(64));
    return outcome(file_of(b));
  };

  BOOST_TEST(with({'n', 'o', 't', 'e'}, 1) == "");
  BOOST_TEST(with({'N', 'O', 'T', 'E'}, 0) == "65");
  BOOST_TEST(with({'n', 'o', 't', 'e'}, 0x10000) == "65");
  BOOST_TEST(with({'n', 'o', '3', 'e'}, 0) == "65");
}

BOOST_AUTO_TEST_CASE(an_earlier_failure_arrives) {
  const byte_string aborted = stream_of(
      small_header(), [](irs_sink& sink) { sink.abort("ir-fbp", exit_code::data, "no centre"); });
  const int fd = memfd_create("test", MFD_CLOEXEC);
  descriptor out(fd, "out");
  write_irs_abort(out, "ir-read", exit_code::no_input, "a.tif: no such file");

  BOOST_TEST(outcome(pipe_of(aborted)) == "aborted");
  BOOST_TEST(outcome(file_of(aborted)) == "65");
  BOOST_TEST(outcome(pipe_of(content_of(fd))) == "aborted");
  BOOST_CHECK_EXCEPTION(open_irs(pipe_of(content_of(fd)), {}), aborted_upstream, [](const auto& e) {
    return std::string_view(e.what()) == "ir-read: a.tif: no such file";
  });
}

BOOST_AUTO_TEST_CASE(bytes_after_the_end_are_refused) {
  byte_string b = small_stream();
  b.push_back(std::byte{0});

  BOOST_TEST(outcome(file_of(b)) == "65");
  BOOST_TEST(outcome(pipe_of(b)) == "65");
}

BOOST_AUTO_TEST_SUITE_END()

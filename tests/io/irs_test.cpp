#include "io/irs.hpp"

#include <boost/test/unit_test.hpp>

#include "irs_fixture.hpp"

using namespace ir;
using namespace ir::test;

BOOST_AUTO_TEST_SUITE(irs)

BOOST_AUTO_TEST_CASE(header_and_frames_come_back_as_they_were) {
  const stream_header sent = small_header();

  const auto from = open_irs(pipe_of(small_stream()), {});
  const received got = read_all(*from);

  const stream_header& h = from->header();
  BOOST_TEST((h.arrays == sent.arrays));
  BOOST_TEST((h.along == sent.along));
  BOOST_TEST(h.meta->dump() == sent.meta->dump());
  BOOST_TEST(got.places == "0:0[0,3) 1:0[0,5){\"time\":0} 1:1[0,5){\"time\":1} ");
  queue q;
  for (int k = 0; k < 2; ++k) {
    frame whole = frame_of(q, sent, 1, k);
    BOOST_TEST(std::memcmp(got.data[static_cast<std::size_t>(k) + 1].data(), whole.data.get().data,
                           40) == 0);
  }
}

BOOST_AUTO_TEST_CASE(parts_come_as_they_were_sent) {
  const auto from = open_irs(pipe_of(small_stream()), {});

  const received got = read_all(*from, delivery::parts);

  BOOST_TEST(got.places ==
             "0:0[0,3) 1:0[0,2){\"time\":0} 1:0[2,5){\"time\":0} 1:1[0,2){\"time\":1} "
             "1:1[2,5){\"time\":1} ");
  BOOST_TEST(got.data[2].size() == 24u);
}

BOOST_AUTO_TEST_CASE(every_dtype_and_rank_travels) {
  for (int t = 0; t <= static_cast<int>(dtype::c128); ++t)
    for (std::size_t rank = 0; rank <= 8; ++rank) {
      stream_header h;
      array_info info{"data", role::data, static_cast<dtype>(t), {}, {}, {}};
      for (std::size_t i = 0; i < rank; ++i)
        info.axes.push_back({"a" + std::to_string(i), "", i % 3 == 0 ? 2 : 1});
      h.arrays = {info};
      queue q;
      const byte_string bytes = stream_of(h, [&](irs_sink& sink) {
        frame f = frame_of(q, h, 0, 0);
        sink.put(f, q);
        sink.finish();
      });

      const auto from = open_irs(file_of(bytes), {});
      frame f;

      BOOST_TEST(from->next(f, q));
      BOOST_TEST((from->header().arrays == h.arrays));
      BOOST_TEST((f.data.get().extents == extents_of(info)));
      BOOST_TEST(!from->next(f, q));
      BOOST_TEST(!from->next(f, q));
    }
}

BOOST_AUTO_TEST_CASE(frames_larger_than_a_part_are_cut_into_lines) {
  stream_header h;
  h.arrays = {{"data", role::data, dtype::f32, {{"y", "", 3000}, {"x", "", 1000}}, {}, {}}};
  queue q;
  const byte_string bytes = stream_of(h, [&](irs_sink& sink) {
    frame f = frame_of(q, h, 0, 0);
    sink.put(f, q);
    sink.finish();
  });

  const received parts = read_all(*open_irs(file_of(bytes), {}), delivery::parts);
  const received whole = read_all(*open_irs(file_of(bytes), {}));

  BOOST_TEST(parts.places == "0:0[0,1048) 0:0[1048,2096) 0:0[2096,3000) ");
  byte_string joined;
  for (const byte_string& part : parts.data) append(joined, part);
  BOOST_TEST((joined == whole.data.at(0)));
}

BOOST_AUTO_TEST_CASE(an_empty_stream_is_valid_but_refused_by_a_writer_that_was_not_told) {
  stream_header h = small_header();
  for (array_info& a : h.arrays) a.frames = 0;
  h.along.size = 0;

  BOOST_CHECK_THROW(stream_of(h, [](irs_sink& s) { s.finish(); }), data_error);
  const byte_string bytes = stream_of(h, [](irs_sink& s) { s.finish(); }, {.allow_empty = true});

  BOOST_TEST(read_all(*open_irs(pipe_of(bytes), {})).places == "");
}

BOOST_AUTO_TEST_CASE(a_writer_refuses_gaps_and_incomplete_frames) {
  const stream_header h = small_header();
  queue q;
  frame psf = frame_of(q, h, 0, 0), first = frame_of(q, h, 1, 0), second = frame_of(q, h, 1, 1),
        half = frame_of(q, h, 1, 1, 0, 2);

  BOOST_CHECK_THROW(stream_of(h, [&](irs_sink& s) { s.put(first, q); }), data_error);
  BOOST_CHECK_THROW(stream_of(h, [&](irs_sink& s) { s.put(psf, q), s.put(second, q); }),
                    data_error);
  BOOST_CHECK_THROW(stream_of(h, [&](irs_sink& s) { s.put(psf, q), s.put(first, q), s.finish(); }),
                    data_error);
  BOOST_CHECK_THROW(stream_of(h,
                              [&](irs_sink& s) {
                                s.put(psf, q), s.put(first, q), s.put(half, q);
                                s.finish();
                              }),
                    data_error);
}

BOOST_AUTO_TEST_CASE(a_header_that_makes_no_sense_is_refused) {
  const auto refused = [](auto&& change) {
    stream_header h = small_header();
    change(h);
    BOOST_CHECK_THROW(stream_of(h, [](irs_sink&) {}), data_error);
  };

  refused([](stream_header& h) { h.arrays[0].name = "data"; });
  refused([](stream_header& h) { h.arrays[0].what = role::data; });
  refused([](stream_header& h) { h.arrays[1].what = role::other; });
  refused([](stream_header& h) { h.arrays[1].axes[0].name = "x"; });
  refused([](stream_header& h) { h.arrays[1].axes[0].name = ""; });
  refused([](stream_header& h) { h.arrays[1].axes[0].size = 0; });
  refused([](stream_header& h) { h.arrays[1].axes[0].spacing = 0; });
  refused([](stream_header& h) { h.arrays[1].axes[0].origin = 1.0 / 0.0; });
  refused([](stream_header& h) {
    h.arrays[1].axes[0].size = h.arrays[1].axes[1].size = index_t{1} << 31;
  });
  refused([](stream_header& h) { h.arrays[1].nominal->range = {0, 65536}; });
  refused([](stream_header& h) { h.arrays[1].frames = 3; });
  refused([](stream_header& h) { h.along.name = "x"; });
}

BOOST_AUTO_TEST_CASE(progress_of_earlier_stages_is_told) {
  std::vector<std::string> heard;
  irs_read_options o;
  o.on_progress = [&](const progress_note& n) {
    heard.push_back(n.tool + " " + std::to_string(n.done) + "/" + std::to_string(n.total) + " " +
                    n.unit);
  };

  read_all(*open_irs(pipe_of(small_stream()), {}, o));

  BOOST_TEST(heard == (std::vector<std::string>{"ir-test 0/2 frame", "ir-test 1/2 frame"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(several_streams_are_one_only_where_asked_for) {
  stream_header h;
  h.arrays = {{"data", role::data, dtype::u8, {{"x", "", 7}}, {}, 1}};
  queue q;
  byte_string twice = stream_of(h, [&](irs_sink& s) {
    frame f = frame_of(q, h, 0, 0);
    s.put(f, q), s.finish();
  });
  h.arrays[0].frames = 2;  // of other lengths too
  h.along = {"t", "", 2};
  append(twice, stream_of(h, [&](irs_sink& s) {
           for (index_t k = 0; k < 2; ++k) {
             frame f = frame_of(q, h, 0, k);
             s.put(f, q);
           }
           s.finish();
         }));
  byte_string different = twice;
  append(different, small_stream());

  BOOST_CHECK_THROW(read_all(*open_irs(pipe_of(twice), {})), data_error);
  BOOST_CHECK_THROW(read_all(*open_irs(file_of(twice), {})), data_error);
  const auto both = open_irs(pipe_of(twice), {}, {.concatenated = true});
  BOOST_TEST(!data_of(both->header()).frames.has_value());
  BOOST_TEST(both->header().along.name == "t");
  BOOST_TEST(read_all(*both).places == "0:0[0,1) 0:1[0,1) 0:2[0,1) ");
  BOOST_CHECK_THROW(read_all(*open_irs(pipe_of(different), {}, {.concatenated = true})),
                    data_error);
}

BOOST_AUTO_TEST_CASE(the_end_mark_ends_the_stream_while_the_writer_stays) {
  const byte_string bytes = small_stream();
  int ends[2];
  BOOST_REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  descriptor writer(ends[1], "writer");
  writer.write(bytes);

  const received got = read_all(*open_irs(descriptor(ends[0], "standard input"), {}));

  BOOST_TEST(got.data.size() == 3u);
}

BOOST_AUTO_TEST_CASE(bytes_read_while_sniffing_are_part_of_the_stream) {
  const byte_string bytes = small_stream();
  for (const std::size_t n : {1, 8, 63, 64}) {
    const auto seen = std::span(bytes).first(n);
    const byte_string rest(bytes.begin() + static_cast<std::ptrdiff_t>(n), bytes.end());

    BOOST_TEST(read_all(*open_irs(pipe_of(rest), seen)).data.size() == 3u);
  }
}

BOOST_AUTO_TEST_CASE(a_frame_beyond_the_memory_is_refused_whole_and_read_in_parts) {
  const irs_read_options o{.memory = 39};  // psf 36 bytes, data 40

  BOOST_CHECK_THROW(read_all(*open_irs(pipe_of(small_stream()), {}, o)), memory_error);
  BOOST_TEST(read_all(*open_irs(pipe_of(small_stream()), {}, o), delivery::parts).data.size() ==
             5u);
}

BOOST_AUTO_TEST_SUITE_END()

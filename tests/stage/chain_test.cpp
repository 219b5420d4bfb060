#include "stage/chain.hpp"

#include <boost/test/unit_test.hpp>

#include "core/error.hpp"
#include "stage/pass.hpp"
#include "stage/pump.hpp"
#include "support/frames.hpp"

using namespace ir;

namespace {

/// Adds a number to every value; or asks for random access and does nothing.
struct plus final : stage {
  float value;
  access::kind_t needs;
  explicit plus(float v, access::kind_t n = access::frames) : value(v), needs(n) {}

  struct source final : frame_source {
    std::unique_ptr<frame_source> from;
    float value;
    source(std::unique_ptr<frame_source> f, float v) : from(std::move(f)), value(v) {}
    const stream_header& header() const override { return from->header(); }
    bool do_next(frame& f, queue& q) override {
      if (!from->next(f, q)) return false;
      const auto v = view<float>(f.data.get(), {f.data.get().extents.count()});
      for (index_t i = 0; i < v.extent(0); ++i) v(i) += value;
      return true;
    }
  };

  stage_plan plan(std::span<const stream_header> in, const resources&) const override {
    stage_plan p;
    p.out = in[0];
    p.needs = {{needs, 0}};
    p.host_bytes = 10;
    p.scratch_bytes = static_cast<index_t>(value);
    p.why = "adds";
    return p;
  }
  std::unique_ptr<frame_source> open(sources in, const stage_plan&) const override {
    return std::make_unique<source>(std::move(in[0]), value);
  }
};

std::unique_ptr<stage> chain_of(std::unique_ptr<stage> a, std::unique_ptr<stage> b) {
  std::vector<std::unique_ptr<stage>> stages;
  stages.push_back(std::move(a));
  stages.push_back(std::move(b));
  return chain(std::move(stages));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(chains)

BOOST_AUTO_TEST_CASE(the_output_of_each_is_the_input_of_the_next) {
  const auto both = chain_of(std::make_unique<plus>(1.0f), std::make_unique<plus>(20.0f));
  const std::vector headers{test::header_of({2, 3}, 4)};
  resources r;
  r.threads = 1;

  const stage_plan p = both->plan(headers, r);
  sources in;
  in.push_back(std::make_unique<test::made_frames>(
      headers[0], [](index_t k, index_t i) { return float(k + i); }));
  const auto out = both->open(std::move(in), p);
  test::kept_frames kept;
  queue q;
  pump(*out, kept, q);

  BOOST_TEST(p.host_bytes == 20);     // both live at once
  BOOST_TEST(p.scratch_bytes == 20);  // one computes at a time
  BOOST_TEST(p.why == "adds; adds");
  BOOST_REQUIRE(kept.frames.size() == 4u);
  BOOST_TEST(kept.frames[3][5] == 3 + 5 + 21);
}

BOOST_AUTO_TEST_CASE(random_access_within_a_chain_is_refused) {
  const auto both = chain_of(make_pass(), std::make_unique<plus>(1.0f, access::random));
  const std::vector headers{test::header_of({2, 3}, 4)};

  BOOST_CHECK_THROW((void)both->plan(headers, {}), usage_error);
}

BOOST_AUTO_TEST_CASE(an_empty_chain_is_refused) { BOOST_CHECK_THROW(chain({}), usage_error); }

BOOST_AUTO_TEST_SUITE_END()

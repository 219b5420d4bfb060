// What holds for every filter: slabs equal the whole, mirrored images give mirrored results, the
// number of threads changes nothing and the plan's scratch memory is enough.
#include <boost/test/unit_test.hpp>

#include "denoise/filter_fixture.hpp"
#include "denoise/gaussian_smoothing.hpp"
#include "denoise/median.hpp"

namespace {

using namespace ir::test;
using ir::boundary;
using ir::dtype;
using ir::index_t;
using ir::shape;

struct filter {
  const char* name;
  std::vector<dtype> types;
  std::vector<double> parameters;
  std::unique_ptr<ir::denoiser> (*make)(double parameter, boundary);
};

const filter filters[] = {
    {"median",
     {dtype::u8, dtype::u16, dtype::f32, dtype::f64},
     {1, 2, 3},
     [](double radius, boundary rule) {
       return ir::make_median({static_cast<index_t>(radius), rule});
     }},
    {"gaussian", {dtype::f32, dtype::f64}, {1.5, 2}, [](double width, boundary rule) {
       return ir::make_gaussian_smoothing({{width}, rule});
     }}};

template <class Law>
void for_every_filter(const std::vector<shape>& shapes, const std::vector<boundary>& rules,
                      const Law& law) {
  for (const filter& f : filters)
    for (const double parameter : f.parameters)
      for (const dtype type : f.types)
        for (const boundary rule : rules)
          for (const shape& n : shapes)
            BOOST_TEST_CONTEXT(f.name << ' ' << parameter << ' ' << name_of(type) << ' ' << n
                                      << " rule " << int(rule)) {
              law(*f.make(parameter, rule), random_image(n, type, 9), type);
            }
}

ir::queue queue_of_the_run() { return ir::queue(setups().front().q.where()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(filter_laws)

BOOST_AUTO_TEST_CASE(slabs_equal_the_whole) {
  ir::queue q = queue_of_the_run();
  for_every_filter({{2, 61, 30}, {1, 90}, {1, 17, 6, 7}},
                   {std::begin(all_rules), std::end(all_rules)},
                   [&](const ir::denoiser& d, const image& a, dtype type) {
                     BOOST_TEST((denoised_in_slabs(q, d, a, type, 9) == denoised(q, d, a, type)));
                   });
}

BOOST_AUTO_TEST_CASE(mirrored_images_give_mirrored_results) {
  ir::queue q = queue_of_the_run();
  for_every_filter({{2, 31, 45}, {1, 9, 777}, {1, 9, 10, 11}}, {boundary::reflect},
                   [&](const ir::denoiser& d, const image& a, dtype type) {
                     const image there{a.extents, denoised(q, d, a, type)};
                     BOOST_TEST((denoised(q, d, mirrored(a), type) == mirrored(there).values));
                   });
}

BOOST_AUTO_TEST_CASE(one_thread_and_two_give_the_same_and_the_plan_s_scratch_is_enough) {
  const int before = ir::threads();
  for_every_filter({{1, 150, 280}, {2, 10, 12, 14}, {1, 5000}}, {boundary::reflect},
                   [&](const ir::denoiser& d, const image& a, dtype type) {
                     ir::set_threads(1);
                     ir::queue one = queue_of_the_run();
                     one.reserve(d.scratch_bytes(a.extents, type, one.where()));
                     const index_t reserved = one.reserved();
                     const auto alone = denoised(one, d, a, type);
                     BOOST_TEST(one.reserved() == reserved);
                     ir::set_threads(2);
                     ir::queue two = queue_of_the_run();
                     BOOST_TEST((denoised(two, d, a, type) == alone));
                   });
  ir::set_threads(before);
}

BOOST_AUTO_TEST_SUITE_END()

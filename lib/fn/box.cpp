#include "fn/box.hpp"

#include <fmt/format.h>

#include "fn/registry.hpp"

namespace ir {

box::box(const space& in, double low, double high)
    : pointwise(low == 0 && high > 1e300 ? std::string("nonnegative")
                                         : fmt::format("box({:.6g}, {:.6g})", low, high),
                in,
                {.prox = offer::exact, .diagonal_step = true, .conjugate = true, .finite = false}),
      low_(low),
      high_(high) {
  detail::require_real(in, "box");
  if (!(low <= high)) throw usage_error(fmt::format("a box from {} to {} is empty", low, high));
}

namespace {

const registered<fn_entry> box_entry{
    {"box",
     "0 where low <= x_i <= high, else infinite",
     {{"low", argument_kind::number, "least value"},
      {"high", argument_kind::number, "greatest value"}},
     [](auto a) -> term_spec {
       return {1, functional_of(
                      [low = number(a[0]), high = number(a[1])](const space& x, precision, queue&) {
                        return std::make_shared<box>(x, low, high);
                      })};
     }}};
const registered<fn_entry> nonneg_entry{
    {"nonneg", "0 where x_i >= 0, else infinite", {}, [](auto) -> term_spec {
       return {1, functional_of([](const space& x, precision, queue&) {
                 return std::make_shared<box>(x, 0);
               })};
     }}};

}  // namespace
}  // namespace ir

#include "op/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ir {
namespace {

template <class T>
const T& held(const argument& a, const char* what) {
  if (const T* v = std::get_if<T>(&a)) return *v;
  throw bug_error(fmt::format("an operator's argument is not {}", what));
}

bool is_array(const argument& a, bool may_be_sparse) {
  const array_ptr* array = std::get_if<array_ptr>(&a);
  return array != nullptr && (may_be_sparse || !(*array)->sparse);
}

bool fits(const argument& a, argument_kind k) {
  switch (k) {
    case argument_kind::number:
      return std::holds_alternative<double>(a);
    case argument_kind::numbers:
      return std::holds_alternative<double>(a) || std::holds_alternative<std::vector<double>>(a);
    case argument_kind::word:
      return std::holds_alternative<std::string>(a);
    case argument_kind::array:
      return is_array(a, false);
    case argument_kind::matrix:
      return is_array(a, true);
    case argument_kind::op:
      return std::holds_alternative<spec_ptr>(a);
    case argument_kind::kernel:
      return is_array(a, false) || std::holds_alternative<spec_ptr>(a);
    case argument_kind::functional:
      return std::holds_alternative<std::shared_ptr<const fn_spec>>(a);
  }
  return false;
}

const char* name_of(argument_kind k) {
  constexpr const char* names[] = {"a number",
                                   "numbers",
                                   "a word",
                                   "an @array, not sparse",
                                   "an @matrix",
                                   "an operator",
                                   "an @array or gaussian(...)",
                                   "a functional"};
  return names[static_cast<int>(k)];
}

}  // namespace

template <>
std::vector<op_entry>& registry_of<op_entry>() {
  static std::vector<op_entry> operators;
  return operators;
}

const op_entry* find_op(std::string_view name) {
  for (const op_entry& e : registered<op_entry>::all())
    if (e.name == name) return &e;
  return nullptr;
}

std::vector<argument> arguments_for(std::string_view name, std::span<const parameter> takes,
                                    std::vector<std::pair<std::string, argument>> given) {
  std::vector<argument> all;
  for (const parameter& p : takes) {
    const auto found = std::ranges::find(given, p.name, &std::pair<std::string, argument>::first);
    if (found == given.end() && !p.fallback)
      throw usage_error(fmt::format("{}: {} is missing ({})", name, p.name, p.help));
    argument value = found == given.end() ? *p.fallback : found->second;
    if (!fits(value, p.takes))
      throw usage_error(fmt::format("{}: {} is {}", name, p.name, name_of(p.takes)));
    all.push_back(std::move(value));
    if (found != given.end()) given.erase(found);
  }
  if (!given.empty())
    throw usage_error(fmt::format("{} has no argument '{}'", name, given.front().first));
  return all;
}

std::vector<argument> arguments_for(const op_entry& e,
                                    std::vector<std::pair<std::string, argument>> given) {
  return arguments_for(e.name, e.takes, std::move(given));
}

double number(const argument& a) { return held<double>(a, "a number"); }

index_t whole_number(const argument& a, const char* name, index_t least, index_t most) {
  const double v = number(a);
  if (v != std::floor(v) || v < static_cast<double>(least) || v > static_cast<double>(most))
    throw usage_error(
        fmt::format("{} is {:g}: a whole number from {} to {} is expected", name, v, least, most));
  return static_cast<index_t>(v);
}

std::vector<double> numbers(const argument& a) {
  if (const double* one = std::get_if<double>(&a)) return {*one};
  return held<std::vector<double>>(a, "a list of numbers");
}

const std::string& word(const argument& a) { return held<std::string>(a, "a word"); }
array_ptr loaded(const argument& a) { return held<array_ptr>(a, "an array"); }
spec_ptr operand(const argument& a) { return held<spec_ptr>(a, "an operator"); }
std::shared_ptr<const fn_spec> functional_operand(const argument& a) {
  return held<std::shared_ptr<const fn_spec>>(a, "a functional");
}

void require_trailing_axes(const space& x, const loaded_array& w) {
  const shape& n = x.extents();
  const int missing = n.rank() - w.extents.rank();
  bool fits = missing >= 0 && w.extents.count() > 0;
  for (int a = 0; fits && a < w.extents.rank(); ++a) fits = n[missing + a] == w.extents[a];
  if (!fits)
    throw shape_error(
        fmt::format("{} for x of {}: it must have x's trailing axes", w.described(), to_string(x)));
  if (w.of == field::complex && x.blocks()[0].of != field::complex)
    throw shape_error(fmt::format("{} is complex, x ({}) is real", w.described(), to_string(x)));
}

double for_axis(const std::vector<double>& list, int axis, int rank, const char* what) {
  if (list.size() != 1 && std::ssize(list) != rank)
    throw usage_error(
        fmt::format("{} numbers of {} for {} axes: one, or one for each", list.size(), what, rank));
  return list.size() == 1 ? list[0] : list[static_cast<std::size_t>(axis)];
}

}  // namespace ir

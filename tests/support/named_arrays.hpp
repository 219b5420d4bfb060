#pragma once
#include <memory>
#include <random>
#include <string>

#include "op/registry.hpp"

namespace ir::test {

/// What expressions of tests name as files: a letter and extents tell an array of random values,
/// always the same for the same name.
///
///   @r5x4  in [-1, 1]    @p3x2  in [0.1, 1]    @c4  complex, of norm 0.1 to 1.5    @m5x4  0 or 1
///   @s5x4  a sparse matrix of values in [-1, 1]
///   @M     {1, -2, 0}, {0, 1, 3}               @e   the same as entries, -2 in two parts
///   @w     {2, -4, 1, 0.5}                     @i   {3, 0, 3, 1}, indices
///   @box   {1, 1}
inline array_ptr named_array(const std::string& name) {
  const auto fixed = [&](shape n, std::vector<double> values) {
    return std::make_shared<loaded_array>(loaded_array{name, n, field::real, std::move(values)});
  };
  if (name == "M") return fixed({2, 3}, {1, -2, 0, 0, 1, 3});
  if (name == "e") return fixed({5, 3}, {1, 2, 3, 0, 1, -3, 0, 0, 1, 1, 1, 1, 0, 1, 1});
  if (name == "w") return fixed({4}, {2, -4, 1, 0.5});
  if (name == "i") return fixed({4}, {3, 0, 3, 1});
  if (name == "box") return fixed({2}, {1, 1});

  auto a = std::make_shared<loaded_array>();
  std::vector<index_t> extents;
  for (std::size_t at = 1; at < name.size(); at = name.find('x', at) + 1) {
    extents.push_back(std::stoll(name.substr(at)));
    if (name.find('x', at) == std::string::npos) break;
  }
  a->name = name;
  a->extents = shape(extents);
  a->of = name[0] == 'c' ? field::complex : field::real;
  std::mt19937 bits(static_cast<unsigned>(a->extents.count()));
  const auto uniform = [&] { return static_cast<double>(bits() % 1801) / 2000 + 0.1; };
  const auto sign = [&] { return bits() % 2 == 0 ? 1.0 : -1.0; };
  const index_t reals = a->extents.count() * (a->of == field::complex ? 2 : 1);
  for (index_t i = 0; i < reals; ++i) {
    const double v = uniform();
    a->values.push_back(name[0] == 'p' ? v : name[0] == 'm' ? (v > 0.4 ? 1 : 0) : sign() * v);
  }
  if (name[0] != 's') return a;
  auto some = std::make_shared<sparse_entries>();
  for (index_t i = 0; i < a->extents.count(); i += 2) {
    some->row.push_back(i / a->extents[1]);
    some->column.push_back(i % a->extents[1]);
    some->values.push_back(a->values[static_cast<std::size_t>(i)]);
  }
  a->sparse = some;
  a->values.clear();
  return a;
}

}  // namespace ir::test

#include "expr/load_array.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "io/matrix_market.hpp"
#include "io/text_file.hpp"

namespace ir::expr {
namespace {

array_ptr load_matrix(const std::string& name) {
  matrix_market m = read_matrix_market(read_text_file(name), name);
  auto out = std::make_shared<loaded_array>();
  out->name = name;
  out->extents = shape{m.rows, m.columns};
  out->of = m.complex ? field::complex : field::real;
  if (m.coordinate) {
    out->sparse = std::make_shared<sparse_entries>(
        sparse_entries{std::move(m.row), std::move(m.column), std::move(m.values)});
    return out;
  }
  const std::size_t reals = m.complex ? 2 : 1;
  out->values.resize(m.values.size());
  for (std::size_t e = 0; e < m.row.size(); ++e) {
    const auto to = static_cast<std::size_t>(m.row[e] * m.columns + m.column[e]);
    std::copy_n(m.values.begin() + static_cast<std::ptrdiff_t>(e * reals), reals,
                out->values.begin() + static_cast<std::ptrdiff_t>(to * reals));
  }
  return out;
}

}  // namespace

array_ptr load_operand(const std::string& name) {
  return name.ends_with(".mtx") ? load_matrix(name) : load_array(name, {}, 0);
}

array_ptr load_array(const std::string& name, const input_options& how, index_t budget) {
  queue host;
  const auto from = open_input({name}, how);
  const int data = data_index(from->header());
  const array_info& info = data_of(from->header());
  const bool complex = is_complex(info.type);
  const dtype type = complex ? dtype::c128 : dtype::f64;

  auto out = std::make_shared<loaded_array>();
  out->name = name;
  out->of = complex ? field::complex : field::real;
  index_t frames = 0;
  for (frame f; from->next(f, host);) {
    if (f.array_no != data) continue;
    const cref values = std::as_const(f.data).get();
    const std::size_t have = out->values.size(),
                      more = static_cast<std::size_t>(values.extents.count()) * (complex ? 2 : 1);
    if (budget > 0 && static_cast<index_t>((have + more) * sizeof(double)) > budget)
      throw memory_error(
          fmt::format("'{}' takes more than the {} bytes that there are", name, budget));
    out->values.resize(have + more);
    copy(host, values, ref(out->values.data() + have, type, values.extents));
    ++frames;
  }
  if (frames == 0) throw data_error(fmt::format("'{}' has no frames", name));
  std::vector<index_t> n;
  if (frames > 1) n.push_back(frames);
  for (const axis& a : info.axes) n.push_back(a.size);
  out->extents = shape(n);
  return out;
}

}  // namespace ir::expr

#include "op/matrix.hpp"

// matrix and sparse in the language.
namespace ir {
namespace {

struct dense_spec final : op_spec {
  explicit dense_spec(array_ptr a) : m(std::move(a)) {}
  array_ptr m;
  space do_range(const space& x) const override { return matrix_range(x, *m); }
  std::optional<space> do_domain(const space&) const override { return space({m->extents[1]}); }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return std::make_shared<dense_matrix>(q, x, *m, p);
  }
  op_cost do_cost(const space&, precision p, device) const override {
    const double entries = static_cast<double>(m->extents.count());
    const index_t real = size_of(real_type(p));
    return {.flops = 2 * entries,
            .bytes = entries * static_cast<double>(real),
            .table_bytes = 2 * m->extents.count() * real};
  }
};

struct sparse_spec final : op_spec {
  sparse_spec(sparse_entries e, index_t m, index_t n, field f)
      : entries(std::move(e)), rows(m), columns(n), of(f) {}
  sparse_entries entries;
  index_t rows, columns;
  field of;
  space do_range(const space& x) const override {
    return matrix_range(x, rows, columns, of, "a sparse matrix");
  }
  std::optional<space> do_domain(const space&) const override { return space({columns}, of); }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return std::make_shared<sparse_matrix>(q, x, entries, rows, columns, of, p);
  }
  op_cost do_cost(const space& x, precision p, device) const override {
    matrix_range(x, rows, columns, of, "a sparse matrix");
    const index_t reals = of == field::complex ? 2 : 1, index = sizeof(index_t);
    const index_t count = std::ssize(entries.row) * reals * reals;
    const index_t bytes = count * (size_of(real_type(p)) + index);
    return {.flops = 2 * static_cast<double>(count),
            .bytes = static_cast<double>(bytes),
            .table_bytes = 2 * bytes + (rows + columns + 2) * reals * index};
  }
};

std::shared_ptr<op_spec> make_matrix(std::span<const argument> a) {
  const array_ptr m = loaded(a[0]);
  checked_matrix(*m);
  if (!m->sparse && m->of == field::real) return std::make_shared<dense_spec>(m);
  return std::make_shared<sparse_spec>(entries_of_matrix(*m), m->extents[0], m->extents[1], m->of);
}

std::shared_ptr<op_spec> make_sparse(std::span<const argument> a) {
  constexpr index_t most = index_t{1} << 48;
  const index_t rows = whole_number(a[1], "rows", 1, most);
  const index_t columns = whole_number(a[2], "columns", 1, most);
  return std::make_shared<sparse_spec>(entries_of_list(*loaded(a[0]), rows, columns), rows, columns,
                                       field::real);
}

using kind = argument_kind;

const registered<op_entry> matrix_entry{{"matrix",
                                         "an explicit matrix times x as one column, in C order",
                                         {{"matrix", kind::matrix,
                                           "(rows, columns), real or complex, then x is; or a "
                                           "Matrix Market file, .mtx, sparse or not"}},
                                         make_matrix}};

const registered<op_entry> sparse_entry{
    {"sparse",
     "a sparse matrix times x as one column, in C order",
     {{"entries", kind::array, "(n, 3), real: row and column from 0, value; same places add"},
      {"rows", kind::number, "of the matrix"},
      {"columns", kind::number, "of the matrix"}},
     make_sparse}};

}  // namespace
}  // namespace ir

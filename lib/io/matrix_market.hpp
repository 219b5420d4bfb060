#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/index.hpp"

namespace ir {

/// The entries of a Matrix Market file, all of them: those that symmetry implies too.
struct matrix_market {
  index_t rows = 0, columns = 0;
  bool complex = false;              // then values are pairs
  bool coordinate = true;            // else every place has an entry
  std::vector<index_t> row, column;  // from 0
  std::vector<double> values;
};

/// Whether a text begins as such a file does.
bool is_matrix_market(std::string_view text);

/// Reads coordinate and array files; real, integer, complex, pattern (entries of 1); general,
/// symmetric, skew-symmetric, Hermitian. data_error "file:line: what is wrong". `file` is for
/// messages.
///
/// Source: R. F. Boisvert, R. Pozo, K. A. Remington, The Matrix Market Exchange Formats, NISTIR
/// 5935 (1996).
matrix_market read_matrix_market(std::string_view text, const std::string& file);

}  // namespace ir

#pragma once
#include <string>
#include <string_view>

#include "io/descriptor.hpp"
#include "solver/sealed.hpp"

namespace ir {

/// Solutions of the elements of a stack, one after the other in a file, so that a run that was
/// killed goes on with the next. Each is a record (solver/sealed.hpp, "IRSOLVED") with the JSON
/// {"problem", ...} and the reals of x; `problem` tells the element, its data and all options.
class solution_log {
 public:
  enum class file { fresh, as_it_is };
  /// output_error: it cannot be written, or it is there and no such file.
  solution_log(const std::string& path, file);

  /// The next solution in the file, into x, and what else was told of it; null: there is none, and
  /// what follows, damaged or cut, is left out. data_error: it is of another problem.
  metadata_ptr next(queue&, std::string_view problem, vec x);
  /// Behind those that were read; on the disk when this returns. `facts`: members of a JSON object,
  /// "\"a\":1,...", or nothing.
  void append(queue&, std::string_view problem, std::string_view facts, cvec x);

 private:
  std::string path_;
  descriptor file_;
  index_t at_ = 0;
};

}  // namespace ir

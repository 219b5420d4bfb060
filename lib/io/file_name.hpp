#pragma once
#include <string>

namespace ir {

/// "scan.h5:/entry/data" in two.
struct file_name {
  std::string path, inside;
};

/// Splits at the last ":/" where what comes before is a file, or has the extension of a format that
/// can hold several datasets; else all of it is the path: names with a colon work.
file_name split_name(const std::string&);

}  // namespace ir

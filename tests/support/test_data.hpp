#pragma once
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

namespace ir::test {

/// A file of the public test data: below $IR_TEST_DATA, else below the nearest shared/data above
/// the working folder. Absent: nullopt, and a line that says what is skipped.
inline std::optional<std::string> test_data(const std::string& name) {
  namespace fs = std::filesystem;
  fs::path root;
  if (const char* told = std::getenv("IR_TEST_DATA"))
    root = told;
  else
    for (fs::path up = fs::current_path(); root.empty() && up != up.root_path();
         up = up.parent_path())
      if (fs::exists(up / "shared" / "data")) root = up / "shared" / "data";
  if (!root.empty() && fs::exists(root / name)) return (root / name).string();
  std::cout << "skipped: no test data " << name << " (set IR_TEST_DATA)\n";
  return {};
}

}  // namespace ir::test

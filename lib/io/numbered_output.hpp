#pragma once
#include <memory>
#include <optional>
#include <string>

#include "io/format.hpp"

namespace ir {

/// "out/slice_%05d.tif": what comes before and after the number, and its width.
struct numbered_name {
  std::string before, after;
  int width = 0;

  /// nullopt: no %d or %0Nd in it. usage_error: two of them, one in the folder's name, or another
  /// conversion.
  static std::optional<numbered_name> parse(const std::string& target);
  std::string with(index_t number) const;
};

/// One file for each frame of data, counted from 0; all appear together.
std::unique_ptr<frame_sink> numbered_output(const numbered_name&, const format&,
                                            const stream_header&, const create_options&);

}  // namespace ir

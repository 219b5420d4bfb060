#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "io/pending.hpp"

namespace ir {

/// A file that appears whole, under its name. output_error, io_error.
void write_file(const std::string& path, std::span<const std::byte>, pending_file::existing);
void write_text_file(const std::string& path, const std::string& text, pending_file::existing);

/// All of a file or FIFO. no_input_error, io_error.
std::string read_text_file(const std::string& path);

}  // namespace ir

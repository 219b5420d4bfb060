#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/hdf5_handle.hpp"

/// Attributes of an object, under a guard. Reading finds nothing where an attribute is absent or of
/// another kind; writing throws io_error.
namespace ir::hdf5 {

std::optional<std::string> text(id object, const char* name);
std::vector<std::string> texts(id object, const char* name);
std::vector<double> numbers(id object, const char* name);

void put_texts(id object, const char* name, const std::vector<std::string>& values);
void put_text(id object, const char* name, const std::string& value);
void put_numbers(id object, const char* name, const std::vector<double>& values);

}  // namespace ir::hdf5

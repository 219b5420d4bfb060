#pragma once
#include <string>
#include <vector>

#include "cli/option_table.hpp"

namespace ir {

/// The word of the command line as a value. Numbers are read by from_chars, never by the locale;
/// elements of lists are separated by commas.
/// usage_error, naming the option: not a number, out of range, not one of the choices.
void parse_value(const option_info&, const std::string& word, int&);
void parse_value(const option_info&, const std::string& word, index_t&);
void parse_value(const option_info&, const std::string& word, double&);
void parse_value(const option_info&, const std::string& word, std::string&);
void parse_value(const option_info&, const std::string& word, shape&);
void parse_value(const option_info&, const std::string& word, std::vector<double>&);
void parse_value(const option_info&, const std::string& word, std::vector<index_t>&);
/// One element, commas and all, where the option is repeatable: file names contain commas.
void parse_value(const option_info&, const std::string& word, std::vector<std::string>&);

/// A value as it would be written on the command line; empty for an empty one.
std::string value_text(index_t);
std::string value_text(double);
std::string value_text(const std::string&);
std::string value_text(const shape&);
std::string value_text(const std::vector<double>&);
std::string value_text(const std::vector<index_t>&);
std::string value_text(const std::vector<std::string>&);

/// How messages call an option: --sigma, -j or INPUT.
const std::string& name_of(const option_info&);

}  // namespace ir

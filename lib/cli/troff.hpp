#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace ir {

// Text as man(7) macros.

/// A comment that tells who wrote the page, and .TH with the version's date.
std::string troff_title(std::string_view written_by, std::string_view name, int section);

/// A line to be set as it stands, without troff's own meaning of its characters.
std::string troff_literal(std::string_view line);

/// A paragraph as troff likes it: filled lines below 80 bytes, each sentence on a new line. Hyphens
/// of prose stay hyphens, those of an option are minus signs.
std::string troff_prose(std::string_view paragraph);

/// Lines as they are, indented.
std::string troff_verbatim(const std::vector<std::string>& lines);

/// A heading and the paragraphs (cli/text.hpp) below it.
std::string troff_section(std::string_view heading, std::string_view text);

/// A bold name and its text.
std::string troff_definition(std::string_view name, std::string_view text);

}  // namespace ir

#pragma once
#include <string>

#include "io/frame.hpp"
#include "io/metadata.hpp"

namespace ir {

/// What a file format without places of its own for them keeps of an array, as one JSON object:
///
///   {"name": "data", "axes": ["z", "y", "x"], "size": [..], "spacing": [..], "origin": [..],
///   "unit": ["um", ..],
///    "role": "data", "nominal": "u16", "range": [0, 4095], "meta": {..}}
///
/// `all` are the axes of the array, slowest first; lists go in that order.
std::string note_of(const array_info& what, const std::vector<axis>& all, const metadata_ptr& meta);

/// The extents that a note is about; empty if it is no note.
std::vector<index_t> extents_of_note(const std::string& note);

/// Sets name, axes' names, units, spacings and origins, role and nominal of `info`, and `meta`,
/// from a note about an array of these extents. False, and nothing changed: it is about another
/// array.
bool apply_note(const std::string& note, array_info& info, metadata_ptr& meta);

/// Numbers of a JSON list of numbers; empty if it is anything else.
std::vector<double> numbers_of(std::string_view json_list);

}  // namespace ir

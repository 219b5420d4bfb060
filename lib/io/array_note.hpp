#pragma once
#include <string>

#include "io/frame.hpp"
#include "io/metadata.hpp"

namespace ir {

/// What a file format without places of its own for them keeps of an array, as one JSON object:
///
///   {"axes": ["z", "y", "x"], "spacing": [..], "origin": [..], "unit": ["um", ..],
///    "role": "data", "nominal": "u16", "range": [0, 4095], "meta": {..}}
///
/// `all` are the axes of the array, slowest first; lists go in that order.
std::string note_of(const array_info& what, const std::vector<axis>& all, const metadata_ptr& meta);

/// The other way: sets axes' names, units, spacings and origins, role and nominal of `info` where
/// the note names as many axes as it has; `meta` becomes the note's. False, and nothing changed:
/// the note is no such JSON or is about an array of another rank.
bool apply_note(const std::string& note, array_info& info, metadata_ptr& meta);

/// Numbers of a JSON list of numbers; empty if it is anything else.
std::vector<double> numbers_of(std::string_view json_list);

}  // namespace ir

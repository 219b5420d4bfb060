#pragma once
#include <string>
#include <vector>

#include "io/frame.hpp"
#include "io/metadata.hpp"

/// JSON of the records of a frame stream, irs(5); not for other parts of the library.
namespace ir::irs {

/// data_error with `where` in front: names twice, extents below 1, not exactly one array with role
/// data, more bytes a frame than can be counted, ...
void check(const stream_header&, const std::string& where);

/// The JSON of HEAD.
std::string dump(const stream_header&);
/// The header that HEAD's JSON describes, checked. data_error.
stream_header parse_head(const metadata&, const std::string& where);

/// The JSON of TAIL and back: number of frames of each array.
std::string dump_counts(const std::vector<index_t>& frames);
std::vector<index_t> parse_counts(const metadata&, const std::string& where);

}  // namespace ir::irs

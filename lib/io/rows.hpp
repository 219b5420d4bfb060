#pragma once
#include <memory>
#include <string>
#include <vector>

#include "io/output.hpp"
#include "io/source.hpp"

namespace ir {

/// Data that are several arrays of different extents, as the rows of a stacked operator [A; B] give
/// them: in a stream "row0", "row1", ... with role other, and the last row as the data. Frame k of
/// each belongs to the same element.

std::string row_name(std::size_t row);
/// Whether an array has the role and name of a row before the last.
bool is_row(const array_info&);
/// The arrays of the rows in order, the data last; of other streams the data alone.
std::vector<int> row_arrays(const stream_header&);

/// The data of these sources as the rows of one stream; what else they carry is left, but for the
/// last one's. shape_error naming two `names` with different numbers of frames.
std::unique_ptr<frame_source> join_rows(std::vector<std::unique_ptr<frame_source>>,
                                        const std::vector<std::string>& names);

/// Whether a file's name asks for one file a row: "y_{row}.tif".
bool names_rows(const std::string& target);
/// One file for each row, {row} counting from 0: of the arrays of the rows, or along the axis "row"
/// of the data where they are one array. Other arrays go with the last. usage_error: there are no
/// rows; errors of create_output.
std::unique_ptr<frame_sink> row_files(const std::string& target, const stream_header&,
                                      const output_options&, std::shared_ptr<const cancellation>);

}  // namespace ir

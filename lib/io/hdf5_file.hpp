#pragma once
#include <string>
#include <vector>

#include "io/hdf5.hpp"
#include "io/hdf5_handle.hpp"

namespace ir::hdf5 {

/// A file opened for reading only. data_error: no HDF5 file, damaged, or locked by a writer.
handle open_file(const std::string& path);

/// Datasets below `group` ("/": of the file), by path; those that only links to other files reach
/// are left out. Under a guard.
std::vector<hdf5_dataset> list(id file, const std::string& group);

/// Whether this path ("/": the file's root) is a group. Under a guard.
bool is_group(id file, const std::string& path);

/// Path of the dataset that `inside` means: itself, or, for a group and for nothing, the only one
/// below it that holds numbers in two dimensions or more (else the only one that holds numbers);
/// coordinates and what belongs to other datasets do not count. data_error lists the candidates.
std::string find_dataset(id file, const std::string& path, const std::string& inside);

/// Attribute of a dataset that names the arrays that go with it, in its group.
inline constexpr const char* side_attribute = "side_arrays";
/// Attribute that holds a note (io/array_note.hpp).
inline constexpr const char* note_attribute = "ir";

}  // namespace ir::hdf5

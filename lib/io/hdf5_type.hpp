#pragma once
#include <string>

#include "core/dtype.hpp"
#include "io/hdf5_handle.hpp"

namespace ir::hdf5 {

/// A type of a file as one of ours. Under a guard.
struct stored_type {
  std::optional<dtype> type;  // absent: `why` says why not
  bool boolean = false;       // h5py's enumeration of FALSE and TRUE
  bool same_bytes = false;    // what lies in the file is `type`, but for the byte order
  bool big_endian = false;
  std::string why;
};
stored_type type_of(id file_type);

/// In memory, native byte order: f16 as IEEE half, complex as h5py's compound {r, i}.
handle memory_type(dtype);
/// The same for reading from `file_type`: enumerations are read as their integers.
handle memory_type(dtype, id file_type);

}  // namespace ir::hdf5

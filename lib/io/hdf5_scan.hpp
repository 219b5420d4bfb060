#pragma once
#include <memory>
#include <optional>
#include <string>

#include "io/box_source.hpp"
#include "io/hdf5_handle.hpp"

namespace ir::hdf5 {

/// Where a scan lies in a file; empty: there is none of it.
struct scan_paths {
  std::string layout;            // "DXchange", "NXtomo"
  std::string data, flat, dark;  // (frame, v, u)
  std::string angle;             // one a frame of data
  std::string key;               // NXtomo: 0 projection, 1 flat, 2 dark, else not used
  std::string pixel_v, pixel_u;  // sizes of a pixel
};

/// The scan below a group ("/": of the file), through links, also to other files:
/// DXchange: `exchange/data` with `data_white`, `data_dark` or `theta` beside it;
/// NXtomo: a detector with `data` and `image_key`, at most two groups below. Nothing where there is
/// none. data_error: several (they are listed), a link that leads nowhere. Under a guard.
std::optional<scan_paths> find_scan(id file, const std::string& path, const std::string& group);

/// Its arrays (io/scan.hpp). data_error: counts or extents that differ, no projections.
file_contents open_scan(const std::string& path, std::shared_ptr<const handle> file,
                        const scan_paths&);

}  // namespace ir::hdf5

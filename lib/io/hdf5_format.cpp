// HDF5: one dataset of a file, with the arrays that go with it.
#include <algorithm>
#include <cstring>

#include "core/error.hpp"
#include "io/format.hpp"
#include "io/hdf5_boxes.hpp"
#include "io/hdf5_file.hpp"
#include "io/hdf5_scan.hpp"
#include "io/hdf5_writer.hpp"

namespace ir {
namespace {

constexpr unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

/// The group that is asked for; nothing where a dataset is.
std::optional<std::string> asked_group(hdf5::id file, const std::string& inside) {
  std::string path = inside.empty() || inside[0] != '/' ? "/" + inside : inside;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return hdf5::is_group(file, path) ? std::optional(path) : std::nullopt;
}

file_contents open(const std::string& path, const open_options& options) {
  const hdf5::guard inside;
  const auto file = std::make_shared<const hdf5::handle>(hdf5::open_file(path));
  if (const auto group = asked_group(*file, options.path_inside))
    if (const auto scan = hdf5::find_scan(*file, path, *group))
      return hdf5::open_scan(path, file, *scan);
  const std::string data = hdf5::find_dataset(*file, path, options.path_inside);
  hdf5::opened_dataset main = hdf5::open_dataset(path, file, data, options.axis_names);
  file_contents contents;
  contents.format = "HDF5";
  contents.meta = main.meta;
  const std::string folder = data.substr(0, data.rfind('/') + 1);
  for (const std::string& side : main.sides)
    contents.arrays.push_back(hdf5::open_dataset(path, file, folder + side, {}).boxes);
  contents.arrays.push_back(std::move(main.boxes));
  return contents;
}

/// Every dataset of numbers but what belongs to another one; nothing of a scan, which is one thing.
std::vector<array_info> list(const std::string& path) {
  {
    const hdf5::guard inside;
    if (hdf5::find_scan(hdf5::open_file(path), path, "/")) return {};
  }
  std::vector<array_info> arrays;
  for (const hdf5_dataset& d : hdf5_contents(path)) {
    const bool empty = std::count(d.extents.begin(), d.extents.end(), 0) > 0;
    if (!d.type || d.scale || d.side || empty || d.extents.size() > shape::max_rank) continue;
    array_info info = file_array(*d.type, name_axes(d.extents, {}));
    info.name = d.path;
    arrays.push_back(std::move(info));
  }
  return arrays;
}

const registered<format> entry{{
    .name = "HDF5",
    .extensions = {".h5", ".hdf5", ".hdf", ".nxs", ".nx5"},
    .aliases = {"h5"},
    .appends = true,
    .sides = true,
    .pages = true,
    .sniff =
        [](std::span<const std::byte> b) {
          return b.size() >= sizeof signature &&
                 std::memcmp(b.data(), signature, sizeof signature) == 0;
        },
    .open = open,
    .list = list,
    .create = hdf5::create,
}};

}  // namespace
}  // namespace ir

#include "io/hdf5_file.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <hdf5.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "io/hdf5_attribute.hpp"
#include "io/hdf5_type.hpp"

namespace ir::hdf5 {
namespace {

std::vector<index_t> extents_of(id of_space) {
  const int rank = std::max(0, H5Sget_simple_extent_ndims(of_space));
  std::vector<hsize_t> n(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(of_space, n.data(), nullptr);
  return {n.begin(), n.end()};
}

hdf5_dataset describe(id file, const std::string& path) {
  hdf5_dataset d;
  d.path = path;
  const handle data = dataset(H5Dopen2(file, path.c_str(), H5P_DEFAULT));
  if (!data) return d;
  const handle extents = space(H5Dget_space(data)), kind = type(H5Dget_type(data));
  const handle how = hdf5::list(H5Dget_create_plist(data));
  d.extents = extents_of(extents);
  if (H5Sget_simple_extent_type(extents) != H5S_NULL) d.type = type_of(kind).type;
  if (H5Pget_layout(how) == H5D_CHUNKED) {
    std::vector<hsize_t> n(d.extents.size());
    H5Pget_chunk(how, int(n.size()), n.data());
    d.chunk.assign(n.begin(), n.end());
  }
  d.scale = text(data, "CLASS") == "DIMENSION_SCALE";
  return d;
}

std::string line_of(const hdf5_dataset& d) {
  return fmt::format("{} {} {}", d.path, fmt::join(d.extents, "x"), name_of(*d.type));
}

}  // namespace

handle open_file(const std::string& path) {
  const guard inside;
  handle access = hdf5::list(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_file_locking(access, true, true);  // file systems without locks do not matter to a reader
  handle f = file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access));
  if (f) return f;
  const std::string why = cause();
  if (why.find("lock") != std::string::npos)
    throw data_error(fmt::format(
        "{}: a program has it open for writing ({}); HDF5_USE_FILE_LOCKING=FALSE reads it anyway",
        path, why));
  throw data_error(fmt::format("{}: cannot be opened as HDF5: {}", path, why));
}

std::vector<hdf5_dataset> list(id file, const std::string& below) {
  struct found {
    std::vector<std::string> paths;
    std::string prefix;
  } all{{}, below == "/" ? "/" : below + "/"};
  H5Ovisit_by_name2(
      file, below.c_str(), H5_INDEX_NAME, H5_ITER_INC,
      [](hid_t, const char* name, const H5O_info_t* info, void* to) -> herr_t {
        auto& f = *static_cast<found*>(to);
        if (info->type == H5O_TYPE_DATASET) f.paths.push_back(f.prefix + name);
        return 0;
      },
      &all, H5O_INFO_BASIC, H5P_DEFAULT);
  std::vector<hdf5_dataset> datasets;
  std::set<std::string> sides;
  for (const std::string& path : all.paths) {
    datasets.push_back(describe(file, path));
    const handle data = dataset(H5Dopen2(file, path.c_str(), H5P_DEFAULT));
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    for (const std::string& name : texts(data, side_attribute)) sides.insert(folder + name);
  }
  for (hdf5_dataset& d : datasets) d.side = sides.count(d.path) > 0;
  return datasets;
}

bool is_group(id file, const std::string& path) {
  H5O_info_t info;
  return H5Oget_info_by_name(file, path.c_str(), &info, H5P_DEFAULT) >= 0 &&
         info.type == H5O_TYPE_GROUP;
}

std::string find_dataset(id file, const std::string& path, const std::string& asked) {
  std::string inside = asked.empty() || asked[0] != '/' ? "/" + asked : asked;
  H5O_info_t info;
  if (inside != "/" && H5Oget_info_by_name(file, inside.c_str(), &info, H5P_DEFAULT) < 0)
    throw data_error(fmt::format("{}: no {} in it: {}", path, inside, cause()));
  if (inside != "/" && info.type == H5O_TYPE_DATASET) return inside;

  std::vector<hdf5_dataset> candidates = list(file, inside);
  std::erase_if(candidates, [](const hdf5_dataset& d) {
    return !d.type || d.scale || d.side || d.extents.empty() ||
           std::count(d.extents.begin(), d.extents.end(), 0) > 0;
  });
  const auto is_line = [](const hdf5_dataset& d) { return d.extents.size() < 2; };
  const auto lines = std::count_if(candidates.begin(), candidates.end(), is_line);
  if (lines < index_t(candidates.size())) std::erase_if(candidates, is_line);
  if (candidates.size() == 1) return candidates[0].path;
  if (candidates.empty())
    throw data_error(fmt::format("{}: no dataset of numbers below {}", path, inside));
  constexpr std::size_t most = 20;
  std::vector<std::string> lines_of;
  for (const hdf5_dataset& d : candidates) lines_of.push_back(line_of(d));
  if (lines_of.size() > most) {
    lines_of.resize(most);
    lines_of.push_back(fmt::format("{} more", candidates.size() - most));
  }
  throw data_error(fmt::format("{} holds {} datasets; name one, as in {}:{} - {}", path,
                               candidates.size(), path, candidates[0].path,
                               fmt::join(lines_of, ", ")));
}

}  // namespace ir::hdf5

namespace ir {

std::vector<hdf5_dataset> hdf5_contents(const std::string& path) {
  const hdf5::guard inside;
  const hdf5::handle file = hdf5::open_file(path);
  return hdf5::list(file, "/");
}

}  // namespace ir

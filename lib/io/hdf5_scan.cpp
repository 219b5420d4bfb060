#include "io/hdf5_scan.hpp"

#include <fmt/core.h>
#include <hdf5.h>

#include <algorithm>
#include <numbers>
#include <set>

#include "core/error.hpp"
#include "io/hdf5_attribute.hpp"
#include "io/hdf5_boxes.hpp"
#include "io/picked_boxes.hpp"
#include "io/scan.hpp"

namespace ir::hdf5 {
namespace {

bool resolves(id file, const std::string& path) {
  return path == "/" || H5Oexists_by_name(file, path.c_str(), H5P_DEFAULT) > 0;
}

/// Where an external link leads: "raw.h5:/data"; empty for other links.
std::string external_target(id file, const std::string& path) {
  H5L_info_t info;
  if (H5Lget_info(file, path.c_str(), &info, H5P_DEFAULT) < 0 || info.type != H5L_TYPE_EXTERNAL)
    return {};
  std::vector<char> value(info.u.val_size);
  unsigned flags = 0;
  const char *name = nullptr, *inside = nullptr;
  if (H5Lget_val(file, path.c_str(), value.data(), value.size(), H5P_DEFAULT) < 0 ||
      H5Lunpack_elink_val(value.data(), value.size(), &flags, &name, &inside) < 0)
    return {};
  return fmt::format("{}:{}", name, inside);
}

/// Whether there is such a path. data_error: a link on the way leads nowhere.
bool has(id file, const std::string& name, const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (H5Lexists(file, part.c_str(), H5P_DEFAULT) <= 0) return false;
    if (!resolves(file, part)) {
      const std::string target = external_target(file, part);
      throw data_error(fmt::format("{}:{}: a link that leads nowhere{}", name, part,
                                   target.empty() ? "" : ": " + target + " cannot be opened"));
    }
    if (end == std::string::npos) return true;
  }
}

std::string below(const std::string& group, const std::string& name) {
  return (group == "/" ? "" : group) + "/" + name;
}

/// Groups in a group, by name, also those that links lead to.
std::vector<std::string> groups_in(id file, const std::string& group) {
  std::vector<std::string> names, out;
  hsize_t at = 0;
  H5Literate_by_name(
      file, group.c_str(), H5_INDEX_NAME, H5_ITER_INC, &at,
      [](hid_t, const char* name, const H5L_info_t*, void* to) -> herr_t {
        static_cast<std::vector<std::string>*>(to)->emplace_back(name);
        return 0;
      },
      &names, H5P_DEFAULT);
  H5O_info_t info;
  for (const std::string& n : names)
    if (const std::string path = below(group, n);
        resolves(file, path) && H5Oget_info_by_name(file, path.c_str(), &info, H5P_DEFAULT) >= 0 &&
        info.type == H5O_TYPE_GROUP)
      out.push_back(path);
  return out;
}

std::string first_of(id file, const std::string& name, const std::vector<std::string>& paths) {
  for (const std::string& p : paths)
    if (has(file, name, p)) return p;
  return {};
}

std::optional<scan_paths> dxchange(id file, const std::string& name, const std::string& group) {
  const std::string g = group.ends_with("/exchange") ? group : below(group, "exchange");
  const std::string data = below(g, "data");
  H5O_info_t info;
  if (!has(file, name, g) || !has(file, name, data) ||
      H5Oget_info_by_name(file, data.c_str(), &info, H5P_DEFAULT) < 0 ||
      info.type != H5O_TYPE_DATASET)
    return {};
  scan_paths s;
  s.layout = "DXchange";
  s.data = data;
  s.flat = first_of(file, name, {below(g, "data_white")});
  s.dark = first_of(file, name, {below(g, "data_dark")});
  s.angle = first_of(file, name, {below(g, "theta")});
  if (s.flat.empty() && s.dark.empty() && s.angle.empty()) return {};
  return s;
}

std::optional<scan_paths> nxtomo(id file, const std::string& name, const std::string& group) {
  const std::string instrument = below(group, "instrument");
  std::vector<std::string> places{below(instrument, "detector")};
  if (has(file, name, instrument))
    for (const std::string& g : groups_in(file, instrument)) places.push_back(g);
  places.push_back(below(group, "data"));
  places.push_back(group);
  for (const std::string& d : places) {
    if (!has(file, name, below(d, "image_key")) || !has(file, name, below(d, "data"))) continue;
    scan_paths s;
    s.layout = "NXtomo";
    s.data = below(d, "data");
    s.key = below(d, "image_key");
    s.angle = first_of(file, name,
                       {below(group, "sample/rotation_angle"), below(group, "data/rotation_angle"),
                        below(d, "rotation_angle"), below(group, "rotation_angle")});
    s.pixel_v = first_of(file, name, {below(d, "y_pixel_size")});
    s.pixel_u = first_of(file, name, {below(d, "x_pixel_size")});
    return s;
  }
  return {};
}

/// What tells one dataset from another, whatever path led to it.
std::pair<unsigned long, haddr_t> identity(id file, const std::string& path) {
  H5O_info_t info{};
  H5Oget_info_by_name(file, path.c_str(), &info, H5P_DEFAULT);
  return {info.fileno, info.addr};
}

/// Numbers of a dataset of at most one dimension.
std::vector<double> values_of(id file, const std::string& name, const std::string& path) {
  const std::string what = name + ":" + path;
  const handle data = dataset(H5Dopen2(file, path.c_str(), H5P_DEFAULT));
  check<data_error>(id(data), what);
  const handle extents = space(H5Dget_space(data));
  const hssize_t n = H5Sget_simple_extent_npoints(extents);
  constexpr hssize_t most = 1 << 24;
  if (H5Sget_simple_extent_ndims(extents) > 1 || n < 1 || n > most)
    throw data_error(what + ": is no list of numbers");
  std::vector<double> out(static_cast<std::size_t>(n));
  check<data_error>(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()),
                    what);
  return out;
}

std::string units_of(id file, const std::string& path) {
  const handle data = dataset(H5Dopen2(file, path.c_str(), H5P_DEFAULT));
  return text(data, "units").value_or("");
}

/// The pixel size in um as an axis' spacing, where the file says one with a unit that is known.
void set_spacing(id file, const std::string& name, const std::string& path, axis& a) {
  if (path.empty()) return;
  static constexpr std::pair<const char*, double> lengths[] = {
      {"m", 1e6},     {"mm", 1e3},    {"um", 1},    {"micron", 1},
      {"\u00b5m", 1}, {"\u03bcm", 1}, {"nm", 1e-3}, {"micrometer", 1}};
  const std::string unit = units_of(file, path);
  for (const auto& [called, um] : lengths)
    if (const double size = values_of(file, name, path)[0]; unit == called && size > 0)
      a.spacing = size * um, a.unit = "um";
}

std::vector<double> angles_of(id file, const std::string& name, const scan_paths& s) {
  std::vector<double> angles = values_of(file, name, s.angle);
  if (units_of(file, s.angle).starts_with("rad"))
    for (double& a : angles) a *= 180 / std::numbers::pi;
  return angles;
}

/// Frames with this key.
std::vector<index_t> keyed(const std::vector<double>& key, int wanted) {
  std::vector<index_t> out;
  for (std::size_t i = 0; i < key.size(); ++i)
    if (key[i] == wanted) out.push_back(static_cast<index_t>(i));
  return out;
}

std::unique_ptr<box_source> pick(const std::shared_ptr<const box_source>& all,
                                 std::vector<index_t> which) {
  array_info info = all->info();
  info.axes[0].size = static_cast<index_t>(which.size());
  return std::make_unique<picked_boxes>(std::move(info), all, std::move(which));
}

}  // namespace

std::optional<scan_paths> find_scan(id file, const std::string& path, const std::string& group) {
  if (auto s = dxchange(file, path, group)) return s;
  std::vector<std::string> places{group};
  for (const std::string& g : groups_in(file, group)) {
    places.push_back(g);
    for (std::string& inner : groups_in(file, g)) places.push_back(std::move(inner));
  }
  std::vector<scan_paths> found;
  std::set<std::pair<unsigned long, haddr_t>> seen;
  for (const std::string& g : places)
    if (auto s = nxtomo(file, path, g); s && seen.insert(identity(file, s->data)).second)
      found.push_back(std::move(*s));
  if (found.empty()) return {};
  if (found.size() == 1) return found[0];
  std::string all;
  for (const scan_paths& s : found) all += (all.empty() ? "" : ", ") + s.data;
  throw data_error(fmt::format("{}: holds {} scans ({}); name the group of one, as in {}:{}", path,
                               found.size(), all, path,
                               found[0].data.substr(0, found[0].data.find('/', 1))));
}

file_contents open_scan(const std::string& path, std::shared_ptr<const handle> file,
                        const scan_paths& s) {
  const id in = *file;
  opened_dataset all = open_dataset(path, file, s.data, {});
  const std::string name = path + ":" + s.data;
  if (all.boxes->info().axes.size() != 3)
    throw data_error(fmt::format("{}: projections of a scan have three axes (angle, v, u), not {}",
                                 name, to_string(extents_of(all.boxes->info()))));
  const std::shared_ptr<const box_source> frames = std::move(all.boxes);
  const index_t count = frames->info().axes[0].size;
  std::vector<double> key(static_cast<std::size_t>(count), 0.0);
  if (!s.key.empty()) key = values_of(in, path, s.key);
  if (static_cast<index_t>(key.size()) != count)
    throw data_error(fmt::format("{}:{}: {} keys for the {} frames of {}", path, s.key, key.size(),
                                 count, s.data));
  const std::vector<index_t> views = keyed(key, 0);
  if (views.empty())
    throw data_error(fmt::format("{}:{}: no frame is a projection (key 0)", path, s.key));

  const auto projections = s.key.empty() ? frames : std::shared_ptr(pick(frames, views));
  array_info data = projections->info();
  data.name = "data";
  data.what = role::data;
  const char* names[] = {scan::angle_name, "v", "u"};
  for (std::size_t i = 0; i < 3; ++i) data.axes[i] = {names[i], "", data.axes[i].size, 1, 0};
  set_spacing(in, path, s.pixel_v, data.axes[1]);
  set_spacing(in, path, s.pixel_u, data.axes[2]);

  file_contents out;
  out.format = "HDF5, " + s.layout;
  out.meta = all.meta;
  out.along = scan::angle_name;
  const auto add = [&](role what, int in_key, const std::string& dataset) {
    const std::vector<index_t> which = keyed(key, in_key);
    if (!s.key.empty() && !which.empty())
      out.arrays.push_back(scan::references(pick(frames, which), what, data, name));
    else if (!dataset.empty())
      out.arrays.push_back(scan::references(open_dataset(path, file, dataset, {}).boxes, what, data,
                                            path + ":" + dataset));
  };
  add(role::dark, 2, s.dark);
  add(role::flat, 1, s.flat);
  if (!s.angle.empty()) {
    std::vector<double> angles = angles_of(in, path, s), chosen;
    if (static_cast<index_t>(angles.size()) != count)
      throw data_error(fmt::format("{}:{}: {} angles for the {} frames of {}", path, s.angle,
                                   angles.size(), count, s.data));
    for (const index_t k : views) chosen.push_back(angles[static_cast<std::size_t>(k)]);
    out.arrays.push_back(scan::angles(std::move(chosen)));
  }
  out.arrays.push_back(std::make_unique<relabelled_boxes>(std::move(data), projections));
  return out;
}

}  // namespace ir::hdf5

#pragma once
#include <stdlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "io/cut.hpp"
#include "io/format.hpp"

namespace ir::test {

/// A folder that is gone after the test.
class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "irtest.XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;

  std::string operator/(std::string_view name) const { return path_ + '/' + std::string(name); }
  const std::string& path() const { return path_; }
  /// Names in the folder, hidden ones too, sorted.
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& e : std::filesystem::directory_iterator(path_))
      out.push_back(e.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  std::string path_;
};

inline void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}
inline std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The bytes of these values, as they lie in memory.
template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}
/// The same in the other byte order.
template <class T>
std::string swapped_bytes_of(const std::vector<T>& values) {
  std::string out = bytes_of(values);
  for (std::size_t i = 0; i < out.size(); i += sizeof(T))
    std::reverse(&out[i], &out[i] + sizeof(T));
  return out;
}

/// Elements as doubles; complex ones as two. Host memory.
inline std::vector<double> values_of(cref a) {
  queue q;
  const index_t n = a.extents.count() * (is_complex(a.type) ? 2 : 1);
  const dtype part = a.type == dtype::c64    ? dtype::f32
                     : a.type == dtype::c128 ? dtype::f64
                                             : a.type;
  std::vector<double> out(static_cast<std::size_t>(n));
  copy(q, cref(a.data, part, shape{n}), ref(out.data(), dtype::f64, shape{n}));
  return out;
}

/// All values of one array of a source, frame after frame, part after part.
inline std::vector<double> all_values(frame_source& from, int array_no = -1) {
  queue q;
  frame f;
  if (array_no < 0) array_no = data_index(from.header());
  std::vector<double> out;
  while (from.next(f, q)) {
    if (f.array_no != array_no) continue;
    const auto some = values_of(f.data.get());
    out.insert(out.end(), some.begin(), some.end());
  }
  return out;
}

/// A file of a format, opened by its first bytes.
inline file_contents open_file(const std::string& path, const open_options& options = {}) {
  std::string start = read_bytes(path).substr(0, 64);
  const format* f = format_of(std::as_bytes(std::span(start)));
  if (!f) throw data_error(path + ": unknown bytes");
  return f->open(path, options);
}
inline std::vector<double> file_values(const std::string& path, const open_options& options = {}) {
  return all_values(*cut(open_file(path, options), {}));
}

/// A header of one array `data`; `frames` < 0: a single frame without along axis.
inline stream_header header_of(dtype type, const std::vector<axis>& axes, index_t frames = -1) {
  stream_header h;
  array_info a;
  a.name = "data";
  a.type = type;
  a.axes = axes;
  a.frames = frames < 0 ? 1 : frames;
  h.arrays.push_back(a);
  if (frames >= 0) h.along = {"z", "", frames, 1, 0};
  return h;
}

/// Puts these values (C order, frame after frame) into a sink, whole frame by whole frame.
inline void put_values(frame_sink& sink, const stream_header& header,
                       const std::vector<double>& values) {
  queue q;
  const array_info& info = data_of(header);
  const shape n = extents_of(info);
  const bool pairs = is_complex(info.type);
  const index_t reals = n.count() * (pairs ? 2 : 1);
  const dtype part = info.type == dtype::c64    ? dtype::f32
                     : info.type == dtype::c128 ? dtype::f64
                                                : info.type;
  frame f;
  for (index_t k = 0; (k + 1) * reals <= static_cast<index_t>(values.size()); ++k) {
    f.array_no = data_index(header);
    f.number = k;
    f.begin = 0;
    f.end = line_count(info);
    f.data.reset(q, info.type, n);
    copy(q, cref(values.data() + k * reals, dtype::f64, shape{reals}),
         ref(f.data.get().data, part, shape{reals}));
    sink.put(f, q);
  }
}

/// Writes a file of a format (by its --to name) at once.
inline void write_file(const std::string& path, const std::string& format_name,
                       const stream_header& header, const std::vector<double>& values,
                       const create_options& options = {}) {
  const auto sink = format_named(format_name)->create(path, header, options);
  put_values(*sink, header, values);
  sink->finish();
  sink->commit();
}

/// 0, 1, 2, ...
inline std::vector<double> counting(index_t n, double first = 0) {
  std::vector<double> out(static_cast<std::size_t>(n));
  for (double& v : out) v = first++;
  return out;
}

}  // namespace ir::test

#include "io/hdf5_attribute.hpp"

#include <hdf5.h>

#include "core/error.hpp"

namespace ir::hdf5 {
namespace {

handle open(id object, const char* name) {
  if (H5Aexists(object, name) <= 0) return {};
  return attribute(H5Aopen(object, name, H5P_DEFAULT));
}

handle text_type() {
  handle t = type(H5Tcopy(H5T_C_S1));
  H5Tset_size(t, H5T_VARIABLE);
  H5Tset_cset(t, H5T_CSET_UTF8);
  return t;
}

void put(id object, const char* name, const handle& type, const handle& space, const void* values) {
  if (H5Aexists(object, name) > 0) H5Adelete(object, name);
  const handle a = attribute(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
  check<io_error>(a ? H5Awrite(a, type, values) : -1, std::string("HDF5 attribute ") + name);
}

std::vector<std::string> variable_texts(const handle& a, const handle& space, std::size_t n) {
  const handle t = type(H5Aget_type(a));
  std::vector<char*> found(n, nullptr);
  if (H5Aread(a, t, found.data()) < 0) return {};
  std::vector<std::string> out;
  for (const char* one : found) out.emplace_back(one ? one : "");
  H5Dvlen_reclaim(t, space, H5P_DEFAULT, found.data());
  return out;
}

}  // namespace

std::vector<std::string> texts(id object, const char* name) {
  const handle a = open(object, name);
  if (!a) return {};
  const handle t = type(H5Aget_type(a)), s = space(H5Aget_space(a));
  const hssize_t n = H5Sget_simple_extent_npoints(s);
  if (H5Tget_class(t) != H5T_STRING || n < 1 || n > 1024) return {};
  if (H5Tis_variable_str(t) > 0) return variable_texts(a, s, std::size_t(n));
  const std::size_t size = H5Tget_size(t);
  std::string all(std::size_t(n) * size, '\0');
  if (H5Aread(a, t, all.data()) < 0) return {};
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::size_t(n); ++i) {
    std::string one = all.substr(i * size, size);
    one.resize(std::min(one.find('\0'), one.size()));
    one.resize(one.find_last_not_of(' ') + 1);
    out.push_back(one);
  }
  return out;
}

std::optional<std::string> text(id object, const char* name) {
  const auto all = texts(object, name);
  return all.size() == 1 ? std::optional(all[0]) : std::nullopt;
}

std::vector<double> numbers(id object, const char* name) {
  const handle a = open(object, name);
  if (!a) return {};
  const handle t = type(H5Aget_type(a)), s = space(H5Aget_space(a));
  const hssize_t n = H5Sget_simple_extent_npoints(s);
  const H5T_class_t kind = H5Tget_class(t);
  if ((kind != H5T_INTEGER && kind != H5T_FLOAT) || n < 1 || n > 1024) return {};
  std::vector<double> out(std::size_t(n), 0.0);
  if (H5Aread(a, H5T_NATIVE_DOUBLE, out.data()) < 0) return {};
  return out;
}

void put_texts(id object, const char* name, const std::vector<std::string>& values) {
  std::vector<const char*> pointers;
  for (const std::string& v : values) pointers.push_back(v.c_str());
  const hsize_t n = values.size();
  put(object, name, text_type(), space(H5Screate_simple(1, &n, nullptr)), pointers.data());
}

void put_text(id object, const char* name, const std::string& value) {
  const char* pointer = value.c_str();
  put(object, name, text_type(), space(H5Screate(H5S_SCALAR)), &pointer);
}

void put_numbers(id object, const char* name, const std::vector<double>& values) {
  const hsize_t n = values.size();
  put(object, name, type(H5Tcopy(H5T_NATIVE_DOUBLE)), space(H5Screate_simple(1, &n, nullptr)),
      values.data());
}

}  // namespace ir::hdf5

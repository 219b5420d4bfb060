#include "io/hdf5_handle.hpp"

#include <hdf5.h>

#include "core/error.hpp"

namespace ir::hdf5 {
namespace {

static_assert(sizeof(hid_t) == sizeof(id));

std::recursive_mutex& library() {
  static std::recursive_mutex m;
  return m;
}

}  // namespace

guard::guard() : lock_(library()) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // a setting of the thread where built so
}

handle::~handle() {
  if (id_ < 0) return;
  const guard inside;
  close_(id_);  // what can fail was closed before
}

void handle::close(const std::string& what) {
  const guard inside;
  if (close_(std::exchange(id_, -1)) < 0) throw io_error(what + ": " + cause());
}

std::string cause() {
  std::string text;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned n, const H5E_error2_t* e, void* to) -> herr_t {
        if (n == 0 && e->desc) *static_cast<std::string*>(to) = e->desc;
        return 0;
      },
      &text);
  return text.empty() ? "HDF5 gives no reason" : text;
}

handle file(id i) { return {i, H5Fclose}; }
handle dataset(id i) { return {i, H5Dclose}; }
handle space(id i) { return {i, H5Sclose}; }
handle type(id i) { return {i, H5Tclose}; }
handle list(id i) { return {i, H5Pclose}; }
handle attribute(id i) { return {i, H5Aclose}; }
handle group(id i) { return {i, H5Gclose}; }

}  // namespace ir::hdf5

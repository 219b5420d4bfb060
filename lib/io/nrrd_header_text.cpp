#include <fmt/core.h>

#include <limits>

#include "core/error.hpp"
#include "io/array_note.hpp"
#include "io/nrrd_header.hpp"

namespace ir::nrrd {
namespace {

std::string type_name(dtype t) {
  switch (t) {
    case dtype::u8:
      return "uint8";
    case dtype::i8:
      return "int8";
    case dtype::u16:
      return "uint16";
    case dtype::i16:
      return "int16";
    case dtype::u32:
      return "uint32";
    case dtype::i32:
      return "int32";
    case dtype::f32:
    case dtype::c64:
      return "float";
    case dtype::f64:
    case dtype::c128:
      return "double";
    default:
      throw bug_error("a type that NRRD does not have");
  }
}

std::string kind_name(const axis& a) {
  if (a.name == "c" && a.size == 3) return "RGB-color";
  if (a.name == "c" && a.size == 4) return "RGBA-color";
  if (a.name == "c") return "list";
  return a.name == "t" ? "time" : "domain";
}

std::string escaped(const std::string& s) {
  std::string out;
  for (const char c : s) {
    if (c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// Labels and units stand in quotes, which they cannot contain.
std::string quoted(std::string s) {
  std::erase_if(s, [](char c) { return c == '"' || c == '\n' || c == '\\'; });
  return '"' + s + '"';
}

std::string text_of(const array_info& stored, const axis* along, index_t frames, encoding how,
                    const metadata_ptr& meta, std::size_t filling) {
  std::vector<axis> all;
  if (along) all.push_back({along->name, along->unit, frames, along->spacing, along->origin});
  all.insert(all.end(), stored.axes.begin(), stored.axes.end());
  std::string sizes, kinds, labels, units, spacings, mins;
  if (is_complex(stored.type))
    sizes = " 2", kinds = " complex", labels = " \"\"", units = " \"\"", spacings = mins = " nan";
  for (std::size_t i = all.size(); i-- > 0;) {
    const axis& a = all[i];
    sizes += fmt::format(" {}", a.size);
    kinds += ' ' + kind_name(a);
    labels += ' ' + quoted(a.name);
    units += ' ' + quoted(a.unit);
    spacings += a.name == "c" ? " nan" : fmt::format(" {}", a.spacing);
    mins += a.name == "c" ? " nan" : fmt::format(" {}", a.origin);
  }
  const std::size_t dimension = all.size() + (is_complex(stored.type) ? 1 : 0);
  std::string out = fmt::format("NRRD0004\ntype: {}\ndimension: {}\n", type_name(stored.type),
                                dimension == 0 ? 1 : dimension);
  out += fmt::format("sizes:{}\n", dimension == 0 ? " 1" : sizes);
  out += fmt::format("encoding: {}\n", how == encoding::raw ? "raw" : "gzip");
  if (size_of(stored.type) > 1) out += "endian: little\n";
  if (dimension > 0)
    out += fmt::format("kinds:{}\nlabels:{}\nunits:{}\nspacings:{}\naxis mins:{}\n", kinds, labels,
                       units, spacings, mins);
  out += '#' + std::string(filling, ' ') + '\n';
  out += fmt::format("{}:={}\n\n", note_key, escaped(note_of(stored, all, meta)));
  return out;
}

}  // namespace

std::string header_text(const array_info& stored, const axis* along, index_t frames, encoding how,
                        const metadata_ptr& meta) {
  // A comment fills what the number of frames leaves, so that the header can be written again.
  constexpr index_t longest = std::numeric_limits<index_t>::max();
  const auto bytes = [&](index_t n) { return text_of(stored, along, n, how, meta, 0).size(); };
  return text_of(stored, along, frames, how, meta, bytes(longest) - bytes(frames));
}

}  // namespace ir::nrrd

// NumPy's NPY, versions 1 to 3: reads every number type that frames can hold, writes version 1.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/error.hpp"
#include "io/format.hpp"
#include "io/frame_file.hpp"
#include "io/packed.hpp"

namespace ir {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr index_t longest_header = 1 << 20;  // NumPy writes 118 bytes; what is longer is no array

struct npy_header {
  std::string descr;
  bool fortran = false;
  std::vector<index_t> extents;
};

/// The header is a Python dict literal of three known keys; nothing else of Python is understood.
class dict_parser {
 public:
  dict_parser(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  npy_header parse() {
    npy_header h;
    int seen = 0;
    expect('{');
    while (!take('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr")
        h.descr = quoted_or_refuse(), seen |= 1;
      else if (key == "fortran_order")
        h.fortran = boolean(), seen |= 2;
      else if (key == "shape")
        h.extents = tuple(), seen |= 4;
      else
        fail(fmt::format("unknown key '{}'", key));
      if (!take(',') && !peek('}')) fail("',' or '}' expected");
    }
    skip_space();
    if (at_ != text_.size() || seen != 7) fail("descr, fortran_order and shape expected");
    return h;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw data_error(fmt::format("{}: bad NPY header: {} (character {})", file_, why, at_));
  }
  void skip_space() {
    while (at_ < text_.size() && std::strchr(" \t\r\n", text_[at_]) && text_[at_] != '\0') ++at_;
  }
  bool peek(char c) {
    skip_space();
    return at_ < text_.size() && text_[at_] == c;
  }
  bool take(char c) { return peek(c) && (++at_, true); }
  void expect(char c) {
    if (!take(c)) fail(fmt::format("'{}' expected", c));
  }
  std::string quoted() {
    const char quote = peek('"') ? '"' : '\'';
    expect(quote);
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) fail("a string without end");
    std::string out(text_.substr(at_, end - at_));
    at_ = end + 1;
    return out;
  }
  std::string quoted_or_refuse() {
    if (peek('['))
      throw data_error(fmt::format(
          "{}: a structured array; save one field: np.save('x.npy', a['name'])", file_));
    return quoted();
  }
  bool boolean() {
    skip_space();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return value;
      }
    }
    fail("True or False expected");
  }
  std::vector<index_t> tuple() {
    std::vector<index_t> out;
    expect('(');
    while (!take(')')) {
      skip_space();
      index_t n = 0;
      const auto [end, bad] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), n);
      if (bad != std::errc{}) fail("an extent expected");
      at_ = static_cast<std::size_t>(end - text_.data());
      take('L');  // Python 2 wrote long integers so
      out.push_back(n);
      if (!take(',') && !peek(')')) fail("',' or ')' expected");
    }
    return out;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
};

struct stored_type {
  dtype type;
  bool swapped;
  bool boolean = false;
};

stored_type type_of(const std::string& descr, const std::string& file) {
  const char order = descr.empty() ? ' ' : descr[0];
  const std::string kind = descr.empty() ? "" : descr.substr(1);
  const bool known_order = std::strchr("<>|=", order) != nullptr && order != '\0';
  static constexpr std::pair<std::string_view, dtype> types[] = {
      {"u1", dtype::u8},  {"i1", dtype::i8},  {"u2", dtype::u16},  {"i2", dtype::i16},
      {"u4", dtype::u32}, {"i4", dtype::i32}, {"f2", dtype::f16},  {"f4", dtype::f32},
      {"f8", dtype::f64}, {"c8", dtype::c64}, {"c16", dtype::c128}};
  if (known_order)
    for (const auto& [name, type] : types)
      if (kind == name) return {type, order == '>'};
  if (known_order && kind == "b1") return {dtype::u8, false, true};
  if (kind == "i8" || kind == "u8")
    throw data_error(fmt::format(
        "{}: {}int64 numbers are not held without loss; save another type: a.astype('i4') or "
        "a.astype('f8')",
        file, kind == "u8" ? "u" : ""));
  if (kind.starts_with("O"))
    throw data_error(fmt::format("{}: an array of Python objects, not of numbers", file));
  throw data_error(fmt::format("{}: numbers of type '{}' are not read", file, descr));
}

struct npy_start {
  npy_header header;
  index_t data_offset;
};

npy_start read_header(const descriptor& file) {
  std::byte start[12] = {};
  const index_t got = file.read_at(0, start);
  const int major = static_cast<int>(start[6]);
  const index_t fixed = major == 1 ? 10 : 12;
  if (got < fixed) throw data_error(fmt::format("{}: ends inside the NPY header", file.name()));
  if (major < 1 || major > 3)
    throw data_error(fmt::format("{}: NPY version {}; 1, 2 and 3 are read", file.name(), major));
  index_t length = 0;
  for (index_t i = fixed - 1; i >= 8; --i)
    length = length * 256 + static_cast<index_t>(start[static_cast<std::size_t>(i)]);
  if (length > longest_header)
    throw data_error(fmt::format("{}: an NPY header of {} bytes", file.name(), length));
  std::string text(static_cast<std::size_t>(length), '\0');
  if (file.read_at(fixed, std::as_writable_bytes(std::span(text))) < length)
    throw data_error(fmt::format("{}: ends inside the NPY header", file.name()));
  return {dict_parser(text, file.name()).parse(), fixed + length};
}

file_contents open(const std::string& path, const open_options& options) {
  const auto file = std::make_shared<const descriptor>(descriptor::open_read(path));
  const auto [header, offset] = read_header(*file);
  const stored_type stored = type_of(header.descr, file->name());
  const index_t size = size_of(stored.type);
  const index_t bytes = checked_bytes(header.extents, size, file->name());
  if (file->size() != offset + bytes)
    throw data_error(fmt::format("{}: {} bytes of data, an array of {} {} needs {}", file->name(),
                                 file->size() - offset, joined(header.extents),
                                 name_of(stored.type), bytes));

  array_info info = file_array(stored.type, name_axes(header.extents, options.axis_names));
  if (stored.boolean) info.nominal->range = {0, 1};
  packed_layout layout = packed_c_order(info, offset);
  layout.swapped = stored.swapped;
  if (header.fortran) {
    index_t stride = size;
    for (std::size_t i = 0; i < header.extents.size(); stride *= header.extents[i++])
      layout.strides[i] = stride;
  }
  file_contents contents;
  contents.arrays.push_back(
      std::make_unique<packed_boxes>(std::move(info), file, std::move(layout)));
  contents.format = "NPY";
  return contents;
}

std::string_view descr_of(dtype t) {
  switch (t) {
    case dtype::u8:
      return "|u1";
    case dtype::i8:
      return "|i1";
    case dtype::u16:
      return "<u2";
    case dtype::i16:
      return "<i2";
    case dtype::u32:
      return "<u4";
    case dtype::i32:
      return "<i4";
    case dtype::f16:
      return "<f2";
    case dtype::f32:
      return "<f4";
    case dtype::f64:
      return "<f8";
    case dtype::c64:
      return "<c8";
    case dtype::c128:
      return "<c16";
  }
  throw bug_error("a dtype without NPY name");
}

/// The same length for any number of frames, so that it can be written again at the end.
std::string header_text(dtype type, std::span<const index_t> extents) {
  constexpr std::size_t length = 256;  // a multiple of 64, as NumPy aligns data; 8 axes fit
  std::string shape = joined(extents, ", ");
  if (extents.size() == 1) shape += ',';
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                 descr_of(type), shape);
  text.resize(length - 10 - 1, ' ');
  const std::string start{'\1', '\0', static_cast<char>((length - 10) % 256),
                          static_cast<char>((length - 10) / 256)};
  return std::string(magic) + start + text + '\n';
}

std::unique_ptr<frame_sink> create(const std::string& path, const stream_header& header,
                                   const create_options& options) {
  frame_file::layout layout;
  layout.header = [](const array_info& stored, bool stack, index_t frames) {
    std::vector<index_t> n;
    if (stack) n.push_back(frames);
    for (const axis& a : stored.axes) n.push_back(a.size);
    return header_text(stored.type, n);
  };
  return std::make_unique<frame_file>(path, header, options, storable{"NPY", {}},
                                      std::move(layout));
}

const registered<format> entry{{
    .name = "NPY",
    .extensions = {".npy"},
    .pages = true,
    .sniff =
        [](std::span<const std::byte> b) {
          return b.size() >= magic.size() && std::memcmp(b.data(), magic.data(), magic.size()) == 0;
        },
    .open = open,
    .create = create,
}};

}  // namespace
}  // namespace ir

#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ir::test {

/// Builds TIFF files tag by tag, in either byte order, as TIFF or BigTIFF: what no writer of ours
/// makes, and what is damaged.
class tiff_builder {
 public:
  enum type : int { u8 = 1, ascii = 2, u16 = 3, u32 = 4, rational = 5, u64 = 16 };
  struct tag {
    int id, type;
    std::vector<std::uint64_t> values;
  };

  explicit tiff_builder(bool big_endian = false, bool big_tiff = false)
      : big_endian_(big_endian), big_tiff_(big_tiff) {
    out_ = big_endian ? "MM" : "II";
    append(out_, big_tiff ? 43 : 42, 2);
    if (big_tiff) append(out_, 8, 2), append(out_, 0, 2);
    link_ = out_.size();
    append(out_, 0, word());
  }

  /// Adds bytes and tells where they are.
  std::uint64_t add(const std::string& bytes) {
    if (out_.size() % 2) out_ += '\0';
    out_ += bytes;
    return out_.size() - bytes.size();
  }

  /// A directory at the end of the file, linked to the one before. Tags go in ascending order.
  tiff_builder& page(std::vector<tag> tags) {
    std::vector<std::uint64_t> far(tags.size());
    for (std::size_t i = 0; i < tags.size(); ++i)
      if (bytes_of(tags[i]).size() > word()) far[i] = add(bytes_of(tags[i]));
    if (out_.size() % 2) out_ += '\0';
    std::string here;
    append(here, out_.size(), word());
    out_.replace(link_, word(), here);
    append(out_, tags.size(), big_tiff_ ? 8 : 2);
    for (std::size_t i = 0; i < tags.size(); ++i) {
      append(out_, std::uint64_t(tags[i].id), 2);
      append(out_, std::uint64_t(tags[i].type), 2);
      const std::uint64_t n = tags[i].values.size();
      append(out_, tags[i].type == rational ? n / 2 : n, word());
      std::string value = bytes_of(tags[i]);
      if (far[i]) value.clear(), append(value, far[i], word());
      value.resize(word());
      out_ += value;
    }
    link_ = out_.size();
    append(out_, 0, word());
    return *this;
  }
  const std::string& bytes() const { return out_; }

  /// The tags of a gray image in one strip.
  static std::vector<tag> gray(std::uint64_t height, std::uint64_t width, std::uint64_t bits,
                               std::uint64_t format, std::uint64_t strip, std::uint64_t bytes) {
    return {{256, u16, {width}}, {257, u16, {height}}, {258, u16, {bits}}, {259, u16, {1}},
            {262, u16, {1}},     {273, u32, {strip}},  {277, u16, {1}},    {278, u16, {height}},
            {279, u32, {bytes}}, {339, u16, {format}}};
  }
  static std::vector<tag> with(std::vector<tag> tags, const tag& t) {
    auto at = tags.begin();
    while (at != tags.end() && at->id < t.id) ++at;
    if (at != tags.end() && at->id == t.id)
      *at = t;
    else
      tags.insert(at, t);
    return tags;
  }
  static tag description(const std::string& text) {
    return {270, ascii, std::vector<std::uint64_t>(text.begin(), text.end())};
  }

 private:
  std::size_t word() const { return big_tiff_ ? 8 : 4; }
  void append(std::string& to, std::uint64_t value, std::size_t bytes) const {
    for (std::size_t i = 0; i < bytes; ++i)
      to += static_cast<char>(value >> 8 * (big_endian_ ? bytes - 1 - i : i) & 255);
  }
  std::string bytes_of(const tag& t) const {
    std::string out;
    for (const std::uint64_t v : t.values)
      append(out, v, t.type <= ascii ? 1 : t.type == u16 ? 2 : t.type == u64 ? 8 : 4);
    return out;
  }

  bool big_endian_, big_tiff_;
  std::string out_;
  std::size_t link_ = 0;
};

}  // namespace ir::test

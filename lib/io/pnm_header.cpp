#include "io/pnm_header.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "core/error.hpp"
#include "io/packed.hpp"

namespace ir::pnm {
namespace {

constexpr index_t longest_header = 1 << 16;  // comments included

bool space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

class reader {
 public:
  reader(const descriptor& file, index_t offset) : name_(file.name()), offset_(offset) {
    text_.resize(static_cast<std::size_t>(std::min(longest_header, file.size() - offset)));
    text_.resize(
        static_cast<std::size_t>(file.read_at(offset, std::as_writable_bytes(std::span(text_)))));
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw data_error(
        fmt::format("{}: {} (byte {})", name_, why, offset_ + static_cast<index_t>(at_)));
  }

  header read() {
    header h;
    if (text_.size() < 3 || text_[0] != 'P') refuse("no image begins here");
    h.kind = text_[1];
    at_ = 2;
    if (h.kind == '1' || h.kind == '4') refuse("bitmaps (P1, P4) are not read; make it a PGM");
    if (std::strchr("23567fF", h.kind) == nullptr || !space(text_[2]))
      refuse("no image begins here");
    if (h.kind == '7') {
      read_pam(h);
    } else {
      h.width = number("a width");
      h.height = number("a height");
      h.channels = h.kind == '3' || h.kind == '6' || h.kind == 'F' ? 3 : 1;
      if (h.is_float())
        read_scale(h);
      else
        h.maximum = number("a maximum");
      if (at_ == text_.size() || !space(text_[at_])) refuse("ends inside a header");
      ++at_;
    }
    check(h);
    h.data_offset = offset_ + static_cast<index_t>(at_);
    return h;
  }

 private:
  void check(const header& h) const {
    if (!h.is_float() && (h.maximum < 1 || h.maximum > 65535))
      refuse(fmt::format("a maximum of {}; 1 to 65535 can be", h.maximum));
    const index_t n[] = {h.height, h.width, h.channels};
    checked_bytes(n, h.sample_bytes(), name_);
  }

  /// White space and comments.
  void skip() {
    while (at_ < text_.size() && (space(text_[at_]) || text_[at_] == '#')) {
      if (text_[at_] == '#')
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      else
        ++at_;
    }
  }
  std::string word() {
    skip();
    const std::size_t begin = at_;
    while (at_ < text_.size() && !space(text_[at_])) ++at_;
    if (at_ == text_.size()) refuse("ends inside a header");
    return text_.substr(begin, at_ - begin);
  }
  index_t number(const char* what) {
    const std::string w = word();
    index_t n = 0;
    const auto [end, bad] = std::from_chars(w.data(), w.data() + w.size(), n);
    if (bad != std::errc{} || end != w.data() + w.size())
      refuse(fmt::format("'{}' is not {}", w, what));
    return n;
  }
  void read_scale(header& h) {
    const std::string w = word();
    const auto [end, bad] = std::from_chars(w.data(), w.data() + w.size(), h.scale);
    if (bad != std::errc{} || end != w.data() + w.size() || !(h.scale < 0 || h.scale > 0))
      refuse(fmt::format("'{}' is not a scale", w));
  }
  void read_pam(header& h) {
    for (std::string w = word(); w != "ENDHDR"; w = word()) {
      if (w == "WIDTH")
        h.width = number("a width");
      else if (w == "HEIGHT")
        h.height = number("a height");
      else if (w == "DEPTH")
        h.channels = number("a depth");
      else if (w == "MAXVAL")
        h.maximum = number("a maximum");
      else if (w == "TUPLTYPE")
        at_ = std::min(text_.find('\n', at_), text_.size());
      else
        refuse(fmt::format("'{}' in a PAM header", w));
    }
    if (text_[at_] != '\n') refuse("ENDHDR ends no line");
    ++at_;
  }

  const std::string& name_;
  index_t offset_;
  std::string text_;
  std::size_t at_ = 0;
};

}  // namespace

header read_header(const descriptor& file, index_t offset) { return reader(file, offset).read(); }

std::string header_text(index_t width, index_t height, index_t channels, index_t maximum) {
  if (channels == 1 || channels == 3)
    return fmt::format("P{}\n{} {}\n{}\n", channels == 1 ? 5 : 6, width, height, maximum);
  const char* type = channels == 2   ? "TUPLTYPE GRAYSCALE_ALPHA\n"
                     : channels == 4 ? "TUPLTYPE RGB_ALPHA\n"
                                     : "";
  return fmt::format("P7\nWIDTH {}\nHEIGHT {}\nDEPTH {}\nMAXVAL {}\n{}ENDHDR\n", width, height,
                     channels, maximum, type);
}

}  // namespace ir::pnm

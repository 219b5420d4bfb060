#include "io/matrix_market.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/error.hpp"

namespace ir {
namespace {

constexpr std::string_view banner = "%%MatrixMarket";
enum class symmetry : std::uint8_t { general, symmetric, skew, hermitian };

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Lines and their words; errors name the line.
class line_reader {
 public:
  line_reader(std::string_view text, const std::string& file) : rest_(text), file_(file) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw data_error(fmt::format("{}:{}: {}", file_, number_, what));
  }
  index_t line() const { return number_; }
  std::size_t left() const { return rest_.size(); }

  /// The words of the next line.
  std::vector<std::string_view> next() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number_;
    constexpr std::string_view blanks = " \t\r\v\f";
    std::vector<std::string_view> words;
    while (true) {
      const std::size_t begin = line.find_first_not_of(blanks);
      if (begin == std::string_view::npos) return words;
      line.remove_prefix(begin);
      const std::size_t length = std::min(line.find_first_of(blanks), line.size());
      words.push_back(line.substr(0, length));
      line.remove_prefix(length);
    }
  }
  /// Those of the next line that is neither empty nor a comment; none: the file is at its end.
  std::vector<std::string_view> next_data() {
    while (!rest_.empty())
      if (auto words = next(); !words.empty() && !words[0].starts_with('%')) return words;
    return {};
  }

  template <class T>
  T parsed(std::string_view word, const char* what) const {
    T value{};
    const char* begin = word.data() + (word.starts_with('+') ? 1 : 0);
    const char* end = word.data() + word.size();
    const auto [stop, bad] = std::from_chars(begin, end, value);
    if (bad != std::errc{} || stop != end)
      fail(fmt::format("{} is expected, not '{}'", what, word));
    return value;
  }
  index_t count(std::string_view word, const char* what, index_t least, index_t most) const {
    const auto n = parsed<index_t>(word, what);
    if (n < least || n > most)
      fail(fmt::format("{} {}: {} to {} is expected", what, n, least, most));
    return n;
  }

 private:
  std::string_view rest_;
  const std::string& file_;
  index_t number_ = 0;
};

template <class T>
T one_of(const line_reader& in, std::string_view word, const char* what,
         std::initializer_list<std::pair<std::string_view, T>> known) {
  std::string all;
  for (const auto& [name, value] : known) {
    if (lower(word) == name) return value;
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  in.fail(fmt::format("no {} '{}': it is one of {}", what, word, all));
}

class reader {
 public:
  reader(std::string_view text, const std::string& file) : in_(text, file) {}

  matrix_market read() {
    read_banner();
    read_size();
    m_.coordinate ? read_entries() : read_columns();
    if (!in_.next_data().empty())
      in_.fail(fmt::format("more than the {} entries announced", count_));
    return std::move(m_);
  }

 private:
  void read_banner() {
    const auto words = in_.next();
    if (words.size() != 5 || words[0] != banner || lower(words[1]) != "matrix")
      in_.fail("'%%MatrixMarket matrix FORMAT FIELD SYMMETRY' is expected");
    m_.coordinate = one_of<bool>(in_, words[2], "format", {{"coordinate", true}, {"array", false}});
    numbers_ = one_of<std::size_t>(in_, words[3], "field",
                                   {{"real", 1}, {"integer", 1}, {"complex", 2}, {"pattern", 0}});
    m_.complex = numbers_ == 2;
    symmetry_ = one_of<symmetry>(in_, words[4], "symmetry",
                                 {{"general", symmetry::general},
                                  {"symmetric", symmetry::symmetric},
                                  {"skew-symmetric", symmetry::skew},
                                  {"hermitian", symmetry::hermitian}});
    if (numbers_ == 0 && (!m_.coordinate || symmetry_ == symmetry::skew))
      in_.fail("a pattern has coordinates, general or symmetric");
    if (symmetry_ == symmetry::hermitian && !m_.complex) in_.fail("a Hermitian matrix is complex");
  }

  void read_size() {
    constexpr index_t most = index_t{1} << 48;
    const auto words = in_.next_data();
    if (words.size() != (m_.coordinate ? 3u : 2u))
      in_.fail(m_.coordinate ? "rows, columns and entries are expected"
                             : "rows and columns are expected");
    m_.rows = in_.count(words[0], "rows", 1, most);
    m_.columns = in_.count(words[1], "columns", 1, most);
    if (symmetry_ != symmetry::general && m_.rows != m_.columns)
      in_.fail(fmt::format("{}x{} is not square, as a symmetric matrix is", m_.rows, m_.columns));
    const auto characters = static_cast<index_t>(in_.left());
    if (m_.coordinate)
      count_ = in_.count(words[2], "entries", 0, most);
    else if (m_.rows > characters || m_.columns > characters / m_.rows + 1)
      count_ = most;
    else
      count_ = symmetry_ == symmetry::general ? m_.rows * m_.columns
               : symmetry_ == symmetry::skew  ? m_.rows * (m_.rows - 1) / 2
                                              : m_.rows * (m_.rows + 1) / 2;
    if (count_ > characters)  // at least a digit each: nothing is allocated for a false promise
      in_.fail("the file is too short for its size");
  }

  void read_entries() {
    for (index_t e = 0; e < count_; ++e) {
      const auto words = data(2 + numbers_, e);
      const index_t r = in_.count(words[0], "row", 1, m_.rows) - 1;
      const index_t c = in_.count(words[1], "column", 1, m_.columns) - 1;
      if (symmetry_ != symmetry::general && (r < c || (r == c && symmetry_ == symmetry::skew)))
        in_.fail("symmetric matrices are told by the entries below the diagonal");
      add(r, c, words, 2);
    }
  }
  void read_columns() {
    index_t e = 0;
    for (index_t c = 0; c < m_.columns; ++c) {
      const index_t first = symmetry_ == symmetry::general ? 0
                            : symmetry_ == symmetry::skew  ? c + 1
                                                           : c;
      for (index_t r = first; r < m_.rows; ++r) add(r, c, data(numbers_, e++), 0);
    }
  }

  std::vector<std::string_view> data(std::size_t expected, index_t read) {
    auto words = in_.next_data();
    if (words.empty()) in_.fail(fmt::format("the file ends after {} of {} entries", read, count_));
    if (words.size() != expected)
      in_.fail(fmt::format("{} numbers are expected, not {}", expected, words.size()));
    return words;
  }

  void add(index_t r, index_t c, const std::vector<std::string_view>& words, std::size_t at) {
    const double a = numbers_ == 0 ? 1 : in_.parsed<double>(words[at], "a number");
    const double b = numbers_ == 2 ? in_.parsed<double>(words[at + 1], "a number") : 0;
    push(r, c, a, b);
    if (symmetry_ == symmetry::hermitian && r == c && b != 0)
      in_.fail("the diagonal of a Hermitian matrix is real");
    if (symmetry_ == symmetry::general || r == c) return;
    if (symmetry_ == symmetry::skew) return push(c, r, -a, -b);
    push(c, r, a, symmetry_ == symmetry::hermitian ? -b : b);
  }
  void push(index_t r, index_t c, double a, double b) {
    m_.row.push_back(r);
    m_.column.push_back(c);
    m_.values.push_back(a);
    if (m_.complex) m_.values.push_back(b);
  }

  line_reader in_;
  matrix_market m_;
  std::size_t numbers_ = 1;  // of an entry
  symmetry symmetry_ = symmetry::general;
  index_t count_ = 0;
};

}  // namespace

bool is_matrix_market(std::string_view text) { return text.starts_with(banner); }

matrix_market read_matrix_market(std::string_view text, const std::string& file) {
  return reader(text, file).read();
}

}  // namespace ir

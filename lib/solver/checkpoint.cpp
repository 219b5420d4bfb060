#include "solver/checkpoint.hpp"

#include <fmt/format.h>

#include <cstring>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "io/descriptor.hpp"
#include "io/irs_layout.hpp"
#include "io/metadata.hpp"
#include "io/text_file.hpp"

namespace ir {
namespace {

constexpr std::string_view magic = "IRCHECK1";
using buffer = std::vector<std::byte>;

struct head {
  char magic[8];
  std::uint64_t json_bytes, checksum;
};

buffer bytes_of(const void* data, std::size_t n) {
  buffer out(n);
  std::memcpy(out.data(), data, n);
  return out;
}

/// Of a vector its space too: sizes in reals are rounded up.
std::string key_of(std::string_view name, const std::variant<double*, index_t*, vec>& what) {
  const vec* v = std::get_if<vec>(&what);
  return v ? fmt::format("{} {}", name, to_string(v->in())) : std::string(name);
}

cref flat(cvec v) { return {v.data(), real_type(v.type()), shape{v.in().size()}, v.where()}; }

/// Collects a state.
class saving final : public state_archive {
 public:
  explicit saving(queue& q) : q_(q) {}
  void item(std::string_view name, std::variant<double*, index_t*, vec> what) override {
    names_.push_back(key_of(name, what));
    items_.push_back(std::visit(
        [&](auto& x) {
          if constexpr (std::is_same_v<std::decay_t<decltype(x)>, vec>) {
            const cref from = flat(x);
            buffer out(static_cast<std::size_t>(from.extents.count() * size_of(from.type)));
            copy(q_, from, ref(out.data(), from.type, from.extents));
            q_.synchronize();
            return out;
          } else {
            return bytes_of(x, sizeof *x);
          }
        },
        what));
  }

  buffer file(std::string_view problem) const {
    std::string items;
    for (std::size_t i = 0; i < items_.size(); ++i)
      items += fmt::format(R"({}{{"name":{},"bytes":{}}})", i ? "," : "", json_quoted(names_[i]),
                           items_[i].size());
    const std::string json =
        fmt::format(R"({{"problem":{},"items":[{}]}})", json_quoted(problem), items);
    buffer body = bytes_of(json.data(), json.size());
    for (const buffer& b : items_) body.insert(body.end(), b.begin(), b.end());
    head h{};
    std::memcpy(h.magic, magic.data(), magic.size());
    h.json_bytes = json.size();
    h.checksum = irs::checksum(body);
    buffer out = bytes_of(&h, sizeof h);
    out.insert(out.end(), body.begin(), body.end());
    return out;
  }

 private:
  queue& q_;
  std::vector<std::string> names_;
  std::vector<buffer> items_;
};

/// Gives a state back, item by item in the order in which it was saved.
class restoring final : public state_archive {
 public:
  restoring(queue& q, std::string path, std::vector<metadata_ptr> items,
            std::span<const std::byte> values)
      : q_(q), path_(std::move(path)), items_(std::move(items)), values_(values) {}

  void item(std::string_view name, std::variant<double*, index_t*, vec> what) override {
    const std::string key = key_of(name, what);
    std::visit(
        [&](auto& x) {
          if constexpr (std::is_same_v<std::decay_t<decltype(x)>, vec>) {
            const ref to(x.data(), real_type(x.type()), shape{x.in().size()}, x.where());
            const auto from = take(key, to.extents.count() * size_of(to.type));
            copy(q_, cref(from.data(), to.type, to.extents), to);
            q_.synchronize();
          } else {
            std::memcpy(x, take(key, sizeof *x).data(), sizeof *x);
          }
        },
        what);
  }
  void finish() const {
    if (next_ != items_.size() || !values_.empty()) refuse();
  }

 private:
  [[noreturn]] void refuse() const {
    throw data_error(fmt::format("{}: the checkpoint is of another algorithm or size", path_));
  }
  std::span<const std::byte> take(std::string_view name, index_t bytes) {
    if (next_ == items_.size() || items_[next_]->text("name") != name ||
        items_[next_]->integer("bytes") != bytes)
      refuse();
    ++next_;
    const auto out = values_.first(static_cast<std::size_t>(bytes));
    values_ = values_.subspan(static_cast<std::size_t>(bytes));
    return out;
  }

  queue& q_;
  std::string path_;
  std::vector<metadata_ptr> items_;
  std::span<const std::byte> values_;
  std::size_t next_ = 0;
};

}  // namespace

void save_checkpoint(queue& q, const std::string& path, std::string_view problem, solver& s) {
  saving archive(q);
  s.state(archive);
  write_file(path, archive.file(problem), pending_file::existing::replace);
}

void load_checkpoint(queue& q, const std::string& path, std::string_view problem, solver& s) {
  descriptor file = descriptor::open_read(path);
  const auto damaged = [&] {
    return data_error(fmt::format("{}: this is no checkpoint, or it is damaged", path));
  };
  buffer all(static_cast<std::size_t>(file.size()));
  head h{};
  if (file.read(all) != static_cast<index_t>(all.size()) || all.size() < sizeof h) throw damaged();
  std::memcpy(&h, all.data(), sizeof h);
  const auto body = std::span<const std::byte>(all).subspan(sizeof h);
  if (std::memcmp(h.magic, magic.data(), magic.size()) != 0 || h.json_bytes > body.size() ||
      h.checksum != irs::checksum(body))
    throw damaged();
  const metadata_ptr json = metadata::parse(
      {reinterpret_cast<const char*>(body.data()), static_cast<std::size_t>(h.json_bytes)});
  if (json->text("problem") != std::string(problem))
    throw data_error(
        fmt::format("{}: the checkpoint is of another problem, data or options than these", path));
  const auto items = json->objects("items");
  index_t bytes = 0;
  for (const metadata_ptr& i : items.value_or(std::vector<metadata_ptr>{}))
    bytes += i->integer("bytes").value_or(-1);
  const auto values = body.subspan(h.json_bytes);
  if (!items || bytes != static_cast<index_t>(values.size())) throw damaged();
  restoring archive(q, path, *items, values);
  s.state(archive);
  archive.finish();
}

}  // namespace ir

#include "solver/checkpoint.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "io/descriptor.hpp"
#include "io/text_file.hpp"
#include "solver/sealed.hpp"

namespace ir {
namespace {

constexpr std::string_view magic = "IRCHECK1";
using buffer = std::vector<std::byte>;

/// Of a vector its space too: sizes in reals are rounded up.
std::string key_of(std::string_view name, const std::variant<double*, index_t*, vec>& what) {
  const vec* v = std::get_if<vec>(&what);
  return v ? fmt::format("{} {}", name, to_string(v->in())) : std::string(name);
}

using item_of_state = std::variant<double*, index_t*, vec>;

index_t bytes_in(const item_of_state& what) {
  const vec* v = std::get_if<vec>(&what);
  return v ? v->in().size() * size_of(real_type(v->type())) : index_t{sizeof(double)};
}
static_assert(sizeof(double) == sizeof(index_t));

/// Names and sizes of a state's items.
struct listing final : state_archive {
  std::string items;
  index_t bytes = 0;

  void item(std::string_view name, item_of_state what) override {
    items += fmt::format(R"({}{{"name":{},"bytes":{}}})", items.empty() ? "" : ",",
                         json_quoted(key_of(name, what)), bytes_in(what));
    bytes += bytes_in(what);
  }
};

/// Their values, one after the other.
struct copying final : state_archive {
  queue& q;
  std::span<std::byte> to;
  copying(queue& on, std::span<std::byte> values) : q(on), to(values) {}

  void item(std::string_view, item_of_state what) override {
    const auto here = to.first(static_cast<std::size_t>(bytes_in(what)));
    to = to.subspan(here.size());
    std::visit(
        [&](auto& x) {
          if constexpr (std::is_same_v<std::decay_t<decltype(x)>, vec>)
            get_reals(q, x, here);
          else
            std::memcpy(here.data(), x, sizeof *x);
        },
        what);
  }
};

/// Gives a state back, item by item in the order in which it was saved.
class restoring final : public state_archive {
 public:
  restoring(queue& q, std::string path, std::vector<metadata_ptr> items,
            std::span<const std::byte> values)
      : q_(q), path_(std::move(path)), items_(std::move(items)), values_(values) {}

  void item(std::string_view name, item_of_state what) override {
    const std::string key = key_of(name, what);
    std::visit(
        [&](auto& x) {
          if constexpr (std::is_same_v<std::decay_t<decltype(x)>, vec>) {
            set_reals(q_, take(key, x.in().size() * size_of(real_type(x.type()))), x);
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

void save_checkpoint(queue& q, const std::string& path, std::string_view problem, solver& s,
                     index_t element) {
  listing list;
  s.state(list);
  record_maker record(magic,
                      fmt::format(R"({{"problem":{},"element":{},"items":[{}]}})",
                                  json_quoted(problem), element, list.items),
                      list.bytes);
  copying values(q, record.values());
  s.state(values);
  write_file(path, record.finish(), pending_file::existing::replace);
}

bool load_checkpoint(queue& q, const std::string& path, std::string_view problem, solver& s,
                     index_t element) {
  descriptor file = descriptor::open_read(path);
  const auto damaged = [&] {
    return data_error(fmt::format("{}: this is no checkpoint, or it is damaged", path));
  };
  buffer all(static_cast<std::size_t>(file.size()));
  if (file.read(all) != static_cast<index_t>(all.size())) throw damaged();
  const auto record = unseal(magic, all);
  if (!record || record->bytes != all.size()) throw damaged();
  if (record->json->integer("element").value_or(0) != element) return false;
  if (record->json->text("problem") != std::string(problem))
    throw data_error(
        fmt::format("{}: the checkpoint is of another problem, data or options than these", path));
  const auto items = record->json->objects("items");
  index_t bytes = 0;
  for (const metadata_ptr& i : items.value_or(std::vector<metadata_ptr>{}))
    bytes += i->integer("bytes").value_or(-1);
  if (!items || bytes != std::ssize(record->values)) throw damaged();
  restoring archive(q, path, *items, record->values);
  s.state(archive);
  archive.finish();
  return true;
}

void refuse_as_checkpoint(const std::string& path) {
  const pending_file here(path, pending_file::existing::replace);  // what cannot be written says so
  if (std::error_code ignored; !std::filesystem::exists(path, ignored)) return;
  descriptor file = descriptor::open_read(path);
  std::array<std::byte, sealed_head_bytes> start{};
  const bool whole = file.read_at(0, start) == index_t{sealed_head_bytes};
  if (!whole || !sealed_bytes(magic, start))
    throw output_error(fmt::format("{}: is there already, and is no checkpoint", path));
}

}  // namespace ir

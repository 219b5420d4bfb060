#include "io/stack.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <list>
#include <mutex>

#include "core/error.hpp"
#include "io/descriptor.hpp"
#include "io/strided_copy.hpp"

namespace ir {
namespace {

constexpr std::size_t open_files = 16;  // that are kept open

std::string called(const file_name& f) {
  return f.inside.empty() ? f.path : f.path + ':' + f.inside;
}

/// "float 512x512 (y, x)": what has to agree.
std::string kind_of(const array_info& a) {
  std::string axes;
  for (const axis& x : a.axes) axes += (axes.empty() ? "" : ", ") + x.name;
  return fmt::format("{} {} ({})", to_string(extents_of(a)), name_of(a.type), axes);
}

/// Axis that the files follow each other along: an index in each file's axes; absent: a new one.
std::optional<std::size_t> stack_axis(const file_contents& c) {
  const auto& axes = c.arrays.back()->info().axes;
  std::size_t counted = 0, slowest = axes.size();
  for (std::size_t i = axes.size(); i-- > 0;) {
    if (axes[i].name == "c") continue;
    ++counted;
    slowest = i;
    if (!c.along.empty() && axes[i].name == c.along) return i;
  }
  if (counted <= 2) return {};
  return slowest;
}

class stack_boxes final : public box_source {
 public:
  struct item {
    file_name name;
    index_t first, count;  // along the stack's axis
  };
  stack_boxes(array_info info, std::size_t axis, bool is_new, shape block, std::vector<item> items,
              open_options options)
      : box_source(std::move(info)),
        axis_(axis),
        new_(is_new),
        block_(block),
        items_(std::move(items)),
        options_(std::move(options)) {}

  shape block() const override { return block_; }

 private:
  using opened = std::shared_ptr<const box_source>;

  void do_read(const shape& origin, const shape& extents, void* out) const override {
    const int a = static_cast<int>(axis_);
    const index_t size = size_of(info().type), end = origin[a] + extents[a];
    const auto strides = dense_strides(extents.extents(), size);
    auto at = std::upper_bound(items_.begin(), items_.end(), origin[a],
                               [](index_t k, const auto& i) { return k < i.first; }) -
              1;
    for (; at != items_.end() && at->first < end; ++at) {
      const index_t from = std::max(origin[a], at->first);
      const index_t n = std::min(end, at->first + at->count) - from;
      auto* to = static_cast<std::byte*>(out) + (from - origin[a]) * strides[axis_];
      read_item(*at, from - at->first, n, origin, extents, to, strides);
    }
  }

  void read_item(const item& i, index_t first, index_t n, const shape& origin, const shape& extents,
                 std::byte* to, const std::vector<index_t>& strides) const {
    std::vector<index_t> o(origin.extents().begin(), origin.extents().end());
    std::vector<index_t> e(extents.extents().begin(), extents.extents().end());
    o[axis_] = first;
    e[axis_] = n;
    const shape result(e);
    if (new_) {
      o.erase(o.begin() + static_cast<std::ptrdiff_t>(axis_));
      e.erase(e.begin() + static_cast<std::ptrdiff_t>(axis_));
    }
    const opened file = open(i);
    const shape box(e);
    // Dense in the result where nothing slower than the stack's axis has more than one index.
    const bool dense = result.count() * size_of(info().type) == n * strides[axis_];
    if (dense) return file->read(shape(o), box, {to, info().type, box});
    const auto some = std::make_unique_for_overwrite<std::byte[]>(
        static_cast<std::size_t>(box.count() * size_of(info().type)));
    file->read(shape(o), box, {some.get(), info().type, box});
    strided_copy(result, size_of(info().type), some.get(),
                 dense_strides(result.extents(), size_of(info().type)), to, strides);
  }

  opened open(const item& i) const {
    const std::lock_guard lock(mutex_);
    const auto known =
        std::find_if(recent_.begin(), recent_.end(), [&](const auto& r) { return r.first == &i; });
    if (known != recent_.end()) {
      recent_.splice(recent_.begin(), recent_, known);
      return recent_.front().second;
    }
    opened file = std::move(open_file(i.name, options_).arrays.back());
    index_t expected = i.count;
    if (new_) expected = 1;
    const array_info& now = file->info();
    if (now.type != info().type || now.axes.size() + (new_ ? 1 : 0) != info().axes.size() ||
        (!new_ && now.axes[axis_].size != expected))
      throw data_error(fmt::format("{}: has changed while it was read", called(i.name)));
    recent_.emplace_front(&i, file);
    if (recent_.size() > open_files) recent_.pop_back();
    return file;
  }

  std::size_t axis_;
  bool new_;
  shape block_;
  std::vector<item> items_;
  open_options options_;
  mutable std::mutex mutex_;
  mutable std::list<std::pair<const item*, opened>> recent_;
};

/// What all files must have: everything but the extent along the stack's axis.
bool alike(const array_info& a, const array_info& b, std::optional<std::size_t> except) {
  if (a.type != b.type || a.axes.size() != b.axes.size()) return false;
  for (std::size_t i = 0; i < a.axes.size(); ++i)
    if (a.axes[i].name != b.axes[i].name || (i != except && a.axes[i].size != b.axes[i].size))
      return false;
  return true;
}

std::string free_name(const std::vector<axis>& axes) {
  for (const char* name : {"z", "t", "frame"})
    if (std::none_of(axes.begin(), axes.end(), [&](const axis& a) { return a.name == name; }))
      return name;
  return "stack";
}

}  // namespace

void refuse_bytes(std::span<const std::byte> first, const std::string& name) {
  if (first.empty()) throw data_error(fmt::format("{}: is empty", name));
  std::string hex, text;
  for (const std::byte b : first.first(std::min<std::size_t>(first.size(), 8))) {
    const auto c = static_cast<unsigned char>(b);
    hex += fmt::format("{}{:02x}", hex.empty() ? "" : " ", c);
    text += c >= 32 && c < 127 ? static_cast<char>(c) : '.';
  }
  throw data_error(
      fmt::format("{}: no format that is read begins with {} ('{}'); a headerless file needs "
                  "--raw-shape and --raw-dtype",
                  name, hex, text));
}

file_contents open_file(const file_name& name, const open_options& given) {
  open_options options = given;
  if (!name.inside.empty()) options.path_inside = name.inside;
  std::array<std::byte, 64> start{};
  std::span<std::byte> first(start);
  {
    const descriptor file = descriptor::open_read(name.path);
    first = first.first(static_cast<std::size_t>(file.read_at(0, first)));
  }
  const bool raw = options.raw_shape || options.raw_type;
  const format* f = raw ? format_named("raw") : format_of(first);
  if (!f) refuse_bytes(first, name.path);
  if (!f->reads) throw data_error(fmt::format("{}: {} files are written only", name.path, f->name));
  file_contents contents = f->open(name.path, options);
  contents.name = called(name);
  return contents;
}

file_contents open_stack(const std::vector<file_name>& names, const open_options& given) {
  open_options options = given;
  options.axis_names.clear();  // they name the axes of the stack
  file_contents first = open_file(names.front(), options);
  const array_info model = first.arrays.back()->info();
  const auto along = stack_axis(first);
  const shape block = first.arrays.back()->block();
  std::vector<stack_boxes::item> items;
  index_t total = 0;
  for (const file_name& name : names) {
    const file_contents one = open_file(name, options);
    const array_info& info = one.arrays.back()->info();
    if (one.arrays.size() > 1)
      throw data_error(fmt::format("{}: has {} arrays; only files of one make a stack",
                                   called(name), one.arrays.size()));
    if (!alike(info, model, along))
      throw data_error(fmt::format("{}: {} does not go with {}: {}", called(name), kind_of(info),
                                   called(names.front()), kind_of(model)));
    const index_t n = along ? info.axes[*along].size : 1;
    items.push_back({name, total, n});
    total += n;
  }
  array_info info = model;
  std::vector<index_t> blocks(block.extents().begin(), block.extents().end());
  if (along) {
    info.axes[*along].size = total;
  } else {
    info.axes.insert(info.axes.begin(), axis{free_name(info.axes), "", total, 1, 0});
    blocks.insert(blocks.begin(), 1);
  }
  if (info.axes.size() > static_cast<std::size_t>(shape::max_rank))
    throw data_error(
        fmt::format("{}: a stack of {} has too many axes", called(names.front()), kind_of(model)));
  file_contents out;
  out.along = info.axes[along.value_or(0)].name;
  out.meta = first.meta;
  out.format = first.format;
  out.name = called(names.front()) + " and others";
  out.arrays.push_back(std::make_unique<stack_boxes>(std::move(info), along.value_or(0), !along,
                                                     shape(blocks), std::move(items), options));
  return out;
}

}  // namespace ir

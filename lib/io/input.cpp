#include "io/input.hpp"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/error.hpp"
#include "io/file_names.hpp"
#include "io/kept.hpp"
#include "io/spool.hpp"
#include "io/stack.hpp"

namespace ir {
namespace {

// The signature of irs(5).
constexpr std::array<unsigned char, irs_signature_bytes> irs_signature = {0x89, 'I',  'R',  'S',
                                                                          '\r', '\n', 0x1a, '\n'};

/// Also a stream that was cut within its signature: no other format is so short.
bool is_irs(std::span<const std::byte> first) {
  return !first.empty() && std::memcmp(first.data(), irs_signature.data(),
                                       std::min(first.size(), irs_signature.size())) == 0;
}

keep_options keeping(const input_options& o) { return {o.tmpdir, o.memory / 2, o.say}; }

std::unique_ptr<frame_source> cut_file(file_contents contents, const input_options& o) {
  constexpr index_t least = index_t{4} << 20, most = index_t{1} << 30;
  return cut(std::move(contents), o.cut, std::clamp(o.memory / 8, least, most));
}

/// A user's file, with the files that make a scan of it.
std::unique_ptr<frame_source> cut_scan(file_contents contents, const input_options& o) {
  add_scan_files(contents, o.scan, o.file);
  return cut_file(std::move(contents), o);
}

std::unique_ptr<frame_source> cut_frames(std::unique_ptr<frame_source> stream,
                                         const input_options& o,
                                         const std::shared_ptr<const cancellation>& cancel) {
  stream = join_scan_files(std::move(stream), o.scan, o.file);
  if (o.cut.empty()) return stream;
  if (auto cut = cut_stream(stream, o.cut)) return cut;
  queue q({}, cancel);
  return cut_file(keep(*stream, keeping(o), q), o);
}

/// A foreign format that comes through a pipe: one spool, opened as a file.
std::unique_ptr<frame_source> open_spooled(descriptor in, std::span<const std::byte> first,
                                           const input_options& o,
                                           const std::shared_ptr<const cancellation>& cancel) {
  const bool raw = o.file.raw_shape || o.file.raw_type;
  if (!raw && !format_of(first)) refuse_bytes(first, in.name());
  const std::string folder = spool_folder(o.tmpdir);
  const spool_file name(folder);
  spool file(descriptor::create(name.path(), cancel), folder);
  file.append(first);
  std::vector<std::byte> piece(std::size_t{1} << 20);
  while (const index_t n = in.read(piece)) file.append({piece.data(), static_cast<std::size_t>(n)});
  if (o.say) o.say(fmt::format("{}: spooled {} to {}", in.name(), bytes_text(file.size()), folder));
  try {
    file_contents contents = open_file({name.path(), ""}, o.file);
    contents.name = in.name();
    return cut_scan(std::move(contents), o);  // readers have it open: the name can go
  } catch (const data_error& e) {
    std::string what = e.what();  // the user knows the stream, not the spool
    if (what.starts_with(name.path())) what.replace(0, name.path().size(), in.name());
    throw data_error(what, e.at);
  }
}

std::unique_ptr<frame_source> open_stream(descriptor in, const input_options& o,
                                          const std::shared_ptr<const cancellation>& cancel) {
  std::array<std::byte, 64> start{};
  const auto n = static_cast<std::size_t>(in.read(start));
  const std::span<const std::byte> first(start.data(), n);
  if (first.empty())
    throw upstream_error(
        fmt::format("{}: is empty: the command before failed or wrote nothing", in.name()));
  if (is_irs(first)) return cut_frames(open_irs(std::move(in), first, o.stream), o, cancel);
  return open_spooled(std::move(in), first, o, cancel);
}

/// A regular file that standard input was redirected from, at its beginning.
bool is_plain_file(const descriptor& in) {
  return !in.is_pipe() && lseek(in.fd(), 0, SEEK_CUR) == 0 && access("/proc/self/fd/0", R_OK) == 0;
}

std::unique_ptr<frame_source> open_path(const file_name& name, const input_options& o,
                                        const std::shared_ptr<const cancellation>& cancel) {
  descriptor in = descriptor::open_read(name.path, cancel);
  if (in.is_pipe()) return open_stream(std::move(in), o, cancel);
  std::array<std::byte, irs_signature_bytes> start{};
  const auto n = static_cast<std::size_t>(in.read_at(0, start));
  if (o.stream.concatenated && is_irs({start.data(), n}))
    return cut_frames(open_irs(std::move(in), {}, o.stream), o, cancel);
  return cut_scan(open_file(name, o.file), o);
}

std::unique_ptr<frame_source> open_standard_input(
    const input_options& o, const std::shared_ptr<const cancellation>& cancel) {
  if (isatty(STDIN_FILENO))
    throw usage_error("no input: name a file, or let a pipe bring the frames");
  descriptor in = descriptor::standard_input(cancel);
  if (!is_plain_file(in)) return open_stream(std::move(in), o, cancel);
  std::array<std::byte, irs_signature_bytes> start{};
  const auto n = static_cast<std::size_t>(in.read_at(0, start));
  if (n == 0 || is_irs({start.data(), n})) return open_stream(std::move(in), o, cancel);
  return open_path({"/proc/self/fd/0", o.file.path_inside}, o, cancel);
}

}  // namespace

std::unique_ptr<frame_source> open_input(const std::vector<std::string>& names,
                                         const input_options& o,
                                         std::shared_ptr<const cancellation> cancel) {
  if (names.empty() || (names.size() == 1 && names[0] == "-"))
    return open_standard_input(o, cancel);
  for (const std::string& name : names)
    if (name == "-") throw usage_error("standard input ('-') cannot be one of several inputs");
  const auto files = expand_names(names);
  if (files.size() == 1) return open_path(files[0], o, cancel);
  return cut_scan(open_stack(files, o.file), o);
}

std::unique_ptr<frame_source> with_regions(std::unique_ptr<frame_source> source,
                                           const input_options& o, queue& q) {
  if (source->regions()) return source;
  selection as_it_was;
  as_it_was.whole = source->header().along.name.empty();
  return cut(keep(*source, keeping(o), q), as_it_was);
}

std::optional<index_t> bytes_to_keep(const frame_source& source) {
  if (source.regions()) return 0;
  index_t bytes = 0;
  for (const array_info& a : source.header().arrays) {
    index_t all = 0;
    if (!a.frames || __builtin_mul_overflow(*a.frames, frame_bytes(a), &all) ||
        __builtin_add_overflow(bytes, all, &bytes))
      return {};
  }
  return bytes;
}

}  // namespace ir

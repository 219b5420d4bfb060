// Frame streams: any bytes are either read to their end or refused, by the reader of pipes (frames
// and parts) and by that of files. Checksums would stop every mutation at the door, so most mutated
// inputs get right ones.
#include <cstring>

#include "core/queue.hpp"
#include "fuzz/format_fuzz.hpp"
#include "io/irs.hpp"
#include "io/irs_layout.hpp"
#include "io/metadata.hpp"

using namespace ir;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using bytes = std::span<std::byte>;

// What there is to begin with: two arrays, frames in parts, JSON, progress.
std::vector<std::byte> seed() {
  stream_header h;
  h.arrays = {{"psf", role::psf, dtype::f32, {{"x", "", 3}}, {}, 1},
              {"data", role::data, dtype::u16, {{"y", "mm", 2}, {"x", "", 5}}, {}, 2}};
  h.arrays[1].nominal = {dtype::u16, {0, 4095}};
  h.along = {"z", "", 2};
  descriptor file(memfd_create("seed", MFD_CLOEXEC), "seed");
  irs_sink sink(descriptor(dup(file.fd()), "seed"), h);
  queue q;
  const auto put = [&](int array_no, index_t number, index_t begin, index_t end, const shape& n) {
    frame f;
    f.array_no = array_no, f.number = number, f.begin = begin, f.end = end;
    f.data.reset(q, h.arrays[array_no].type, n);
    std::memset(f.data.get().data, 7, f.data.get().bytes());
    if (begin == 0) f.meta = metadata::parse(R"({"time":1})");
    sink.put(f, q);
  };
  put(0, 0, 0, 1, {3});
  put(1, 0, 0, 2, {2, 5});
  sink.note({"fuzz", 1, 2, "frame"});
  put(1, 1, 0, 1, {1, 5});
  put(1, 1, 1, 2, {1, 5});
  sink.finish();
  std::vector<std::byte> all(file.size());
  file.read_at(0, all);
  return all;
}

void store(bytes at, std::uint64_t value) { std::memcpy(at.data(), &value, sizeof value); }

void seal(bytes block) { store(block.subspan(56), irs::checksum(block.first(56))); }

// Makes checksums, padding and trailers right, as far as the lengths lead.
void repair(bytes all) {
  if (all.size() < 64) return;
  std::memcpy(all.data(), irs::signature.data(), irs::signature.size());
  seal(all.first(64));
  for (std::size_t at = 64; all.size() - at >= 128;) {
    const bytes header = all.subspan(at, 64);
    std::memcpy(header.data(), "IRr1", 4);
    seal(header);
    std::uint64_t payload = 0;
    std::uint32_t json = 0;
    std::memcpy(&payload, header.data() + 40, 8);
    std::memcpy(&json, header.data() + 48, 4);
    const std::size_t left = all.size() - at - 128;
    if (json > left || payload > left) return;
    const std::size_t payload_at = at + 64 + irs::padded(json);
    const std::size_t trailer_at = payload_at + irs::padded(static_cast<index_t>(payload));
    if (trailer_at + 64 > all.size()) return;
    const bytes text = all.subspan(at + 64, json), values = all.subspan(payload_at, payload);
    std::fill(text.end(), values.begin(), std::byte{});
    std::fill_n(all.begin() + static_cast<std::ptrdiff_t>(payload_at + payload),
                trailer_at - payload_at - payload, std::byte{});
    const bytes trailer = all.subspan(trailer_at, 64);
    std::memcpy(trailer.data(), "IRt1", 4);
    std::memcpy(trailer.data() + 4, header.data() + 4, 4);
    store(trailer.subspan(8), irs::checksum(text));
    store(trailer.subspan(16), irs::checksum(values));
    store(trailer.subspan(24), json);
    store(trailer.subspan(32), payload);
    std::memcpy(trailer.data() + 40, header.data() + 56, 8);
    seal(trailer);
    at = trailer_at + 64;
  }
}

void read_stream(const std::uint8_t* data, std::size_t size, delivery how, bool concatenated) {
  const test::memory_file file(data, size);
  irs_read_options o;
  o.memory = index_t{1} << 24;
  o.concatenated = concatenated;
  try {
    const auto source = open_irs(file.open(), {}, o);
    source->deliver(how);
    queue q;
    for (frame f; source->next(f, q);)
      if (f.data.get().bytes() > o.memory) return;
  } catch (const error&) {
  } catch (const std::bad_alloc&) {
    __builtin_trap();  // sizes are checked before memory is taken
  }
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed_of_this) {
  static const std::vector<std::byte> start = seed();
  if (size < 128 && start.size() <= most) {
    std::memcpy(data, start.data(), start.size());
    size = start.size();
  }
  size = LLVMFuzzerMutate(data, size, most);
  if (seed_of_this % 8 != 0) repair(std::as_writable_bytes(std::span(data, size)));
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_stream(data, size, delivery::whole, false);
  read_stream(data, size, delivery::parts, true);
  test::open_and_read("irs", data, size);
  return 0;
}

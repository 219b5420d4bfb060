// CPU seconds of a hop of frames from one process to the next (writer, pipe, reader) against a bare
// copy through a pipe with an XXH3 checksum at both ends. Alternated, the least of each: JSON on
// standard output.
//   frame_hop_bench [MEGABYTES A FRAME [FRAMES [ROUNDS]]]
#include <fmt/core.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "core/queue.hpp"
#include "io/irs.hpp"

namespace {

using namespace ir;

struct job {
  index_t frame_bytes, frames;
};

stream_header header_of(const job& j) {
  stream_header h;
  h.arrays = {{"data",
               role::data,
               dtype::u8,
               {{"y", "", j.frame_bytes >> 12}, {"x", "", 4096}},
               {},
               j.frames}};
  h.along = {"z", "", j.frames};
  return h;
}

void send_frames(const job& j, int to) {
  const stream_header h = header_of(j);
  queue q;
  irs_sink sink(descriptor(to, "pipe", std::make_shared<cancellation>()), h);
  frame f;
  f.data.reset(q, dtype::u8, extents_of(h.arrays[0]));
  std::memset(f.data.get().data, 1, static_cast<std::size_t>(j.frame_bytes));
  f.end = line_count(h.arrays[0]);
  for (f.number = 0; f.number < j.frames; ++f.number) sink.put(f, q);
  sink.finish();
}

void receive_frames(const job& j, int from) {
  queue q;
  const auto source = open_irs(descriptor(from, "pipe", std::make_shared<cancellation>()), {});
  index_t n = 0;
  for (frame f; source->next(f, q);) ++n;
  if (n != j.frames) std::exit(1);
}

constexpr std::size_t piece = std::size_t{128} << 10;

void send_bytes(const job& j, int to) {
  std::vector<std::byte> data(static_cast<std::size_t>(j.frame_bytes), std::byte{1});
  XXH3_state_t* const sum = XXH3_createState();
  for (index_t k = 0; k < j.frames; ++k) {
    XXH3_64bits_reset(sum);
    for (auto left = std::span<const std::byte>(data); !left.empty();) {
      const auto some = left.first(std::min(piece, left.size()));
      XXH3_64bits_update(sum, some.data(), some.size());
      for (std::size_t done = 0; done < some.size();) {
        const ssize_t n = write(to, some.data() + done, some.size() - done);
        if (n < 0) std::exit(1);
        done += static_cast<std::size_t>(n);
      }
      left = left.subspan(some.size());
    }
    if (XXH3_64bits_digest(sum) == 0) std::exit(1);
  }
  XXH3_freeState(sum);
}

void receive_bytes(const job& j, int from) {
  const auto size = static_cast<std::size_t>(j.frame_bytes);
  const auto owner = std::make_unique_for_overwrite<std::byte[]>(size);
  const std::span data(owner.get(), size);
  XXH3_state_t* const sum = XXH3_createState();
  for (index_t k = 0; k < j.frames; ++k) {
    XXH3_64bits_reset(sum);
    for (std::size_t have = 0; have < data.size();) {
      const ssize_t n = read(from, data.data() + have, std::min(piece, data.size() - have));
      if (n <= 0) std::exit(1);
      XXH3_64bits_update(sum, data.data() + have, static_cast<std::size_t>(n));
      have += static_cast<std::size_t>(n);
    }
    if (XXH3_64bits_digest(sum) == 0) std::exit(1);
  }
  XXH3_freeState(sum);
}

double seconds_of_children() {
  rusage u{};
  getrusage(RUSAGE_CHILDREN, &u);
  const auto seconds = [](timeval t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(u.ru_utime) + seconds(u.ru_stime);
}

// CPU seconds of both ends, each a process of its own.
double hop(const job& j, void (*send)(const job&, int), void (*receive)(const job&, int)) {
  int ends[2];
  if (pipe(ends) != 0) std::exit(1);
  const double before = seconds_of_children();
  for (const int side : {0, 1})
    if (fork() == 0) {
      close(ends[1 - side]);
      side == 1 ? send(j, ends[1]) : receive(j, ends[0]);
      _exit(0);
    }
  close(ends[0]);
  close(ends[1]);
  for (int status = 0; wait(&status) > 0;)
    if (status != 0) std::exit(1);
  return seconds_of_children() - before;
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i, index_t fallback) {
    return argc > i ? index_t{std::atoll(argv[i])} : fallback;
  };
  const job j{number(1, 8) << 20, number(2, 64)};
  double frames = std::numeric_limits<double>::max(), bytes = frames;
  for (index_t round = number(3, 9); round > 0; --round) {
    frames = std::min(frames, hop(j, send_frames, receive_frames));
    bytes = std::min(bytes, hop(j, send_bytes, receive_bytes));
  }
  const double gigabytes = 1e-9 * static_cast<double>(j.frame_bytes * j.frames);
  fmt::print(R"({{"bench":"frame_hop","frame_bytes":{},"frames":{},"cpu_s_per_GB":{:.4f},)"
             R"("bare_cpu_s_per_GB":{:.4f},"ratio":{:.3f}}})"
             "\n",
             j.frame_bytes, j.frames, frames / gigabytes, bytes / gigabytes, frames / bytes);
}

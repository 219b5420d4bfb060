#include "io/descriptor.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>
#include <vector>

#include "core/error.hpp"

using namespace ir;

namespace {

struct ends {
  descriptor in, out;
};
ends pipe_with(std::shared_ptr<const cancellation> c = {}) {
  int fd[2];
  BOOST_REQUIRE(pipe2(fd, O_CLOEXEC) == 0);
  return {descriptor(fd[0], "in", c), descriptor(fd[1], "out", c)};
}
ends socket_with(std::shared_ptr<const cancellation> c = {}) {
  int fd[2];
  BOOST_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
  return {descriptor(fd[0], "in", c), descriptor(fd[1], "out", c)};
}

struct folder {
  folder() {
    char name[] = "/tmp/ir-test-XXXXXX";
    path = mkdtemp(name);
  }
  ~folder() { std::filesystem::remove_all(path); }
  std::string path;
};

// Runs `blocked` and asks it to stop after a while; the signal that it was stopped with.
template <class F>
int stopped_by(const std::shared_ptr<cancellation>& c, F&& blocked) {
  std::thread asks([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    c->request(SIGTERM);
  });
  int signal = 0;
  try {
    blocked();
  } catch (const cancelled& e) {
    signal = e.signal;
  }
  asks.join();
  return signal;
}

const std::vector<std::byte> megabyte(1 << 20);

}  // namespace

BOOST_AUTO_TEST_SUITE(descriptors)

BOOST_AUTO_TEST_CASE(bytes_go_through_pipes_and_sockets_larger_than_these) {
  for (const bool watched : {false, true}) {
    const auto c = watched ? std::make_shared<cancellation>() : nullptr;
    for (auto* const make : {&pipe_with, &socket_with}) {
      ends e = make(c);
      std::vector<std::byte> sent(1 << 20), got(1 << 20);
      for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::byte>(i * i >> 8);

      std::thread writer([&, out = std::move(e.out)]() mutable {
        const auto all = std::span(sent);
        out.write({all.first(7), {}, all.subspan(7, 100000), all.subspan(100007)});
      });
      const index_t n = e.in.read(got);
      writer.join();

      BOOST_TEST(n == index_t{1} << 20);
      BOOST_TEST((sent == got));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_shared_pipe_keeps_its_flags) {
  const ends e = pipe_with(std::make_shared<cancellation>());

  BOOST_TEST((fcntl(e.out.fd(), F_GETFL) & O_NONBLOCK) == 0);
  BOOST_TEST((fcntl(e.in.fd(), F_GETFL) & O_NONBLOCK) == 0);
}

BOOST_AUTO_TEST_CASE(a_blocked_read_or_write_ends_with_the_cancellation) {
  for (auto* const make : {&pipe_with, &socket_with}) {
    std::vector<std::byte> some(10);
    auto c = std::make_shared<cancellation>();
    ends e = make(c);
    BOOST_TEST(stopped_by(c, [&] { e.in.read(some); }) == SIGTERM);

    c = std::make_shared<cancellation>();
    e = make(c);
    BOOST_TEST(stopped_by(c, [&] {
                 for (;;) e.out.write(megabyte);
               }) == SIGTERM);
  }
}

BOOST_AUTO_TEST_CASE(a_reader_that_went_away_is_sigpipe_on_standard_output_alone) {
  std::signal(SIGPIPE, SIG_IGN);
  const int kept = dup(STDOUT_FILENO);
  ends e = pipe_with(), other = pipe_with();
  BOOST_REQUIRE(dup2(e.out.fd(), STDOUT_FILENO) == STDOUT_FILENO);
  e = {};
  other.in = {};

  const auto out = [] { descriptor::standard_output().write(megabyte); };
  BOOST_CHECK_EXCEPTION(out(), cancelled, [](const cancelled& c) { return c.signal == SIGPIPE; });
  BOOST_CHECK_THROW(other.out.write(megabyte), io_error);

  dup2(kept, STDOUT_FILENO);
  ::close(kept);
}

BOOST_AUTO_TEST_CASE(a_full_device_is_an_io_error_that_names_it) {
  descriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC), "/dev/full");

  BOOST_CHECK_EXCEPTION(full.write(megabyte), io_error, [](const io_error& e) {
    return std::string_view(e.what()) == "/dev/full: cannot write: No space left on device";
  });
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_is_no_input) {
  const folder f;

  BOOST_CHECK_THROW(descriptor::open_read(f.path + "/none"), no_input_error);
  BOOST_CHECK_THROW(descriptor::open_read(f.path), no_input_error);
  BOOST_CHECK_THROW(descriptor::create(f.path + "/none/x"), output_error);
}

BOOST_AUTO_TEST_CASE(a_fifo_waits_for_its_writer_and_can_be_cancelled) {
  const folder f;
  const std::string path = f.path + "/fifo";
  BOOST_REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  std::vector<std::byte> got(100);

  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    descriptor(open(path.c_str(), O_WRONLY | O_CLOEXEC), path).write(std::span(megabyte).first(5));
  });
  const index_t n = descriptor::open_read(path).read(got);
  writer.join();
  const auto c = std::make_shared<cancellation>();
  descriptor lonely = descriptor::open_read(path, c);
  const int signal = stopped_by(c, [&] { lonely.read(got); });

  BOOST_TEST(n == 5);
  BOOST_TEST(signal == SIGTERM);
}

BOOST_AUTO_TEST_CASE(regions_of_a_file_are_read_and_written) {
  const folder f;
  descriptor d = descriptor::create(f.path + "/file");
  std::vector<std::byte> got(8);

  d.write_at(1000, std::span(megabyte).first(4));
  d.sync();

  BOOST_TEST(d.size() == 1004);
  BOOST_TEST(!d.is_pipe());
  BOOST_TEST(d.read_at(1000, got) == 4);
  BOOST_TEST(d.read_at(2000, got) == 0);
  d.close();
  BOOST_CHECK_THROW(d.write(got), io_error);
}

BOOST_AUTO_TEST_CASE(interrupted_calls_go_on) {
  ends e = pipe_with();
  std::vector<std::byte> got(4);

  descriptor::set_faults({.fail_at = 0, .error = EINTR});
  e.out.write(std::span(megabyte).first(4));
  descriptor::set_faults({.fail_at = 0, .error = EINTR});
  const index_t n = e.in.read(got);
  descriptor::set_faults({});

  BOOST_TEST(n == 4);
}

BOOST_AUTO_TEST_CASE(waiting_for_more_is_bounded) {
  ends e = pipe_with();

  BOOST_TEST(!e.in.readable_within(1));
  BOOST_TEST(e.out.writable_now());
  e.out.write(std::span(megabyte).first(1));
  BOOST_TEST(e.in.readable_within(0));
}

BOOST_AUTO_TEST_SUITE_END()

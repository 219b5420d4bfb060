#include "core/resources.hpp"

#include <sched.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/cgroup.hpp"
#include "core/error.hpp"

namespace {

namespace fs = std::filesystem;

/// An environment variable for the time of a test.
struct variable {
  const char* name;
  variable(const char* n, const char* value) : name(n) { ::setenv(n, value, 1); }
  ~variable() { ::unsetenv(name); }
};

/// A machine's /proc and /sys in a temporary folder.
struct fake_root {
  fs::path path;
  fake_root() {
    std::string name = (fs::temp_directory_path() / "ir_test_XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~fake_root() { fs::remove_all(path); }
  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((path / file).parent_path());
    std::ofstream(path / file) << text << '\n';
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(resources)

BOOST_AUTO_TEST_CASE(sizes_are_powers_of_1024_and_shares_of_the_memory) {
  BOOST_TEST(ir::parse_bytes("8G") == ir::index_t{8} << 30);
  BOOST_TEST(ir::parse_bytes("512M") == 512 << 20);
  BOOST_TEST(ir::parse_bytes("64k") == 65536);
  BOOST_TEST(ir::parse_bytes("1.5GiB") == 3 << 29);
  BOOST_TEST(ir::parse_bytes("2kb") == 2048);
  BOOST_TEST(ir::parse_bytes("123") == 123);
  BOOST_TEST(ir::parse_bytes("100%") == ir::installed_memory());
}

BOOST_AUTO_TEST_CASE(what_is_no_size_is_refused) {
  for (const char* text : {"", "G", "-1", "0", "8X", "8 G", "1e40", "nan", "inf", "8GG", "8iB"})
    BOOST_CHECK_THROW(ir::parse_bytes(text), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(threads_come_from_the_flag_then_the_variables_then_the_machine) {
  cpu_set_t set;
  BOOST_REQUIRE(::sched_getaffinity(0, sizeof set, &set) == 0);
  const variable none("IR_THREADS", ""), none2("OMP_NUM_THREADS", "");
  BOOST_TEST(ir::thread_count() >= 1);
  BOOST_TEST(ir::thread_count() <= CPU_COUNT(&set));

  const variable omp("OMP_NUM_THREADS", "5,2");
  BOOST_TEST(ir::thread_count() == 5);
  const variable own("IR_THREADS", "3");
  BOOST_TEST(ir::thread_count() == 3);
  BOOST_TEST(ir::thread_count(7) == 7);
}

BOOST_AUTO_TEST_CASE(threads_that_are_no_number_are_refused) {
  for (const char* text : {"0", "-2", "two", "2x", "99999999999"}) {
    const variable v("IR_THREADS", text);
    BOOST_CHECK_THROW(ir::thread_count(), ir::usage_error);
  }
}

BOOST_AUTO_TEST_CASE(the_budget_is_a_share_of_installed_memory) {
  using enum ir::memory_share;
  const ir::index_t all = ir::installed_memory();
  BOOST_TEST(all > 1 << 20);
  BOOST_TEST(ir::memory_budget({}, files) == all / 2);
  BOOST_TEST(ir::memory_budget({}, pipe) == all / 4);
  BOOST_TEST(ir::memory_budget({}, light) <= ir::index_t{1} << 30);

  const variable v("IR_MEMORY", "10M");
  BOOST_TEST(ir::memory_budget({}, files) == 10 << 20);
  BOOST_TEST(ir::memory_budget(77, files) == 77);
}

BOOST_AUTO_TEST_CASE(version_2_groups_give_the_tightest_limit_up_to_the_root) {
  const fake_root m;
  m.write("proc/self/cgroup", "0::/user/job");
  m.write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw");
  m.write("sys/fs/cgroup/user/job/cpu.max", "max 100000");
  m.write("sys/fs/cgroup/user/cpu.max", "150000 100000");
  m.write("sys/fs/cgroup/user/job/memory.max", "2000000");
  m.write("sys/fs/cgroup/user/memory.max", "max");

  const ir::cgroup_limits l = ir::read_cgroup_limits(m.path.string());

  BOOST_TEST(l.processors.value() == 1.5);
  BOOST_TEST(l.memory.value() == 2000000);
}

BOOST_AUTO_TEST_CASE(version_1_groups_are_read_inside_a_container) {
  const fake_root m;
  m.write("proc/self/cgroup", "4:memory:/box/abc\n3:cpu,cpuacct:/box/abc\n0::/");
  m.write("proc/self/mountinfo",
          "31 23 0:28 /box/abc /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
          "32 23 0:29 /box/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory");
  m.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "250000");
  m.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
  m.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");

  const ir::cgroup_limits l = ir::read_cgroup_limits(m.path.string());

  BOOST_TEST(l.processors.value() == 2.5);
  BOOST_TEST(!l.memory.has_value());
}

BOOST_AUTO_TEST_CASE(a_machine_without_groups_has_no_limits) {
  const fake_root m;

  const ir::cgroup_limits l = ir::read_cgroup_limits(m.path.string());

  BOOST_TEST(!l.processors.has_value());
  BOOST_TEST(!l.memory.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

#include "io/pending.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "support/files.hpp"

using ir::pending_file;
using ir::pending_folder;
using namespace ir::test;
using existing = pending_file::existing;

namespace {
using names = std::vector<std::string>;
mode_t mode_of(const std::string& path) {
  struct stat s {};
  stat(path.c_str(), &s);
  return s.st_mode & 0777;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(pending_files)

BOOST_AUTO_TEST_CASE(the_name_appears_with_commit_and_not_before) {
  const temporary_folder t;
  {
    pending_file f(t / "a.txt", existing::refuse);
    write_bytes(f.temporary(), "hello");
    f.finish();
    BOOST_TEST(!std::filesystem::exists(t / "a.txt"));
    BOOST_TEST(t.names().size() == 1u);

    f.commit();
  }

  BOOST_TEST(t.names() == names{"a.txt"}, boost::test_tools::per_element());
  BOOST_TEST(read_bytes(t / "a.txt") == "hello");
}

BOOST_AUTO_TEST_CASE(nothing_is_left_without_commit) {
  const temporary_folder t;

  { pending_file f(t / "a.txt", existing::refuse); }

  BOOST_TEST(t.names().empty());
}

BOOST_AUTO_TEST_CASE(an_existing_file_is_kept_unless_it_may_be_replaced) {
  const temporary_folder t;
  write_bytes(t / "a.txt", "old");
  chmod((t / "a.txt").c_str(), 0640);

  BOOST_CHECK_THROW(pending_file(t / "a.txt", existing::refuse), ir::output_error);
  pending_file f(t / "a.txt", existing::replace);
  write_bytes(f.temporary(), "new");
  f.finish();
  BOOST_TEST(read_bytes(t / "a.txt") == "old");
  f.commit();

  BOOST_TEST(read_bytes(t / "a.txt") == "new");
  BOOST_TEST(mode_of(t / "a.txt") == 0640);
}

BOOST_AUTO_TEST_CASE(a_file_that_appears_meanwhile_is_not_overwritten) {
  const temporary_folder t;
  pending_file f(t / "a.txt", existing::refuse);
  write_bytes(t / "a.txt", "somebody else's");

  BOOST_CHECK_THROW(f.commit(), ir::output_error);

  BOOST_TEST(read_bytes(t / "a.txt") == "somebody else's");
}

BOOST_AUTO_TEST_CASE(new_files_have_the_mode_of_the_umask) {
  const temporary_folder t;
  const mode_t before = umask(027);
  pending_file f(t / "a.txt", existing::refuse);
  umask(before);

  f.finish();
  f.commit();

  BOOST_TEST(mode_of(t / "a.txt") == 0640);
}

BOOST_AUTO_TEST_CASE(a_link_stays_a_link) {
  const temporary_folder t;
  write_bytes(t / "real.txt", "old");
  BOOST_REQUIRE(symlink("real.txt", (t / "link.txt").c_str()) == 0);

  pending_file f(t / "link.txt", existing::replace);
  write_bytes(f.temporary(), "new");
  f.commit();

  BOOST_TEST(std::filesystem::is_symlink(t / "link.txt"));
  BOOST_TEST(read_bytes(t / "real.txt") == "new");
}

BOOST_AUTO_TEST_CASE(missing_folders_and_folders_as_targets_are_refused) {
  const temporary_folder t;

  BOOST_CHECK_THROW(pending_file(t / "no/a.txt", existing::refuse), ir::output_error);
  BOOST_CHECK_THROW(pending_file(t.path(), existing::replace), ir::output_error);
  BOOST_CHECK_THROW(pending_file(t.path() + "/", existing::replace), ir::output_error);
}

BOOST_AUTO_TEST_CASE(long_names_have_a_temporary_too) {
  const temporary_folder t;
  const std::string name(255, 'a');

  pending_file f(t / name, existing::refuse);
  f.commit();

  BOOST_TEST(t.names() == names{name}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(files_of_a_folder_appear_together) {
  const temporary_folder t;
  write_bytes(t / "other", "");
  {
    pending_folder f(t.path(), existing::refuse);
    write_bytes(f.add("a"), "1");
    write_bytes(f.add("b"), "2");
    f.finish();
    BOOST_TEST(!std::filesystem::exists(t / "a"));
    f.commit();
  }

  BOOST_TEST(t.names() == (names{"a", "b", "other"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_new_folder_appears_complete_or_not_at_all) {
  const temporary_folder t;
  {
    pending_folder f(t / "slices/", existing::refuse);
    write_bytes(f.add("a"), "1");
    BOOST_TEST(!std::filesystem::exists(t / "slices"));
  }
  BOOST_TEST(t.names().empty());

  pending_folder f(t / "slices", existing::refuse);
  write_bytes(f.add("a"), "1");
  f.finish();
  f.commit();

  BOOST_TEST(t.names() == names{"slices"}, boost::test_tools::per_element());
  BOOST_TEST(read_bytes(t / "slices/a") == "1");
}

BOOST_AUTO_TEST_CASE(one_existing_file_refuses_all_of_a_folder) {
  const temporary_folder t;
  pending_folder f(t.path(), existing::refuse);
  write_bytes(f.add("a"), "1");
  write_bytes(f.add("b"), "2");
  f.finish();
  write_bytes(t / "b", "somebody else's");

  BOOST_CHECK_THROW(f.commit(), ir::output_error);

  BOOST_TEST(!std::filesystem::exists(t / "a"));
  BOOST_CHECK_THROW(f.add("b"), ir::output_error);
}

BOOST_AUTO_TEST_SUITE_END()

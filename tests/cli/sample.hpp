#pragma once
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "cli/option_table.hpp"

namespace ir::test {

/// A table with one of everything that help, man page and completion show, and characters that a
/// shell or troff would take for its own.
struct sample_table {
  option_table table;
  std::vector<std::string> inputs;
  std::string method = "rl", boundary = "edge", output, secret;
  int iterations = 10;
  double balance = 0.5;
  bool force = false;
  std::optional<int> threads;

  sample_table() {
    table.describe(
        "Estimates f from g = H f + noise; the PSF 'H' may be 2-D or 3-D.\n\nThe update is\n\n"
        "  f <- f * H'(g / H f)\n  .starts with a dot\n\n.So does this sentence. It is the last.");
    table.add("INPUT", inputs, "files to read, or - for standard input").repeatable().file();
    table.input("--psf", role::psf, "point spread function").required();
    table.add("--method", method, "algorithm: rl is Richardson-Lucy").choices({"rl", "wiener"});
    table.add("--boundary", boundary, "what lies outside of the image")
        .choices({"circular", "zero", "edge", "reflect"});
    table.add("--iterations", iterations, "number of iterations").at_least(1);
    table.add("--balance", balance, "the user's weight [dimensionless]").positive();
    table.group("Common options");
    table.add("-o,--output", output, "file to write").file();
    table.add("-f,--force", force, "replace files that exist");
    table.add("-j,--threads", threads, "threads to compute with").fallback("all").at_least(1);
    table.add("--ir-emit", secret, "not shown").choices({"man", "bash", "zsh"}).hidden();
    table.section("Method", "Multiplicative. See the paper.");
    table.add_example("ir-sample blurred.tif --psf psf.tif -o sharp.tif", "Ten iterations.");
    table.add_example(
        "ir-read blurred.tif --rank 3 | ir-sample --psf psf.tif --iterations 25 | ir-write o.h5",
        "In a pipe.");
  }
};

/// Exit status and standard output of a shell command.
struct outcome {
  int status;
  std::string text;
};
inline outcome shell(const std::string& command) {
  outcome result{-1, {}};
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (!pipe) return result;
  std::array<char, 4096> buffer;
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    result.text.append(buffer.data(), n);
  result.status = pclose(pipe);
  return result;
}
inline bool installed(const std::string& program) {
  return shell("command -v " + program + " >/dev/null").status == 0;
}

/// A file that lives as long as the object.
class temporary_file {
 public:
  explicit temporary_file(const std::string& content) {
    char name[] = "/tmp/ir_cli_test_XXXXXX";
    folder_ = mkdtemp(name);
    std::ofstream(path()) << content;
  }
  ~temporary_file() { std::filesystem::remove_all(folder_); }
  temporary_file(const temporary_file&) = delete;
  std::string path() const { return folder_ + "/file"; }

 private:
  std::string folder_;
};

}  // namespace ir::test

"""cmake --install gives a tree that works from anywhere: programs, man pages, completions, a CMake package."""
import os
import subprocess
import unittest

import irtest

BUILD = os.path.dirname(irtest.BIN)

CONSUMER = """
cmake_minimum_required(VERSION 3.25)
project(consumer CXX)
find_package(ir-tools 0.1 REQUIRED)
add_executable(consumer consumer.cpp)
target_link_libraries(consumer PRIVATE ir::ir)
"""

SOURCE = """
#include <cstdio>
#include "core/blas1.hpp"
#include "io/source.hpp"
#include "op/linear_operator.hpp"
int main() {
  ir::queue q;
  ir::owned_vec x(q, ir::space(ir::shape{2, 3}), ir::precision::f64);
  ir::fill(q, 2.0, x);
  std::printf("%s %g\\n", to_string(ir::shape{2, 3}).c_str(), ir::inner_product().dot(q, x, x));
}
"""


class Install(irtest.FolderTest):
    def call(self, *command, **more):
        r = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, **more)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        return r.stdout

    def test_installed_tree_serves_programs_and_projects(self):
        if not os.path.exists(os.path.join(BUILD, "CMakeCache.txt")):
            self.skipTest("no build folder beside the programs")
        with open(os.path.join(BUILD, "CMakeCache.txt")) as cache:
            if "IR_SANITIZE:STRING=address" in cache.read():
                self.skipTest("programs of others cannot load a library with the address sanitizer")
        prefix = self.path("prefix")
        self.call("cmake", "--install", BUILD, "--prefix", prefix)

        for tool in irtest.tools():
            for name in ("bin/" + tool, "share/man/man1/%s.1" % tool, "share/bash-completion/completions/" + tool,
                         "share/zsh/site-functions/_" + tool):
                self.assertTrue(os.path.exists(os.path.join(prefix, name)), name)
        for name in ("share/man/man5/irs.5", "share/man/man7/ir.7", "share/ir-tools/python/irstream.py"):
            self.assertTrue(os.path.exists(os.path.join(prefix, name)), name)
        said = self.call(os.path.join(prefix, "bin", "ir-info"), "--version", env={})
        self.assertTrue(said.startswith("ir-info (ir-tools) "), said)

        self.write("CMakeLists.txt", CONSUMER.encode())
        self.write("consumer.cpp", SOURCE.encode())
        self.call("cmake", "-S", ".", "-B", "b", "-DCMAKE_PREFIX_PATH=" + prefix)
        self.call("cmake", "--build", "b")
        self.assertEqual(self.call(self.path("b/consumer")), "2x3 24\n")


if __name__ == "__main__":
    irtest.main()

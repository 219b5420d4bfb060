"""The man pages and completions in the tree are those that the tools write."""

import pathlib
import re
import shutil
import subprocess
import unittest

import irtest

SOURCE = pathlib.Path(irtest.SOURCE)
AGAIN = "; to write man pages and completions anew: share/emit.sh BUILD-FOLDER"
PLACES = {"man": "man/{}.1", "bash": "completions/bash/{}", "zsh": "completions/zsh/_{}"}


def emitted(tool, kind):
    result = irtest.run(tool, "--ir-emit", kind)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout.decode()


class Drift(unittest.TestCase):
    def test_files_in_the_tree_are_what_the_tools_write(self):
        self.assertTrue(irtest.tools(), "no tool is built")
        for name in irtest.tools():
            for kind, place in PLACES.items():
                with self.subTest(tool=name, kind=kind):
                    path = SOURCE / place.format(name)
                    written = emitted(name, kind)

                    self.assertTrue(path.exists(), f"{path} is missing" + AGAIN)
                    self.assertEqual(path.read_text(), written, f"{path} is stale" + AGAIN)

    def test_the_page_of_the_language_is_what_the_registry_holds(self):
        path = SOURCE / "man" / "ir-expr.7"

        self.assertEqual(path.read_text(), emitted("ir-apply", "expr"), f"{path} is stale" + AGAIN)

    def test_no_file_is_left_of_a_tool_that_is_gone(self):
        for place in PLACES.values():
            folder, pattern = (SOURCE / place.format("ir-*")).parent, place.split("/")[-1]
            for path in folder.glob(pattern.format("ir-*")):
                name = re.fullmatch(pattern.format("(ir-[a-z0-9-]+)").replace(".", r"\."),
                                    path.name)[1]
                self.assertTrue((SOURCE / "tools" / f"{name}.cpp").exists(),
                                f"{path} has no tool" + AGAIN)

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_mandoc_accepts_every_man_page(self):
        for path in sorted((SOURCE / "man").glob("*.[0-9]")):
            with self.subTest(page=path.name):
                lint = subprocess.run(["mandoc", "-Tlint", path], capture_output=True, text=True)

                # Which other manuals are installed is no matter of the page.
                found = [line for line in lint.stdout.splitlines()
                         if "referenced manual not found" not in line]
                self.assertEqual(found, [])

    @unittest.skipUnless(shutil.which("bash"), "bash is not installed")
    def test_bash_reads_every_completion(self):
        for path in sorted((SOURCE / "completions" / "bash").glob("*")):
            subprocess.run(["bash", "-n", path], check=True)

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_reads_every_completion(self):
        for path in sorted((SOURCE / "completions" / "zsh").glob("*")):
            subprocess.run(["zsh", "-n", path], check=True)

    def test_the_overview_lists_every_tool_and_exit_status(self):
        overview = (SOURCE / "man" / "ir.7").read_text().replace("\\-", "-")
        page = emitted(irtest.tools()[0], "man")

        for name in irtest.tools():
            self.assertIn(f".BR {name} (1)\n", overview)
        section = re.compile(r"\.SH EXIT STATUS\n(.*?)\.SH ", re.DOTALL)
        variables = re.compile(r"\.SH ENVIRONMENT\n(.*?)\.SH ", re.DOTALL)
        self.assertIn(section.search(page)[1].replace("\\-", "-"), overview)
        self.assertIn(variables.search(page)[1].replace("\\-", "-"), overview)


if __name__ == "__main__":
    irtest.main()

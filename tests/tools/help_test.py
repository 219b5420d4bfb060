"""Every tool explains itself in the same way."""

import functools
import os
import pty
import subprocess

import irtest


def each_tool(test):
    """Runs the test with every tool that is built."""
    @functools.wraps(test)
    def with_all(self):
        self.assertTrue(irtest.tools(), "no tool is built")
        for name in irtest.tools():
            with self.subTest(tool=name):
                test(self, name)
    return with_all


class EveryTool(irtest.FolderTest):
    def assert_refused_as(self, result, line):
        """Exit status 2 and one line; a tool that makes frames also tells the next one of the pipe."""
        self.assertEqual((result.returncode, result.stderr.decode()), (2, line + "\n"))
        self.assertTrue(result.stdout == b"" or b"ABRT" in result.stdout)

    @each_tool
    def test_help_has_usage_and_examples_and_goes_to_standard_output(self, name):
        result = irtest.run(name, "--help")

        text = result.stdout.decode()
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertTrue(text.startswith(f"{name}: "), text[:80])
        self.assertIn(f"usage: {name}", text)
        self.assertIn("\nCommon options:\n", text)
        self.assertIn("\nExamples:\n", text)
        self.assertEqual([line for line in text.splitlines() if len(line) > 80], [])

    @each_tool
    def test_h_is_help(self, name):
        self.assertEqual(irtest.run(name, "-h").stdout, irtest.run(name, "--help").stdout)

    @each_tool
    def test_help_wins_over_mistakes(self, name):
        result = irtest.run(name, "--no-such-option", "--help")

        self.assertEqual((result.returncode, result.stderr), (0, b""))

    @each_tool
    def test_version_names_tool_and_package(self, name):
        short = irtest.run(name, "--version")
        long = irtest.run(name, "--version", "-v")

        self.assertEqual((short.returncode, short.stderr), (0, b""))
        self.assertRegex(short.stdout.decode(), rf"^{name} \(ir-tools\) \d+\.\d+\.\d+\n$")
        self.assertEqual(long.returncode, 0)
        self.assertGreater(long.stdout.count(b"\n"), 1)

    @each_tool
    def test_an_unknown_option_is_told_in_one_line(self, name):
        result = irtest.run(name, "--thread", "2")

        self.assert_refused_as(result, f"{name}: unknown option --thread; did you mean --threads?")

    @each_tool
    def test_a_bad_value_is_told_in_one_line(self, name):
        result = irtest.run(name, "--threads", "zero")

        self.assert_refused_as(result, f"{name}: --threads: 'zero' is not a whole number")

    @each_tool
    def test_no_arguments_on_a_terminal_give_short_help(self, name):
        ours, theirs = pty.openpty()
        tool = subprocess.Popen([name], stdin=theirs, stdout=theirs,
                                stderr=subprocess.PIPE, env=irtest.environment())
        os.close(theirs)
        text = tool.communicate(timeout=60)[1].decode()
        os.close(ours)

        self.assertEqual(tool.returncode, 2, text)
        self.assertIn(f"usage: {name}", text)
        self.assertLess(text.count("\n"), 12)


if __name__ == "__main__":
    irtest.main()

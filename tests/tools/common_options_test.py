"""What a run tells and where: quiet, verbose, --json, --report, --dry-run, provenance, terminals."""
import json
import os
import pty
import re
import subprocess

import irtest
from irtest import Pipeline, npy, run, shell

# A run of each tool that succeeds; {out} is an option that names an output file.
RUNS = {
    "ir-read": "ir-read stack.npy {out}",
    "ir-write": "ir-write {OUT}",
    "ir-noise": "ir-noise stack.npy --sigma 1 {out}",
    "ir-phantom": "ir-phantom shepp-logan --size 16,16 {out}",
    "ir-convolve": "ir-convolve stack.npy --gaussian 1 {out}",
    "ir-deconvolve": "ir-deconvolve stack.npy --psf psf.npy --iterations 2 {out}",
    "ir-flatfield": "ir-flatfield stack.npy --flat flat.npy --no-dark {out}",
    "ir-fbp": "ir-fbp stack.npy --axes v,angle,u --dtype f32 --angles 0:180 --center 2 --size 4,5 {out}",
    "ir-project": "ir-project stack.npy --angles 0:180 --views 4 {out}",
    "ir-center": "ir-center sinogram.npy --angles 0:180",
    "ir-denoise": "ir-denoise stack.npy --sigma 1 --patch 3 --search 5 {out}",
    "ir-apply": "ir-apply stack.npy -A 2*identity {out}",
    "ir-lipschitz": "ir-lipschitz -A gradient --domain 8,8",
    "ir-solve": "ir-solve stack.npy -A identity --reg 0.1*tv --iterations 5 {out}",
    "ir-info": "ir-info stack.npy",
    "ir-metric": "ir-metric stack.npy --reference stack.npy",
}


class Common(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        self.write("stack.npy", npy((6, 4, 5), "<u2", lambda i: 100 + i))
        self.write("psf.npy", npy((3, 3), values=[1, 2, 1, 2, 4, 2, 1, 2, 1]))
        self.write("flat.npy", npy((4, 5), values=lambda i: 500 + i))
        self.write("sinogram.npy", npy((60, 48), values=lambda i: irtest.through_discs(i // 48 * 3, i % 48 - 23.5)))
        self.stream = run("ir-read", self.path("stack.npy")).stdout

    def runs(self):
        return [(tool, line) for tool, line in RUNS.items() if tool in irtest.tools()]

    def makers(self):
        return [(tool, line) for tool, line in self.runs() if "{" in line]

    def go(self, line, *more, target="out.npy", stdin=None):
        words = line.replace("{out}", "-o " + target).replace("{OUT}", target).split()
        return run(*words, *more, stdin=self.stream if stdin is None else stdin, cwd=self.folder)

    def test_every_tool_is_here(self):
        self.assertEqual([t for t in irtest.tools() if t not in RUNS], [])

    # -- what is told -----------------------------------------------------------------------------

    def test_success_is_silent(self):
        for tool, line in self.makers():
            for more in ((), ("-q",)):
                with self.subTest(tool=tool, options=more):
                    r = self.go(line, "-f", *more)
                    self.assertEqual((r.returncode, r.stdout, r.stderr), (0, b"", b""))

    def test_verbose_tells_device_and_why_on_standard_error(self):
        for tool, line in self.makers():
            with self.subTest(tool):
                r = self.go(line, "-v", "-f")
                self.assertEqual((r.returncode, r.stdout), (0, b""))
                self.assertRegex(r.stderr.decode(), r"(?m)^%s: (cpu|gpu:0) \(.+\), \d+ threads?$" % tool)
                self.assertTrue(all(l.startswith(tool + ": ") for l in r.stderr.decode().splitlines()), r.stderr)

    def test_json_is_one_object_where_the_frames_are_not(self):
        for tool, line in self.makers():
            with self.subTest(tool):
                r = self.go(line, "--json", "-f")
                self.assertEqual((r.returncode, r.stderr), (0, b""))
                self.check_report(tool, json.loads(r.stdout))
                r = self.go(line, "--json", target="-")
                self.assertEqual(r.returncode, 0)
                self.check_report(tool, json.loads(r.stderr))
                self.assertTrue(r.stdout.startswith(b"\x89IRS"))

    def check_report(self, tool, report):
        self.assertEqual(report["tool"], tool)
        self.assertEqual(report["frames"], 1 if tool == "ir-phantom" else 6)
        self.assertGreater(report["bytes"], 0)
        self.assertGreaterEqual(report["seconds"], 0)
        self.assertGreater(report["peak_bytes"], 1 << 20)
        self.assertIn(report["isa"], ("base", "v3", "v4"))
        self.assertRegex(report["device"], "^(cpu|gpu:0)$")

    def test_report_is_a_file_that_appears_with_the_result(self):
        for tool, line in self.runs():
            with self.subTest(tool):
                r = self.go(line, "--report", "report.json", "--force")
                self.assertEqual((r.returncode, r.stderr), (0, b""))
                report = json.loads(self.read("report.json"))
                if "{" in line:
                    self.check_report(tool, report)
                self.write("report.json", b"precious")
                r = self.go(line, "--report", "report.json", target="other.npy")
                self.assertEqual((r.returncode, self.read("report.json")), (73, b"precious"))
                self.assertNotIn("other.npy", self.names())
                os.remove(self.path("report.json"))

    def test_a_failed_run_leaves_no_report(self):
        cut = {**RUNS, "ir-info": "ir-info - --stats", "ir-metric": "ir-metric - --reference stack.npy",
               "ir-center": "ir-center - --angles 0:180 --dtype f32"}
        for tool in irtest.tools():
            if tool not in ("ir-phantom", "ir-lipschitz"):  # which read no frames
                with self.subTest(tool):
                    line = cut[tool].replace("%s stack.npy" % tool, "%s -" % tool)
                    failed = self.go(line, "--report", "report.json", stdin=self.stream[:-70])
                    self.assertEqual(failed.returncode, 76, failed.stderr)
                    self.assertNotIn("report.json", self.names())

    # -- plans ------------------------------------------------------------------------------------

    def test_dry_run_prints_the_plan_and_writes_nothing(self):
        before = self.names()
        for tool, line in self.makers():
            with self.subTest(tool):
                r = self.go(line, "--dry-run")
                self.assertEqual((r.returncode, r.stderr), (0, b""))
                plan = dict(re.findall(r"(?m)^(\w+) +(.+)$", r.stdout.decode()))
                for item in ("output", "device", "memory", "why"):
                    self.assertIn(item, plan, r.stdout)
                r = self.go(line, "--dry-run", "--json")
                plan = json.loads(r.stdout)
                self.assertEqual(plan["output"][-1]["extents"], [16, 16] if tool == "ir-phantom" else [4, 5])
                self.assertLess(0, plan["host_bytes"])
                self.assertEqual(self.names(), before)

    def test_dry_runs_in_a_pipe_plan_every_stage(self):
        if "ir-noise" not in irtest.tools():
            self.skipTest("ir-noise is not built")
        for more in ([], ["--json"]):
            codes, said, out = Pipeline(["ir-read", "stack.npy", "--roi", "0:2,0:3", "--dry-run", *more],
                                        ["ir-noise", "--sigma", "1", "--dry-run", *more],
                                        ["ir-write", "out.npy", "--dry-run", *more], cwd=self.folder).wait()
            self.assertEqual(codes, [0, 0, 0], said)
            for dtype, text in zip(("u16", "f32", "f32"), (said[0], said[1], out.decode())):
                if more:
                    self.assertEqual((json.loads(text)["output"][0]["dtype"], json.loads(text)["output"][0]["extents"]),
                                     (dtype, [2, 3]))
                else:
                    self.assertIn("data %s (y,x) 2x3, 6 frames along z" % dtype, text)
        codes, said, _ = Pipeline(["ir-read", "stack.npy", "--dry-run"], ["ir-write", "out.npy"], cwd=self.folder).wait()
        self.assertEqual(codes, [0, 76], said)
        self.assertNotIn("out.npy", self.names())

    def test_the_plan_follows_memory_threads_and_precision(self):
        r = self.go("ir-read stack.npy {out}", "--memory", "123M", "--dry-run")
        self.assertIn(b"of 123.0 MiB", r.stdout)
        env = irtest.environment(IR_MEMORY="55M", IR_THREADS="3")
        r = run("ir-read", "stack.npy", "-o", "out.npy", "--dry-run", "-v", cwd=self.folder, env=env)
        self.assertIn(b"of 55.0 MiB", r.stdout)
        self.assertIn(b"3 threads", r.stderr)
        r = run("ir-read", "stack.npy", "-o", "out.npy", "--dry-run", "-v", "-j", "2", "--memory", "1G", cwd=self.folder, env=env)
        self.assertIn(b"of 1.0 GiB", r.stdout)  # flags win
        self.assertIn(b"2 threads", r.stderr)
        for option, value in (("--memory", "much"), ("--memory", "0"), ("-j", "0"), ("--device", "tpu"), ("--precision", "half"),
                              ("--progress", "maybe"), ("--seed", "x")):
            with self.subTest(option + " " + value):
                self.assertEqual(self.go("ir-read stack.npy {out}", option, value).returncode, 2)
        env = irtest.environment(IR_THREADS="none")
        self.assertEqual(run("ir-read", "stack.npy", "-o", "out.npy", cwd=self.folder, env=env).returncode, 2)
        env = irtest.environment(IR_DEVICE="tpu")
        self.assertEqual(run("ir-read", "stack.npy", "-o", "out.npy", cwd=self.folder, env=env).returncode, 2)

    def test_progress_as_json_is_one_object_a_line(self):
        for line in ("ir-read stack.npy {out}", "ir-write {OUT}"):
            r = self.go(line, "--progress", "json", "-f")
            self.assertEqual(r.returncode, 0)
            notes = [json.loads(l) for l in r.stderr.splitlines()]
            self.assertTrue(notes)
            self.assertEqual((notes[-1]["done"], notes[-1]["total"]), (6, 6))

    # -- provenance -------------------------------------------------------------------------------

    def history(self, name):
        return run("ir-info", self.path(name), "--history").stdout.decode().splitlines()

    def test_outputs_tell_the_commands_that_made_them(self):
        for name in ("out.tif", "out.h5", "out.irs", "out.npy", "out.nrrd"):
            with self.subTest(name):
                line = 'ir-read "%s" --frames 0:1 --rank 2 | ir-write %s' % (self.path("stack.npy"), self.path(name))
                self.assertEqual(shell(line).returncode, 0)
                if name == "out.npy":
                    continue  # has no place for it
                first, second = self.history(name)
                self.assertRegex(first, r"^ir-read stack\.npy --frames 0:1 --rank 2  # ir-tools [\d.]+, cpu, (base|v3|v4)$")
                self.assertTrue(second.startswith("ir-write " + name), second)
                self.assertNotIn(self.folder.encode(), self.read(name))

    def test_no_provenance_leaves_nothing(self):
        r = self.go("ir-read stack.npy {out}", "--no-provenance", target="out.tif")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(self.history("out.tif"), [])
        self.assertNotIn(b"ir-read stack", self.read("out.tif"))

    def test_the_same_command_makes_the_same_bytes(self):
        for name in ("out.tif", "out.h5", "out.npy", "out.nrrd", "out.irs"):
            with self.subTest(name):
                for copy in ("first", "second"):
                    r = self.go("ir-read stack.npy {out}", target=name)
                    self.assertEqual(r.returncode, 0, r.stderr)
                    os.rename(self.path(name), self.path(copy))
                self.assertEqual(self.read("first"), self.read("second"))

    # -- terminals --------------------------------------------------------------------------------

    def at_terminal(self, *command, stdin=None, stdout=None, stderr=None):
        """Exit code and what a terminal shows; streams that are not given are that terminal."""
        ours, theirs = pty.openpty()
        try:
            streams = [theirs if s is None else s for s in (stdin, stdout, stderr)]
            p = subprocess.Popen(command, stdin=streams[0], stdout=streams[1], stderr=streams[2], cwd=self.folder,
                                 env=irtest.environment(TERM="xterm"))
            os.close(theirs)
            theirs = None
            shown = b""
            try:
                while piece := os.read(ours, 4096):
                    shown += piece
            except OSError:  # the other side is closed
                pass
            return p.wait(), shown.decode()
        finally:
            os.close(ours)
            if theirs is not None:
                os.close(theirs)

    def test_frames_are_not_written_to_a_terminal(self):
        for tool, line in self.makers():
            if tool == "ir-write":
                continue
            for more in ([], ["--to", "npy"]):
                with self.subTest(tool=tool, options=more), open(self.path("stack.npy"), "rb") as f:
                    code, shown = self.at_terminal(*line.replace("{out}", "").split(), *more, stdin=f)
                    self.assertEqual(code, 2, shown)
                    self.assertIn("standard output is a terminal", shown)
                    self.assertIn("--output", shown)
        with open(self.path("stack.npy"), "rb") as f:
            self.assertEqual(self.at_terminal("ir-write", "-", stdin=f)[0], 2)

    def test_a_terminal_is_no_input(self):
        for tool, line in self.makers():
            if tool == "ir-phantom":
                continue
            with self.subTest(tool):
                words = line.replace("stack.npy ", "").replace("{out}", "-o out.npy").replace("{OUT}", "out.npy").split()
                code, shown = self.at_terminal(*words)
                self.assertEqual(code, 2, shown)
                self.assertIn("no input", shown)

    def test_no_arguments_at_a_terminal_give_short_help(self):
        for tool in irtest.tools():
            with self.subTest(tool):
                code, shown = self.at_terminal(tool)
                self.assertEqual(code, 2)
                self.assertIn("usage: %s" % tool, shown)
                self.assertIn("--help", shown)
                self.assertLess(shown.count("\n"), 25)

    def test_a_bar_is_shown_at_a_terminal_alone(self):
        self.write("stack.irs", self.stream)
        slow = "{ head -c 900 stack.irs; sleep 1; tail -c +901 stack.irs; } | ir-read -"
        for more, bar in (("-o a.npy", True), ("-o b.npy -q", False), ("-o c.npy --progress off", False), (" > d.irs", True),
                          ("| cat > e.irs", False)):
            with self.subTest(more):
                code, shown = self.at_terminal("sh", "-c", slow + " " + more, stdin=subprocess.DEVNULL)
                self.assertEqual(code, 0, shown)
                self.assertEqual("ir-read [" in shown and "/6" in shown, bar, shown)
        self.assertEqual(self.at_terminal("ir-read", "stack.npy", "-o", "f.npy", stdin=subprocess.DEVNULL), (0, ""))

    def test_help_into_a_closed_pipe_is_silent(self):
        for tool in irtest.tools():
            with self.subTest(tool):
                r = shell("{ %s --help; echo $? >&2; } | true" % tool)
                self.assertIn(r.stderr, (b"141\n", b"0\n"))  # by SIGPIPE, unless the text was there before


if __name__ == "__main__":
    irtest.main()

"""ir-solve from the command line: closed forms, views, the discrepancy principle, checkpoints, refusals."""
import json
import math
import os
import signal
import subprocess
import time

import irtest
from irtest import npy, run


class Solve(irtest.FolderTest):
    N = 12

    def setUp(self):
        super().setUp()
        self.y = [float((i * 7) % 11) - 3 for i in range(self.N)]
        self.write("y.npy", npy((3, 4), values=self.y))
        self.write("w.npy", npy((3, 4), values=[i % 3 for i in range(12)]))

    def solve(self, *arguments, data="y.npy"):
        r = run("ir-solve", data, *arguments, "-o", "x.npy", "-f", "--json", cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""), r.stderr)
        self.report = json.loads(r.stdout)
        shape, _, values = irtest.parse_npy(self.read("x.npy"))
        return tuple(shape), list(values)

    def assert_close(self, got, expected, within=1e-4):
        self.assertEqual(len(got), len(expected))
        for g, e in zip(got, expected):
            self.assertAlmostEqual(g, e, delta=within)

    def test_closed_forms(self):
        y = self.y
        cases = [
            (("-A", "2 * identity"), [v / 2 for v in y]),
            (("-A", "identity", "--reg", "3 * square"), [v / 4 for v in y]),
            (("-A", "identity", "--reg", "2 * l1"), [math.copysign(max(abs(v) - 2, 0), v) for v in y]),
            (("-A", "2 * identity", "--bounds", "nonneg"), [max(v / 2, 0) for v in y]),
            (("-A", "identity", "--bounds", "-1:2.5"), [min(max(v, -1), 2.5) for v in y]),
            (("-A", "identity", "--bounds", "-1:", "--reg", "nonneg + box(-9, 2.5)"), [min(max(v, 0), 2.5) for v in y]),
            (("-A", "identity", "--fidelity", "l1", "--reg", "0.5 * l1"), y),
            (("-A", "identity", "--fidelity", "wl2:3", "--reg", "1 * square"), [3 * v / 4 for v in y]),
            (("-A", "identity", "--fidelity", "wl2:@w.npy", "--reg", "1 * square"),
             [(i % 3) * v / (1 + i % 3) for i, v in enumerate(y)]),
        ]
        for arguments, expected in cases:
            with self.subTest(arguments=arguments):
                self.assert_close(self.solve(*arguments, "--iterations", "2000", "--tolerance", "1e-8")[1], expected, 2e-3)
                self.assertEqual(self.report["converged"], 1)

    def test_real_weights_weigh_complex_data(self):
        spectrum = run("ir-apply", "y.npy", "-A", "fft", "-o", "f.npy", cwd=self.folder)
        self.write("w.npy", npy((3, 3), values=[3] * 9))

        values = self.solve("-A", "fft", "--domain", "3,4", "--fidelity", "wl2:@w.npy", "--reg", "square",
                            "--tolerance", "1e-8", data="f.npy")[1]

        self.assertEqual(spectrum.returncode, 0, spectrum.stderr)
        self.assert_close(values, [3 * v / 4 for v in self.y], 1e-3)

    def test_poisson_counts_are_their_own_best_mean(self):
        counts = [abs(v) + 1 for v in self.y]
        self.write("c.npy", npy((3, 4), values=counts))

        for solver in ("auto", "mlem"):
            with self.subTest(solver=solver):
                bounds = () if solver == "mlem" else ("--bounds", "nonneg")
                values = self.solve("-A", "2 * identity", "--fidelity", "kl", "--solver", solver, *bounds,
                                    "--iterations", "3000", "--tolerance", "1e-8", data="c.npy")[1]
                self.assert_close(values, [v / 2 for v in counts], 1e-2)

    def test_views_of_one_image_are_one_problem(self):
        x = [1.0, 5, 2, 4, 3, 3, 2, 7, 1, 0, 2, 6]
        self.write("views.npy", npy((2, 3, 4), values=[2 * v for v in x] + [-v for v in x]))

        shape, values = self.solve("-A", "[2*identity; -identity]", data="views.npy")

        self.assertEqual(shape, (3, 4))
        self.assert_close(values, x, 1e-4)

        # minimum of 3 (2x - 2a)^2 / 2 + (-x + a - 1)^2 / 2: x = a - 1 / 13
        self.write("views.npy", npy((2, 3, 4), values=[2 * v for v in x] + [1 - v for v in x]))
        weighted = self.solve("-A", "[2*identity; -identity]", "--fidelity", "wl2:3,1", data="views.npy")[1]
        self.assert_close(weighted, [v - 1 / 13 for v in x], 1e-4)

    TWO = "[downsample(2) * blur(gaussian(0.7)); 2 * identity]"

    def rows_of(self, x, shape=(6, 8)):
        """Files low.npy and high.npy of TWO applied to x."""
        self.write("truth.npy", npy(shape, values=x))
        r = run("ir-apply", "truth.npy", "-A", self.TWO, "-o", "row{row}.npy", "-f", cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""))
        return "row0.npy", "row1.npy"

    def test_data_of_different_extents_are_one_problem(self):
        x = [float(i * 5 % 13) for i in range(48)]
        low, high = self.rows_of(x)

        shape, values = self.solve(high, "-A", self.TWO, "--tolerance", "1e-7", data=low)
        self.assertEqual(shape, (6, 8))
        self.assert_close(values, x, 1e-3)

        piped = irtest.shell("ir-apply truth.npy -A '%s' | ir-solve -A '%s' --tolerance 1e-7 -o p.npy" % (self.TWO, self.TWO), self.folder)
        self.assertEqual((piped.returncode, piped.stderr), (0, b""))
        self.assertEqual(list(irtest.parse_npy(self.read("p.npy"))[2]), values)

    def test_stacks_of_different_extents_are_solved_frame_by_frame(self):
        x = [float(i * 5 % 13) for i in range(48)]
        low, high = self.rows_of([v * k for k in (1, -2, 3) for v in x], (3, 6, 8))

        shape, values = self.solve(high, "-A", self.TWO, "--tolerance", "1e-7", data=low)

        self.assertEqual(shape, (3, 6, 8))
        self.assert_close(values, [v * k for k in (1, -2, 3) for v in x], 3e-3)

    def test_selected_frames_are_those_of_every_row(self):
        x = [float(i * 5 % 13) for i in range(48)]
        low, high = self.rows_of([v * k for k in (1, -2, 3, 5) for v in x], (4, 6, 8))
        for holder in ("y.h5", "y.irs"):
            made = run("ir-apply", "truth.npy", "-A", self.TWO, "-o", holder, cwd=self.folder)
            self.assertEqual((made.returncode, made.stderr), (0, b""))
        for frames, factors in (("2", (3,)), ("1:3", (-2, 3)), ("::3", (1, 5))):
            expected = self.solve(high, "-A", self.TWO, "--frames", frames, data=low)
            self.assert_close(expected[1], [v * k for k in factors for v in x], 0.02)
            for holder in ("y.h5", "y.irs"):
                with self.subTest(frames=frames, holder=holder):
                    self.assertEqual(self.solve("-A", self.TWO, "--frames", frames, data=holder), expected)
                    piped = irtest.shell("ir-read %s | ir-solve -A '%s' --frames %s -o p.npy -f" % (holder, self.TWO, frames), self.folder)
                    self.assertEqual((piped.returncode, piped.stderr), (0, b""))
                    self.assertEqual(list(irtest.parse_npy(self.read("p.npy"))[2]), expected[1])

    def test_a_scan_and_a_picture_are_one_problem(self):
        self.write("m.npy", npy((9, 9), values=[int(i % 2 == 0) for i in range(81)]))
        self.write("x.npy", npy((9, 9), values=[2.0 if 20 < i < 50 else 1.0 for i in range(81)]))
        A = "[radon(angles=12); mask(@m.npy)]"
        made = run("ir-apply", "x.npy", "-A", A, "-o", "d{row}.npy", cwd=self.folder)
        self.assertEqual((made.returncode, made.stderr), (0, b""))
        truth = list(irtest.parse_npy(self.read("x.npy"))[2])

        values = self.solve("d1.npy", "-A", A, "--tolerance", "1e-7", "--iterations", "3000", data="d0.npy")[1]

        self.assert_close(values, truth, 0.02)

    def test_rows_have_weights_and_noise_of_their_own(self):
        x = [float(i * 5 % 13) for i in range(48)]
        low, high = self.rows_of(x)
        moved = [v + 1 for v in irtest.parse_npy(self.read(high))[2]]
        self.write("moved.npy", npy((6, 8), values=moved))
        self.write("w0.npy", npy((3, 4), values=[0] * 12))
        self.write("w1.npy", npy((6, 8), values=[4] * 48))
        line = ("moved.npy", "-A", self.TWO, "--tolerance", "1e-8")

        only_high = self.solve(*line, "--fidelity", "wl2:0,1", data=low)[1]
        self.assert_close(only_high, [v + 0.5 for v in x], 1e-3)
        self.assert_close(self.solve(*line, "--fidelity", "wl2:@w0.npy,@w1.npy", data=low)[1], only_high, 1e-3)

        sigmas = (0.5, 0.25)
        z = self.solve(*line, "--reg", "0.5*square", "--weight", "auto", "--sigma", "0.5,0.25", "--iterations", "20000", data=low)[1]
        self.write("z.npy", npy((6, 8), values=z))
        run("ir-apply", "z.npy", "-A", self.TWO, "-o", "z{row}.npy", cwd=self.folder)
        square = sum(((a - b) / s) ** 2 for name, y, s in zip(("z0.npy", "z1.npy"), (low, "moved.npy"), sigmas)
                     for a, b in zip(irtest.parse_npy(self.read(name))[2], irtest.parse_npy(self.read(y))[2]))
        self.assertAlmostEqual(math.sqrt(square / 60), 1, delta=0.02)

    def test_mistakes_with_rows_name_the_file(self):
        low, high = self.rows_of([1.0] * 48)
        self.write("w.npy", npy((6, 8)))
        line = (low, high, "-A", self.TWO)
        cases = [
            ((high, low, "-A", self.TWO), 65, "row 0, row1.npy, are 6x8, and 2x2"),
            ((low, high, high, "-A", self.TWO), 65, "does not go with"),
            ((*line, "--domain", "8,8"), 65, "row 0, row0.npy, are 3x4, and 4x4"),
            ((*line, "--fidelity", "wl2:1,2,3"), 2, "3 numbers of weights"),
            ((*line, "--fidelity", "wl2:@w.npy"), 65, "w.npy: weights of 6x8"),
            ((*line, "--fidelity", "wl2:@w.npy,@w.npy,@w.npy"), 2, "2 rows"),
            ((*line, "--fidelity", "wl2:@w.npy,@w.npy"), 65, "w.npy: weights of 6x8 for data of 3x4"),
            ((*line, "--reg", "tv", "--weight", "auto", "--sigma", "1,2,3"), 2, "3 numbers of --sigma"),
        ]
        for arguments, code, words in cases:
            with self.subTest(arguments=arguments):
                r = run("ir-solve", *arguments, "-o", "out.npy", cwd=self.folder)

                self.assertEqual(r.returncode, code, r.stderr)
                self.assertIn(words, r.stderr.decode())

    def test_frames_are_solved_one_by_one(self):
        self.write("stack.npy", npy((4, 3, 4), values=[v * k for k in (1, 2, 3, 4) for v in self.y]))

        shape, values = self.solve("-A", "identity", "--reg", "square", data="stack.npy")

        self.assertEqual(shape, (4, 3, 4))
        self.assert_close(values, [v * k / 2 for k in (1, 2, 3, 4) for v in self.y])

    def test_total_variation_is_that_of_ir_denoise(self):
        self.write("n.npy", npy((16, 16), values=[(40 if i % 16 > 7 else 10) + (i * 37 % 11) for i in range(256)]))
        mine = self.solve("-A", "identity", "--reg", "5 * tv", "--iterations", "3000", "--tolerance", "1e-7", data="n.npy")[1]

        r = run("ir-denoise", "n.npy", "--method", "tv", "--weight", "5", "--gap", "1e-6", "-o", "d.npy", cwd=self.folder)

        self.assertEqual(r.returncode, 0, r.stderr)
        self.assert_close(mine, list(irtest.parse_npy(self.read("d.npy"))[2]), 0.1)

    def test_the_discrepancy_principle_leaves_the_noise(self):
        n = 32
        clean = [10.0 if 8 <= i % n < 20 else 2.0 for i in range(n * n)]
        noise = [((i * 7919 + 13) % 1009) / 1009 - 0.5 for i in range(n * n)]  # variance 1/12
        self.write("d.npy", npy((n, n), values=[a + b for a, b in zip(clean, noise)]))
        sigma = math.sqrt(sum(v * v for v in noise) / len(noise))

        x = self.solve("-A", "identity", "--reg", "tv", "--weight", "auto", "--sigma", repr(sigma),
                       "--iterations", "2000", "--tolerance", "1e-6", data="d.npy")[1]

        misfit = math.sqrt(sum((a + b - c) ** 2 for a, b, c in zip(clean, noise, x)) / len(x))
        self.assertAlmostEqual(misfit, sigma, delta=0.02 * sigma)
        error = math.sqrt(sum((a - c) ** 2 for a, c in zip(clean, x)) / len(x))
        self.assertLess(error, 0.3 * sigma)

    def test_until_noise_ends_before_the_solution_fits_the_noise(self):
        n = 32
        clean = [10.0 if 8 <= i % n < 20 and 6 <= i // n < 25 else 2.0 for i in range(n * n)]
        self.write("clean.npy", npy((n, n), values=clean))
        A = "blur(gaussian(1.5))"
        run("ir-apply", "clean.npy", "-A", "[%s; 0.5*identity]" % A, "-o", "b{row}.npy", cwd=self.folder)
        noise = [((i * 7919 + 13) % 1009) / 1009 - 0.5 for i in range(n * n)]
        sigma = math.sqrt(sum(v * v for v in noise) / len(noise))
        for row, scale in (("b0.npy", 1), ("b1.npy", 2)):
            self.write(row, npy((n, n), values=[a + scale * b for a, b in zip(irtest.parse_npy(self.read(row))[2], noise)]))

        def error(values):
            return math.sqrt(sum((a - b) ** 2 for a, b in zip(clean, values)) / len(values))

        for solver in ("cg", "sirt"):
            with self.subTest(solver=solver):
                line = ("-A", A, "--solver", solver, "--iterations", "3000", "--tolerance", "0")
                early = self.solve(*line, "--until-noise", "--sigma", repr(sigma), data="b0.npy")[1]
                report = self.report
                late = self.solve(*line, data="b0.npy")[1]

                self.assertEqual(report["converged"], 1)
                self.assertLess(report["iterations"], 1000)
                self.assertLessEqual(math.sqrt(2 * report["objective"] / n ** 2), sigma * 1.0001)
                self.assertLess(error(early), 0.8 * error(late))

        both = ("b1.npy", "-A", "[%s; 0.5*identity]" % A, "--tolerance", "0", "--until-noise")
        self.solve(*both, "--sigma", "%r,%r" % (sigma, 2 * sigma), data="b0.npy")
        self.assertEqual(self.report["converged"], 1)
        for arguments, words in (((*both, "--sigma", "1,2,3"), "3 numbers of --sigma"), (both, "--sigma"),
                                 ((*both, "--sigma", "1", "--weight", "auto", "--reg", "tv"), "--until-noise")):
            r = run("ir-solve", "b0.npy", *arguments, "-o", "out.npy", cwd=self.folder)
            self.assertEqual(r.returncode, 2, r.stderr)
            self.assertIn(words, r.stderr.decode())

    def test_not_converging_is_told_by_the_exit_code_on_request(self):
        line = ("ir-solve", "y.npy", "-A", "blur(gaussian(1))", "--reg", "tv", "--fail-unconverged", "-f", "-o", "x.npy")

        short = run(*line, "--iterations", "3", cwd=self.folder)
        enough = run(*line, "--iterations", "3000", cwd=self.folder)

        self.assertEqual((short.returncode, short.stderr), (1, b""))
        self.assertEqual((enough.returncode, enough.stderr), (0, b""))
        self.assertIn("x.npy", self.names())

    def test_side_outputs_that_cannot_be_written_are_told_before_any_work(self):
        self.write("h.json", b"mine")
        for arguments, code, words in ((("--history", "h.json"), 73, "h.json: exists already"), (("--plot", "no/h.svg"), 73, "no: no such folder"),
                                       (("--history", "a", "--plot", "a"), 2, "a: one file for")):
            with self.subTest(arguments=arguments):
                r = run("ir-solve", "y.npy", "-A", "blur(gaussian(1))", "--iterations", "100000000", "--tolerance", "0", *arguments,
                        "-o", "x.npy", cwd=self.folder)

                self.assertEqual(r.returncode, code, r.stderr)
                self.assertIn(words, r.stderr.decode())
        self.assertEqual(self.read("h.json"), b"mine")

    def test_a_killed_run_resumes_to_the_same_bytes(self):
        n = 96
        self.write("big.npy", npy((n, n), values=[(i * 31 % 97) / 97 for i in range(n * n)]))
        line = ["big.npy", "-A", "blur(gaussian(2))", "--reg", "0.01*tv", "--iterations", "600", "--tolerance", "0"]
        whole = run("ir-solve", *line, "-o", "whole.npy", cwd=self.folder)
        self.assertEqual(whole.returncode, 0, whole.stderr)
        kept = [*line, "--checkpoint", "state", "--checkpoint-every", "20"]

        child = subprocess.Popen([os.path.join(irtest.BIN, "ir-solve"), *kept, "-o", "x.npy"], cwd=self.folder)
        for _ in range(2000):
            if os.path.exists(os.path.join(self.folder, "state")) or child.poll() is not None:
                break
            time.sleep(0.005)
        child.send_signal(signal.SIGKILL)
        child.wait()
        self.assertTrue(os.path.exists(os.path.join(self.folder, "state")))
        again = run("ir-solve", *kept, "--resume", "-o", "x.npy", "-f", cwd=self.folder)

        self.assertEqual((again.returncode, again.stderr), (0, b""))
        self.assertEqual(self.read("x.npy")[128:], self.read("whole.npy")[128:])
        other = run("ir-solve", *kept[:-4], "--reg", "0.02*tv", "--checkpoint", "state", "--resume", "-o", "z.npy", cwd=self.folder)
        self.assertEqual(other.returncode, 65, other.stderr)
        self.assertIn(b"of another problem", other.stderr)

    def test_a_killed_stack_resumes_at_its_frame_to_the_same_bytes(self):
        n = 64
        self.write("stack.npy", npy((4, n, n), values=[(i * 31 % 97) / 97 * (1 + i // n ** 2) for i in range(4 * n * n)]))
        line = ["stack.npy", "-A", "blur(gaussian(2))", "--reg", "0.01*tv", "--iterations", "300", "--tolerance", "0"]
        kept = [*line, "--checkpoint", "state", "--checkpoint-every", "20"]
        whole = run("ir-solve", *line, "-o", "whole.npy", "--json", cwd=self.folder)
        self.assertEqual(whole.returncode, 0, whole.stderr)

        for signal_number in (signal.SIGKILL, signal.SIGTERM):
            with self.subTest(signal=signal_number):
                child = subprocess.Popen([os.path.join(irtest.BIN, "ir-solve"), *kept, "-o", "x.npy"], cwd=self.folder)
                for _ in range(4000):
                    solved = os.path.join(self.folder, "state.solved")
                    if child.poll() is not None or (os.path.exists(solved) and os.path.getsize(solved) > 2 * 4 * n * n):
                        break
                    time.sleep(0.002)
                child.send_signal(signal_number)
                self.assertEqual(child.wait(), -signal_number)
                log = self.read("state.solved")
                self.assertNotIn("x.npy", self.names())
                for cut in (0, 7, len(log) - 3):
                    self.write("state.solved", log[:len(log) - cut])
                    again = run("ir-solve", *kept, "--resume", "-o", "x.npy", "-f", "--json", cwd=self.folder)

                    self.assertEqual((again.returncode, again.stderr), (0, b""))
                    self.assertEqual(self.read("x.npy")[128:], self.read("whole.npy")[128:])
                    for key in ("objective", "iterations", "frames"):
                        self.assertEqual(json.loads(again.stdout)[key], json.loads(whole.stdout)[key])
                done = run("ir-solve", *kept, "--resume", "-o", "x.npy", "-f", "--json", cwd=self.folder)
                self.assertEqual(self.read("x.npy")[128:], self.read("whole.npy")[128:])
                self.assertEqual(json.loads(done.stdout)["objective"], json.loads(whole.stdout)["objective"])
                os.remove(self.path("x.npy"))

        other = run("ir-solve", *kept, "--reg", "0.02*l1", "--resume", "-o", "z.npy", cwd=self.folder)
        self.assertEqual(other.returncode, 65, other.stderr)
        self.assertIn(b"of another problem", other.stderr)

    def test_checkpoints_replace_nothing_else(self):
        self.write("mine", b"some text of mine, long enough to be no checkpoint")
        self.write("stack.npy", npy((2, 3, 4)))
        line = ("-A", "identity", "--reg", "tv")
        self.write("cut.solved", b"not mine")
        cases = [(("y.npy", *line, "--checkpoint", "mine"), "mine: is there already"),
                 (("stack.npy", *line, "--checkpoint", "cut"), "cut.solved: is there already"),
                 (("y.npy", *line, "--checkpoint", "none/c"), "no such folder"),
                 (("y.npy", *line, "--checkpoint", "."), "folder")]
        for arguments, words in cases:
            with self.subTest(arguments=arguments):
                r = run("ir-solve", *arguments, "-o", "out.npy", cwd=self.folder)

                self.assertEqual(r.returncode, 73, r.stderr)
                self.assertIn(words, r.stderr.decode())
                self.assertNotIn("out.npy", self.names())
        self.assertEqual(self.read("mine")[:9], b"some text")

        self.assertEqual(run("ir-solve", "y.npy", *line, "--checkpoint", "good", "--checkpoint-every", "1", "-o", "x.npy", cwd=self.folder)
                         .returncode, 0)
        state = self.read("good")
        self.write("good", state[:-1] + bytes([state[-1] ^ 1]))
        r = run("ir-solve", "y.npy", *line, "--checkpoint", "good", "--resume", "-o", "x2.npy", cwd=self.folder)
        self.assertEqual(r.returncode, 65, r.stderr)
        self.assertIn(b"good: this is no checkpoint, or it is damaged", r.stderr)

    def test_time_runs_on_over_checkpoints(self):
        self.write("big.npy", npy((64, 64)))
        r = run("ir-solve", "big.npy", "-A", "blur(gaussian(2))", "--reg", "tv", "--iterations", "10000000", "--tolerance", "0",
                "--seconds", "0.3", "--checkpoint", "c", "--checkpoint-every", "1", "-o", "x.npy", cwd=self.folder, timeout=60)

        self.assertEqual((r.returncode, r.stderr), (0, b""))

    def test_every_solver_leaves_its_start_for_something_better(self):
        self.write("c.npy", npy((3, 4), values=[abs(v) + 1 for v in self.y]))
        blur, circular = "blur(gaussian(1))", "blur(gaussian(1), boundary=circular)"
        terms = {"douglas-rachford": ("identity", "--fidelity", "l1", "--reg", "0.5*l1"), "mlem": (blur, "--fidelity", "kl"),
                 "sirt": (blur,), "cg": (blur, "--reg", "0.1*square"), "pcg": (blur, "--reg", "0.1*square"), "gradient-descent": (blur,),
                 "lsqr": (blur,), "fista": (blur, "--reg", "0.1*l1"), "admm": (circular, "--reg", "0.1*l1*gradient"),
                 "tv-pointwise": ("identity", "--reg", "0.1*tv")}
        help_text = " ".join(run("ir-solve", "--help").stdout.decode().split())
        solvers = help_text.split("the algorithm (one of auto, ")[1].split(";")[0].split(", ")
        self.write("start.npy", npy((3, 4), values=[0.5] * 12))
        for solver in solvers:
            with self.subTest(solver=solver):
                A, *rest = terms.get(solver, (circular, "--reg", "0.1*tv"))
                problem = ("-A", A, *rest)

                values = self.solve(*problem, "--solver", solver, "--init", "start.npy", "--tolerance", "0", data="c.npy")[1]
                found = self.report["objective"]
                self.solve(*problem, "--solver", solver, data="c.npy")  # from its own start, to the usual tolerance
                self.assertLess(self.report["objective"], 1.02 * found + 0.02)
                self.solve(*problem, "--bounds", "0.49999:0.50001", "--init", "start.npy", data="c.npy")

                self.assertLess(found, 0.7 * self.report["objective"])
                self.assertGreater(max(abs(v - 0.5) for v in values), 0.1)

    def test_a_start_on_the_boundary_of_a_constraint_is_left(self):
        self.write("c.npy", npy((3, 4), values=[abs(v) + 2 for v in self.y]))

        values = self.solve("-A", "identity", "--fidelity", "kl:1", "--bounds", "nonneg", "--tolerance", "1e-7", data="c.npy")[1]

        self.assert_close(values, [abs(v) + 1 for v in self.y], 1e-3)

    def test_a_start_is_a_solution_only_where_nothing_better_is_near(self):
        self.write("zero.npy", npy((3, 4), values=[0] * 12))
        for arguments in (("zero.npy", "-A", "identity", "--tolerance", "0", "--iterations", "3"),
                          ("zero.npy", "-A", "identity", "--reg", "tv", "--tolerance", "0", "--iterations", "3"),
                          ("y.npy", "-A", "identity", "--reg", "1000*l1", "--init", "zero.npy"),
                          ("zero.npy", "-A", "identity", "--fidelity", "kl", "--reg", "nonneg")):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.solve(*arguments[1:], data=arguments[0])[1], [0] * 12)

    def test_history_plot_and_explanation_are_told(self):
        r = run("ir-solve", "y.npy", "-A", "blur(gaussian(1))", "--reg", "0.5*tv", "--bounds", "nonneg", "--iterations", "50", "--history", "h.json",
                "--plot", "h.svg", "--solver", "pdhg", "--explain", "-o", "x.npy", cwd=self.folder)

        self.assertEqual(r.returncode, 0, r.stderr)
        told = json.loads(self.read("h.json"))["elements"][0]
        self.assertIn("objective", told["iterations"][0])
        self.assertTrue(told["solver"] and told["reason"])
        self.assertTrue(self.read("h.svg").startswith(b"<svg"))
        for word in (b"class", b"algorithm", b"constant", b"memory", b"device"):
            self.assertIn(word, r.stderr)

    def test_total_variation_goes_to_its_engines(self):
        self.write("m.npy", npy((3, 4), values=[1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1]))
        self.write("h.npy", npy((1, 3), values=[1, 2, 1]))
        for A, options, engine in (("mask(@m.npy)", (), b"tv-pointwise"), ("identity", ("--fidelity", "wl2:@m.npy"), b"tv-pointwise"),
                                   ("blur(@h.npy)", (), b"tv-splitting"), ("blur(@h.npy, boundary=circular)", ("--bounds", "0:1"), b"tv-splitting"),
                                   ("mask(@m.npy) * blur(@h.npy, boundary=zero)", (), b"tv-splitting")):
            r = run("ir-solve", "y.npy", "-A", A, "--reg", "0.1*tv", *options, "--explain", "-f", "-o", "x.npy", cwd=self.folder)

            self.assertEqual(r.returncode, 0, r.stderr)
            self.assertIn(b"algorithm  " + engine, r.stderr)

    def test_a_problem_in_a_file_is_that_of_the_options(self):
        self.write("p.json", b'{"operator": "2 * identity", "reg": ["1 * square"], "fidelity": "wl2:3", "bounds": "0:", '
                             b'"domain": [3, 4], "solver": "auto"}')
        self.write("bad.json", b'{"operatr": "identity"}')
        options = ("-A", "2 * identity", "--reg", "1 * square", "--fidelity", "wl2:3", "--bounds", "0:")

        told = self.solve("--problem", "p.json")
        over = self.solve("--problem", "p.json", "-A", "identity")
        refused = run("ir-solve", "y.npy", "--problem", "bad.json", "-o", "z.npy", cwd=self.folder)

        self.assertEqual(told, self.solve(*options))
        self.assertEqual(over, self.solve("-A", "identity", *options[2:]))
        self.assertEqual(refused.returncode, 65)
        self.assertIn(b"operatr", refused.stderr)

    def test_refusals_are_short_and_coded(self):
        self.write("nan.npy", npy((2, 2), values=[1, float("nan"), 2, 3]))
        self.write("nan4.npy", npy((3, 4), values=[float("nan")] + [0] * 11))
        self.write("three.npy", npy((3, 3, 4), values=list(range(36))))
        cases = [
            (("y.npy",), 2, "-A EXPR"),
            (("y.npy", "--problem", "y.npy"), 65, "y.npy: not JSON"),
            (("y.npy", "-A", "downsample(2)"), 2, "--domain"),
            (("y.npy", "-A", "identity", "--reg", "0.1*tw"), 2, "no operator or functional"),
            (("y.npy", "-A", "identity", "--reg", "tv", "--weight", "auto"), 2, "--sigma"),
            (("y.npy", "-A", "identity", "--sigma", "2"), 2, "--weight auto"),
            (("y.npy", "-A", "identity", "--fidelity", "l3"), 2, "--fidelity l3"),
            (("y.npy", "-A", "identity", "--bounds", "3:1"), 2, "nothing between"),
            (("y.npy", "-A", "identity", "--bounds", ":-1", "--reg", "nonneg"), 2, "nothing is within all bounds"),
            (("y.npy", "-A", "identity", "--resume"), 2, "--checkpoint"),
            (("y.npy", "-A", "identity", "--fidelity", "wl2:1,2"), 2, "has 1 row\n"),
            (("y.npy", "-A", "identity", "--domain", "5,5"), 65, "frames of the data are 3x4"),
            (("three.npy", "-A", "[identity; identity]"), 65, "no multiple"),
            (("nan.npy", "-A", "identity"), 65, "NaN"),
            (("y.npy", "-A", "identity", "--init", "nan4.npy"), 65, "nan4.npy: 1 values are NaN"),
            (("y.npy", "-A", "identity", "--fidelity", "kl"), 65, ""),
        ]
        for arguments, code, words in cases:
            with self.subTest(arguments=arguments):
                r = run("ir-solve", *arguments, "-o", "out.npy", cwd=self.folder)

                self.assertEqual(r.returncode, code, r.stderr)
                self.assertIn(words, r.stderr.decode())
                self.assertNotIn("out.npy", self.names())


if __name__ == "__main__":
    irtest.main()

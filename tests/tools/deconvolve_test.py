"""ir-convolve and ir-deconvolve from the command line: pipes and files alike, measured data, refusals."""
import os

import irtest
from irtest import npy, parse_npy, run

BARS = os.path.join(irtest.DATA, "deconv", "bars")
BEAD = os.path.join(irtest.DATA, "deconv", "bead")
PSF = npy((3, 3), values=[1, 2, 1, 2, 4, 2, 1, 2, 1])


def picture(ny, nx):
    return npy((ny, nx), "<u2", lambda i: 100 + (i * i * 31 + 7 * i) % 900)


class Convolve(irtest.FolderTest):
    def convolved(self, *arguments):
        result = run("ir-convolve", *arguments, "-o", self.path("out.npy"), "-f")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))
        return parse_npy(self.read("out.npy"))[2]

    def test_a_point_becomes_the_psf(self):
        self.write("psf.npy", npy((2, 3), values=[1, 2, 3, 4, 5, 6]))
        self.write("point.npy", npy((4, 5), values=lambda i: 21 if i == 12 else 0))

        v = self.convolved(self.path("point.npy"), "--psf", self.path("psf.npy"), "--boundary", "zero")

        expected = [0.0] * 20
        for j in range(2):
            for i in range(3):
                expected[(2 + j - 1) * 5 + 2 + i - 1] = 3 * j + i + 1
        for have, want in zip(v, expected):
            self.assertAlmostEqual(have, want, places=4)

    def test_boundaries_differ_only_where_the_psf_reaches_out(self):
        self.write("a.npy", picture(12, 14))
        results = {b: self.convolved(self.path("a.npy"), "--gaussian", "0.5", "--boundary", b)
                   for b in ("circular", "zero", "reflect", "edge")}
        for b, v in results.items():
            self.assertAlmostEqual(v[6 * 14 + 7], results["edge"][6 * 14 + 7], places=2)
        self.assertEqual(4, len({round(v[13], 2) for v in results.values()} | {round(v[0], 2) for v in results.values()}
                                ) // 2)

    def test_a_frame_larger_than_memory_passes_in_slabs_from_a_pipe_too(self):
        self.write("v.npy", npy((60, 64, 62), "<u2", lambda i: (i * i * 31 + 7 * i) % 900))
        options = ("--rank", "3", "--gaussian", "1")
        whole = self.convolved(self.path("v.npy"), *options)

        slabs = self.convolved(self.path("v.npy"), *options, "--memory", "2M")
        piped = irtest.Pipeline(["ir-read", self.path("v.npy"), "--rank", "3"],
                                ["ir-convolve", *options, "--memory", "2M"], ["ir-write", self.path("p.npy")])

        self.assertEqual(piped.wait()[0], [0, 0, 0])
        self.assertEqual(self.read("p.npy"), self.read("out.npy"))
        self.assertLess(max(abs(a - b) for a, b in zip(slabs, whole)), 1e-2)

    def test_refusals(self):
        self.write("a.npy", picture(6, 7))
        self.write("psf.npy", PSF)
        self.write("negative.npy", npy((1, 3), values=[1, -3, 1]))
        for arguments, code in ((("a.npy",), 2), (("a.npy", "--psf", "psf.npy", "--gaussian", "1"), 2),
                                (("a.npy", "--gaussian", "-1"), 2), (("a.npy", "--gaussian", "1,2,3"), 65),
                                (("a.npy", "--psf", "negative.npy"), 65), (("a.npy", "--psf", "none.npy"), 66),
                                (("a.npy", "--gaussian", "1", "--memory", "1k"), 71)):
            with self.subTest(arguments):
                self.assert_refused(run("ir-convolve", *arguments, "-o", "x.npy", cwd=self.folder), code)
        self.assertEqual(self.names(), ["a.npy", "negative.npy", "psf.npy"])


class Deconvolve(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        self.write("a.npy", picture(30, 37))
        self.write("psf.npy", PSF)

    def test_files_pipes_and_numbers_of_threads_give_the_same_bytes(self):
        for method in ("rl", "wiener"):
            options = ("--psf", self.path("psf.npy"), "--method", method, "--iterations", "5")
            for threads in ("1", "3"):
                result = run("ir-deconvolve", self.path("a.npy"), *options, "-j", threads,
                             "-o", self.path(threads + ".npy"), "-f")
                self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))
            pipe = irtest.Pipeline(["ir-read", self.path("a.npy")], ["ir-deconvolve", *options],
                                   ["ir-write", "-f", self.path("pipe.npy")])
            self.assertEqual(pipe.wait()[0], [0, 0, 0])
            self.assertEqual(self.read("1.npy"), self.read("3.npy"))
            self.assertEqual(self.read("1.npy"), self.read("pipe.npy"))

    def test_blur_and_back_comes_nearer(self):
        self.write("a.npy", npy((30, 37), values=lambda i: 300 if i % 97 == 40 else 10))
        run("ir-convolve", self.path("a.npy"), "--psf", self.path("psf.npy"), "-o", self.path("blurred.npy"))
        run("ir-deconvolve", self.path("blurred.npy"), "--psf", self.path("psf.npy"), "--iterations", "60",
            "-o", self.path("sharp.npy"))
        error = {}
        for name in ("blurred.npy", "sharp.npy"):
            a, b = parse_npy(self.read("a.npy"))[2], parse_npy(self.read(name))[2]
            error[name] = sum((x - y) ** 2 for x, y in zip(a, b))
        self.assertLess(error["sharp.npy"], 0.1 * error["blurred.npy"])

    def test_going_on_from_a_result_is_going_on(self):
        options = ("--psf", self.path("psf.npy"))
        for n, start, out in ((3, "flat", "three"), (4, self.path("three.npy"), "seven"), (7, "flat", "direct")):
            result = run("ir-deconvolve", self.path("a.npy"), *options, "--iterations", n, "--start", start,
                         "-o", self.path(out + ".npy"))
            self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertEqual(self.read("seven.npy"), self.read("direct.npy"))

    def test_a_plan_is_printed_without_reading_data(self):
        result = run("ir-deconvolve", self.path("a.npy"), "--psf", self.path("psf.npy"), "-o", self.path("x.npy"),
                     "--dry-run")
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"transforms of 32x40", result.stdout)
        self.assertEqual(self.names(), ["a.npy", "psf.npy"])

    def test_refusals(self):
        self.write("nan.npy", npy((4, 4), values=lambda i: float("nan") if i in (3, 5) else 1))
        self.write("psf3.npy", npy((3, 3, 3), values=lambda i: 1))
        self.write("other.npy", npy((4, 5)))
        for arguments, code, says in (
                (("a.npy",), 2, b"--psf"),
                (("nan.npy", "--psf", "psf.npy"), 65, b"frame 0: 2 of 16"),
                (("a.npy", "--psf", "psf3.npy"), 65, b"the PSF is 3x3x3"),
                (("a.npy", "--psf", "psf.npy", "--start", "other.npy"), 65, b"4x5"),
                (("a.npy", "--psf", "psf.npy", "--start", "none.npy"), 66, b"none.npy"),
                (("a.npy", "--psf", "psf.npy", "--method", "magic"), 2, b"rl"),
                (("a.npy", "--psf", "psf.npy", "--iterations", "-1"), 2, b"iterations"),
                (("a.npy", "--psf", "psf.npy", "--memory", "10k"), 71, b"--memory")):
            with self.subTest(arguments):
                result = run("ir-deconvolve", *arguments, "-o", "x.npy", cwd=self.folder)
                self.assert_refused(result, code)
                self.assertIn(says, result.stderr)


@irtest.unittest.skipUnless(os.path.isdir(BARS), "no test data deconv/bars (set IR_TEST_DATA)")
class MeasuredData(irtest.FolderTest):
    def rmse(self, *arguments):
        result = run("ir-metric", *arguments, "--reference", os.path.join(BARS, "actual.tif"), "--rank", "3", "--scale",
                     "sum", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        return float(result.stdout.split(b'"rmse":')[1].split(b",")[0].strip(b" }\n"))

    def test_hollow_bars_come_as_near_to_the_truth_as_they_should(self):
        blurred = self.rmse(os.path.join(BARS, "data.tif"))
        for iterations, share in ((25, 0.84), (100, 0.74)):
            out = self.path("%d.npy" % iterations)
            pipe = irtest.Pipeline(["ir-read", os.path.join(BARS, "data.tif"), "--rank", "3"],
                                   ["ir-deconvolve", "--psf", os.path.join(BARS, "kernel.tif"), "--iterations",
                                    iterations, "--boundary", "circular", "--start", "data"], ["ir-write", out])
            self.assertEqual(pipe.wait()[0], [0, 0, 0])
            self.assertLessEqual(self.rmse(out), share * blurred)

    def test_a_measured_bead_stays_finite_and_positive(self):
        out = self.path("bead.npy")
        result = run("ir-deconvolve", os.path.join(BEAD, "data.tif"), "--psf", os.path.join(BEAD, "kernel.tif"),
                     "-o", out)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        values = parse_npy(self.read("bead.npy"))[2]
        self.assertTrue(all(0 <= v < float("inf") for v in values))
        self.assertGreater(max(values), 0)


if __name__ == "__main__":
    irtest.main()

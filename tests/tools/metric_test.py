"""ir-metric from the command line: values, scaling, verdicts, refusals."""
import json
import math

import irtest
from irtest import run


class Metric(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        self.write("r.npy", irtest.npy((2, 2), values=[1, 4, 2, 5]))
        self.write("x.npy", irtest.npy((2, 2), values=[2, 2, 2, 8]))

    def metric(self, *arguments, x="x.npy", r="r.npy"):
        return run("ir-metric", self.path(x), "--reference", self.path(r), *arguments)

    def json(self, *arguments, **files):
        result = self.metric("--json", *arguments, **files)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        return json.loads(result.stdout)

    def test_every_metric_has_its_value(self):
        got = self.json()

        expected = {"rmse": math.sqrt(3.5), "nrmse": math.sqrt(14 / 46), "mae": 1.5, "max": 3, "bias": 0.5,
                    "psnr": 20 * math.log10(4 / math.sqrt(3.5)),
                    "idiv": (math.log(.5) + 1 + 4 * math.log(2) - 2 + 5 * math.log(5 / 8) + 3) / 4}
        for name, value in expected.items():
            self.assertAlmostEqual(got[name], value, places=12, msg=name)
        self.assertEqual((got["peak"], got["peak_from"]), (4, "max - min of the reference"))
        self.assertEqual((got["frames"], got["pixels"], got["factor"]), (1, 4, 1))

    def test_the_peak_is_nominal_for_files_of_integers(self):
        self.write("r8.npy", irtest.npy((2, 2), "|u1", [1, 4, 2, 5]))

        got = self.json(r="r8.npy")

        self.assertEqual((got["peak"], got["peak_from"]), (255, "nominal range of the reference"))
        self.assertEqual(self.json("--peak", "10", r="r8.npy")["peak"], 10)

    def test_one_number_and_a_verdict(self):
        plain = self.metric("--metric", "mae")
        passed = self.metric("--metric", "mae", "--fail-below", "1", "--fail-above", "1.5")
        low = self.metric("--metric", "psnr", "--fail-below", "40")
        high = self.metric("--metric", "mae", "--fail-above", "1.4", "--json")

        self.assertEqual((plain.returncode, plain.stdout), (0, b"1.5\n"))
        self.assertEqual(passed.returncode, 0)
        self.assertEqual((low.returncode, low.stderr), (1, b""))
        self.assertEqual((high.returncode, json.loads(high.stdout)["pass"]), (1, False))

    def test_equal_images_are_infinitely_good(self):
        self.assertEqual(self.json(x="r.npy")["psnr"], "inf")
        self.assertEqual(self.metric("--metric", "psnr", "--fail-below", "99", x="r.npy").stdout, b"inf\n")

    def test_scaling_is_the_same_from_files_and_pipes(self):
        for how, factor in (("sum", 12 / 14), ("least-squares", 54 / 76)):
            got = self.json("--scale", how)
            pipe = irtest.Pipeline(["ir-read", self.path("x.npy")],
                                   ["ir-metric", "-", "--reference", self.path("r.npy"), "--scale", how, "--json"])
            codes, errors, out = pipe.wait()

            self.assertAlmostEqual(got["factor"], factor, places=14)
            self.assertEqual((codes, errors), ([0, 0], ["", ""]))
            self.assertEqual(json.loads(out), got)

    def test_frames_one_by_one(self):
        self.write("rs.npy", irtest.npy((2, 1, 2), values=[1, 2, 3, 4]))
        self.write("xs.npy", irtest.npy((2, 1, 2), values=[1, 2, 3, 6]))

        rows = self.metric("--per", "frame", x="xs.npy", r="rs.npy").stdout.decode().splitlines()
        got = self.json("--per", "frame", x="xs.npy", r="rs.npy")
        verdict = self.metric("--per", "frame", "--metric", "max", "--fail-above", "1", x="xs.npy", r="rs.npy")

        self.assertEqual([row.split("\t")[0] for row in rows], ["frame", "0", "1"])
        self.assertEqual([one["max"] for one in got["results"]], [0, 2])
        self.assertEqual((verdict.returncode, verdict.stdout), (1, b"0\n2\n"))

    def test_a_border_is_left_out(self):
        self.write("rb.npy", irtest.npy((3, 4), values=[9] * 5 + [1, 1] + [9] * 5))
        self.write("xb.npy", irtest.npy((3, 4), values=[0] * 5 + [1, 3] + [0] * 5))

        got = self.json("--border", "1", x="xb.npy", r="rb.npy")

        self.assertEqual((got["pixels"], got["max"]), (2, 2))

    def test_what_cannot_be_compared_is_refused(self):
        self.write("other.npy", irtest.npy((2, 3)))
        self.write("nan.npy", irtest.npy((2, 2), values=[1, float("nan"), 2, 3]))

        shapes = self.metric(r="other.npy")
        nan = self.metric(x="nan.npy")

        self.assert_refused(shapes, 65)
        self.assertIn(b"2x2, of the reference 2x3", shapes.stderr)
        self.assert_refused(nan, 65)
        self.assertIn(b"frame 0 of the input: 1 of 4", nan.stderr)
        self.assert_refused(self.metric(r="absent.npy"), 66)
        self.write("negative.npy", irtest.npy((2, 2), values=[1, -1, 2, 3]))
        self.assert_refused(self.metric("--metric", "idiv", "--fail-above", "1", r="negative.npy"), 65)
        self.assert_refused(self.metric("--fail-above", "1"), 2)
        self.assert_refused(self.metric("--border", "1"), 2)
        self.assert_refused(run("ir-metric", self.path("x.npy")), 2)
        self.assertIsNone(self.json(r="negative.npy")["idiv"])


if __name__ == "__main__":
    irtest.main()

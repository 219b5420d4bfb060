"""ir-denoise from the command line: pipes and files alike, any number of threads, masks, maps, slabs, refusals."""

import json
import math
import random

import irtest
from irtest import Pipeline, run

METHODS = {
    "nlm": ("--method", "nlm", "--sigma", "12", "--patch", "3", "--search", "7"),
    "tv": ("--method", "tv", "--sigma", "12"),
    "gaussian": ("--method", "gaussian", "--width", "0.8"),
    "median": ("--method", "median", "--radius", "2"),
}


def scene(height, width, sigma, seed=1, count=1):
    """Edges and slopes with noise; values of count images."""
    rng = random.Random(seed)
    return [60 + 80 * ((x // 16 + y // 12) % 2) + x + rng.gauss(0, sigma)
            for _ in range(count) for y in range(height) for x in range(width)]


def rmse(a, b):
    return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b)) / len(a))


class Denoise(irtest.FolderTest):
    def denoised(self, name, *arguments):
        result = run("ir-denoise", self.path(name), *arguments, "-o", self.path("out.npy"), "-f")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))
        return irtest.parse_npy(self.read("out.npy"))

    def test_each_method_takes_noise_away(self):
        clean, noisy = scene(48, 64, 0), scene(48, 64, 12)
        self.write("noisy.npy", irtest.npy((48, 64), values=noisy))
        for method, options in METHODS.items():
            with self.subTest(method):
                shape, dtype, out = self.denoised("noisy.npy", *options)
                self.assertEqual((shape, dtype), ((48, 64), "<f4"))
                self.assertLess(rmse(out, clean), {"gaussian": 12, "median": 12}.get(method, 6.5))

    def test_pipes_files_and_threads_give_the_same_bytes(self):
        self.write("stack.npy", irtest.npy((5, 40, 56), values=scene(40, 56, 12, count=5)))
        for method, options in METHODS.items():
            with self.subTest(method):
                _, _, one = self.denoised("stack.npy", *options, "-j", "1")
                for threads in ("1", "2", "3"):
                    pipe = Pipeline(["ir-read", "stack.npy"], ["ir-denoise", *options, "-j", threads],
                                    ["ir-write", "piped.npy", "-f"], cwd=self.folder)
                    self.assertEqual(pipe.wait()[0], [0, 0, 0])
                    self.assertEqual(irtest.parse_npy(self.read("piped.npy"))[2], one)

    def test_integers_come_back_in_their_type(self):
        clean = [max(0, min(255, round(v))) for v in scene(32, 48, 8)]
        for dtype in ("|u1", "<u2"):
            self.write("int.npy", irtest.npy((32, 48), dtype, clean))
            for method, options in METHODS.items():
                with self.subTest(method=method, dtype=dtype):
                    self.assertEqual(self.denoised("int.npy", *options)[:2], ((32, 48), dtype))

    def test_sigma_is_estimated_and_told(self):
        self.write("noisy.npy", irtest.npy((96, 96), values=scene(96, 96, 10)))

        result = run("ir-denoise", self.path("noisy.npy"), "--method", "tv", "--json", "-o", self.path("out.npy"))

        self.assertEqual(result.returncode, 0, result.stderr)
        told = json.loads(result.stdout)
        self.assertAlmostEqual(told["sigma"], 10, delta=1)
        self.assertLessEqual(told["gap"], 1e-4)
        self.assertGreater(told["iterations"], 0)

    def test_a_constant_stays_constant(self):
        self.write("flat.npy", irtest.npy((20, 30), values=lambda i: 7.25))
        for method, options in METHODS.items():
            with self.subTest(method):
                self.assertLess(max(abs(v - 7.25) for v in self.denoised("flat.npy", *options)[2]), 1e-5)

    def test_masked_pixels_are_filled_in(self):
        values = [50.0] * 400
        mask = [0] * 400
        for i in (45, 46, 210, 399):
            values[i] = float("nan")
            mask[i] = 1
        self.write("holes.npy", irtest.npy((20, 20), values=values))
        self.write("mask.npy", irtest.npy((20, 20), "|u1", mask))
        for method, options in METHODS.items():
            with self.subTest(method):
                out = self.denoised("holes.npy", "--mask", self.path("mask.npy"), *options)[2]
                self.assertLess(max(abs(v - 50) for v in out), 1e-3)

    def test_a_map_of_sigma_says_where_the_noise_is(self):
        noisy = scene(32, 64, 12)
        self.write("noisy.npy", irtest.npy((32, 64), values=noisy))
        self.write("map.npy", irtest.npy((32, 64), values=lambda i: 0.01 if i % 64 < 32 else 12.0))
        for method in ("nlm", "tv"):
            with self.subTest(method):
                out = self.denoised("noisy.npy", "--method", method, "--sigma", self.path("map.npy"))[2]
                changed = [abs(a - b) for a, b in zip(out, noisy)]
                left = max(c for i, c in enumerate(changed) if i % 64 < 18)
                right = sum(c for i, c in enumerate(changed) if i % 64 >= 36) / len(changed)
                self.assertLess(left, 0.5)
                self.assertGreater(right, 1)

    def test_slabs_give_what_the_whole_gives_of_gray_and_of_colour(self):
        for shape, axes, memory in (((1500, 512), "y,x", "8M"), ((3, 700, 512), "c,y,x", "12M")):
            self.write("large.npy", irtest.npy(shape, values=lambda i: (i * 7919 % 251) + i // 512 % 97))
            for method, options in METHODS.items():
                with self.subTest(method=method, axes=axes):
                    whole = self.denoised("large.npy", "--axes", axes, *options)[2]
                    said = run("ir-denoise", self.path("large.npy"), "--axes", axes, *options, "--memory", memory, "-v",
                               "-o", self.path("slabs.npy"), "-f")
                    self.assertEqual(said.returncode, 0, said.stderr)
                    self.assertIn(b"slabs", said.stderr)
                    out = irtest.parse_npy(self.read("slabs.npy"))[2]
                    self.assertLess(rmse(out, whole), 0.5 if method == "tv" else 1e-4)

    def test_the_weight_of_least_estimated_error_is_told_and_wants_the_image_whole(self):
        clean, noisy = scene(48, 64, 0), scene(48, 64, 12)
        self.write("noisy.npy", irtest.npy((48, 64), values=noisy))
        command = ("ir-denoise", self.path("noisy.npy"), "--method", "tv", "--sigma", "12")
        told = {}
        for name, by in (("sure", "sure"), ("far", "40")):
            result = run(*command, "--weight", by, "--json", "-o", self.path(f"{name}.npy"))
            self.assertEqual(result.returncode, 0, result.stderr)
            told[name] = json.loads(result.stdout)["weight"]
        self.assertTrue(3 < told["sure"] < 40, told)
        error = {name: rmse(irtest.parse_npy(self.read(f"{name}.npy"))[2], clean) for name in told}
        self.assertLess(error["sure"], error["far"])

        self.write("large.npy", irtest.npy((1200, 300), values=scene(1200, 300, 12)))
        for rule in ("sure", "discrepancy"):
            result = run("ir-denoise", self.path("large.npy"), "--method", "tv", "--sigma", "12", "--weight",
                         rule, "--memory", "10M", "-o", self.path("out.npy"))
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(b"needs the image whole", result.stderr)

    def test_one_pixel_one_row_and_one_column_work(self):
        for shape in ((1, 1), (1, 9), (9, 1)):
            self.write("small.npy", irtest.npy(shape, values=lambda i: 3.0 + i % 2))
            for method, options in METHODS.items():
                with self.subTest(method=method, shape=shape):
                    self.assertEqual(self.denoised("small.npy", *options)[0], shape)

    def test_what_belongs_to_another_method_is_refused(self):
        name = self.write("a.npy", irtest.npy((8, 8)))
        for options in (("--method", "tv", "--patch", "5"), ("--gap", "1e-3"), ("--radius", "2"), ("--width", "2"),
                        ("--method", "median", "--sigma", "3"), ("--method", "gaussian", "--weight", "3"),
                        ("--patch", "4"), ("--strength", "2"), ("--sigma", "-1"), ("--method", "tv", "--weight", "x")):
            with self.subTest(options):
                self.assert_refused(run("ir-denoise", name, *options, "-o", self.path("o.npy")), 2)
        self.assertEqual(self.names(), ["a.npy"])

    def test_files_that_do_not_fit_are_refused(self):
        name = self.write("a.npy", irtest.npy((8, 8)))
        other = self.write("b.npy", irtest.npy((4, 8), values=lambda i: 1))
        zero = self.write("zero.npy", irtest.npy((8, 8), values=lambda i: 0))
        nan = self.write("nan.npy", irtest.npy((8, 8), values=lambda i: float("nan")))
        out = self.path("o.npy")
        self.assert_refused(run("ir-denoise", name, "--sigma", other, "-o", out), 65)
        self.assert_refused(run("ir-denoise", name, "--sigma", zero, "-o", out), 65)
        self.assert_refused(run("ir-denoise", name, "--sigma", self.path("none.npy"), "-o", out), 66)
        self.assert_refused(run("ir-denoise", name, "--sigma", "1", "--mask", other, "-o", out), 65)
        self.assert_refused(run("ir-denoise", nan, "--sigma", "1", "-o", out), 65)
        self.assertNotIn("o.npy", self.names())


if __name__ == "__main__":
    irtest.main()

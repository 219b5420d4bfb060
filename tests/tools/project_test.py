"""ir-project from the command line: values and units, geometry, there and back, phantoms, refusals."""
import json
import math

import irtest
from irtest import npy, run, shell

N = 48


def disc_image(radius, x, y, n=N, samples=6):
    """Pixel means of a disc of value 1 around (x, y) pixels from the middle."""
    middle = (n - 1) / 2
    offsets = [(k + 0.5) / samples - 0.5 for k in range(samples)]
    return [sum(math.hypot(i - middle - x + a, j - middle - y + b) <= radius for a in offsets for b in offsets)
            / samples ** 2 for j in range(n) for i in range(n)]


def disc_view(radius, x, y, degrees, center, pixels=N, pixel=1.0):
    """Means of the disc's line integrals over detector pixels of size `pixel`."""
    def integral(q):
        q = max(-radius, min(radius, q))
        return q * math.sqrt(radius ** 2 - q ** 2) + radius ** 2 * math.asin(q / radius)

    a = math.radians(degrees)
    s = x * math.cos(a) + y * math.sin(a)
    return [(integral((u + 0.5 - center) * pixel - s) - integral((u - 0.5 - center) * pixel - s)) / pixel
            for u in range(pixels)]


def rms(a, b):
    assert len(a) == len(b), (len(a), len(b))
    return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b)) / len(a))


class Project(irtest.FolderTest):
    DISC = (15, 4, -3)

    def setUp(self):
        super().setUp()
        self.image = disc_image(*self.DISC)
        self.write("disc.npy", npy((N, N), values=self.image))

    def made(self, *arguments, stdin=b""):
        r = run("ir-project", *arguments, "-o", "out.npy", "-f", stdin=stdin, cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""))
        shape, _, values = irtest.parse_npy(self.read("out.npy"))
        return tuple(shape), values

    def header(self, *arguments):
        r = run("ir-project", *arguments, cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""))
        return json.loads(run("ir-info", "--json", stdin=r.stdout).stdout)

    def refused(self, code, words, *arguments, stdin=b""):
        r = run("ir-project", *arguments, "-o", "no.npy", stdin=stdin, cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr.count(b"\n")), (code, 1), r.stderr)
        for word in words:
            self.assertIn(word, r.stderr.decode())
        self.assertNotIn("no.npy", self.names())

    # -- values -----------------------------------------------------------------------------------

    def test_a_disc_has_its_line_integrals_in_every_view(self):
        shape, values = self.made("disc.npy", "--angles", "0:180", "--views", "20")

        self.assertEqual(shape, (20, N))
        expected = sum((disc_view(*self.DISC, 9 * k, (N - 1) / 2) for k in range(20)), [])
        self.assertLess(rms(values, expected), 0.01 * 30)
        for k in range(20):
            self.assertAlmostEqual(sum(values[k * N:(k + 1) * N]), sum(self.image), delta=1e-2)

    def test_center_detector_and_detector_pixels_are_options(self):
        shape, values = self.made("disc.npy", "--angles", "30,75", "--detector", "40", "--center", "12.5",
                                  "--detector-pixel", "2")

        self.assertEqual(shape, (2, 40))
        expected = sum((disc_view(*self.DISC, d, 12.5, 40, 2) for d in (30, 75)), [])
        self.assertLess(rms(values, expected), 0.01 * 30)
        self.assertEqual(self.made("disc.npy", "--angles", "30", "--detector-pixel", "2")[0], (1, N // 2))

    def test_a_pixel_size_makes_lengths(self):
        plain = self.made("disc.npy", "--angles", "0,45")[1]

        lengths = self.made("disc.npy", "--angles", "0,45", "--pixel-size", "0.65um")[1]

        self.assertLess(rms(lengths, [0.65 * p for p in plain]), 1e-5)
        u = self.header("disc.npy", "--angles", "0,45", "--pixel-size", "0.65um")["arrays"][1]["axes"][1]
        self.assertEqual((u["name"], u["unit"], u["size"]), ("u", "um", N))
        self.assertAlmostEqual(u["spacing"], 0.65)
        self.assertAlmostEqual(u["origin"], -0.65 * (N - 1) / 2)

    def test_angles_come_as_range_list_file_and_array(self):
        whole = self.made("disc.npy", "--angles", "0:180", "--views", "4")
        self.write("angles.txt", b"0\n45\n90 # a quarter\n135\n")
        self.write("angles.npy", npy((4,), "<f8", values=[0, 45, 90, 135]))

        for angles in ("0,45,90,135", "angles.txt", "angles.npy"):
            self.assertEqual(self.made("disc.npy", "--angles", angles), whole)
            self.assertEqual(self.made("disc.npy", "--angles", angles, "--views", "4"), whole)

    def test_the_rotation_axis_may_be_any_pixel_or_where_coordinates_are_zero(self):
        r = shell("ir-project disc.npy --angles 0:180 --views 120 | "
                  "ir-fbp --center 23.5 --roi 4:40,10:44 -o region.irs", self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""))
        views = ("region.irs", "--angles", "20,130", "--detector", "48")

        zero = self.made(*views, "--axis", "zero")

        self.assertEqual(zero, self.made(*views, "--axis", "19.5,13.5"))
        self.assertLess(rms(zero[1], self.made("disc.npy", "--angles", "20,130")[1]), 0.5)
        self.assertGreater(rms(zero[1], self.made(*views)[1]), 1)

    # -- there and back ---------------------------------------------------------------------------

    def test_a_disc_projected_and_reconstructed_is_right_to_a_hundredth(self):
        r = shell("ir-project disc.npy --angles 0:180 --views 150 --center 24.25 --detector 50 --pixel-size 2um | "
                  "ir-fbp --center 24.25 --size 48 -o back.npy", self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""))

        back = irtest.parse_npy(self.read("back.npy"))[2]

        middle, (radius, x, y) = (N - 1) / 2, self.DISC
        inside = [back[j * N + i] for j in range(N) for i in range(N)
                  if math.hypot(i - middle - x, j - middle - y) < radius - 4]
        self.assertAlmostEqual(sum(inside) / len(inside), 1, delta=0.01)
        self.assertLess(rms(inside, [1] * len(inside)), 0.01)

    def test_volumes_become_sinograms_or_projections(self):
        stack = [(z + 1) * p for z in range(5) for p in self.image]
        self.write("volume.npy", npy((5, N, N), values=stack))
        views = ("--angles", "0:180", "--views", "7")

        shape, sinograms = self.made("volume.npy", *views)
        turned, projections = self.made("volume.npy", "--projections", *views)

        self.assertEqual((shape, turned), ((5, 7, N), (7, 5, N)))
        again = [projections[(a * 5 + v) * N + u] for v in range(5) for a in range(7) for u in range(N)]
        self.assertEqual(again, sinograms)
        one = self.made("disc.npy", *views)[1]
        self.assertLess(rms(sinograms[4 * 7 * N:], [5 * p for p in one]), 1e-3)
        self.assertEqual(self.made("volume.npy", "--rank", "3", *views), (shape, sinograms))
        along = [self.header("volume.npy", *views, *more)["along"]["name"] for more in ((), ("--projections",))]
        self.assertEqual(along, ["v", "angle"])

    def test_ir_fbp_gives_the_same_slices_from_sinograms_and_projections(self):
        self.write("volume.npy", npy((3, N, N), values=[(z + 1) * p for z in range(3) for p in self.image]))
        line = "ir-project volume.npy --angles 0:180 --views 60 %s | ir-fbp --center 23.5 -o %s"
        for more, out in (("", "a.npy"), ("--projections", "b.npy")):
            r = shell(line % (more, out), self.folder)
            self.assertEqual((r.returncode, r.stderr), (0, b""))

        self.assertEqual(self.read("a.npy"), self.read("b.npy"))

    def test_the_bytes_are_the_same_for_any_number_of_threads(self):
        self.write("volume.npy", npy((20, N, N), values=[(z + 1) * p for z in range(20) for p in self.image]))
        views = ("--angles", "0:180", "--views", "40")

        self.assertEqual(self.made("volume.npy", *views, "-j", "1"), self.made("volume.npy", *views, "-j", "3"))

    # -- phantoms ---------------------------------------------------------------------------------

    def test_the_exact_head_is_that_of_ir_phantom(self):
        for size, more in (("64,64", ()), ("64,96", ()), ("64,64", ("--contrast", "original"))):
            with self.subTest(size=size, more=more):
                run("ir-phantom", "shepp-logan", "--size", size, *more, "-o", self.path("head.npy"), "-f")
                views = ("--angles", "3:183", "--views", "25", "--detector", "100", "--center", "45.3")

                drawn = self.made("head.npy", *views)[1]
                exact = self.made("--phantom", "shepp-logan", "--size", size, *more, *views)[1]

                self.assertLess(rms(drawn, exact), 0.015 * max(exact))
                for k in range(25):
                    self.assertAlmostEqual(sum(drawn[k * 100:(k + 1) * 100]), sum(exact[k * 100:(k + 1) * 100]),
                                           delta=1e-4 * sum(exact[:100]))

    def test_a_phantom_reads_no_input(self):
        square = self.made("--phantom", "shepp-logan", "--size", "32", "--angles", "0,30")
        pipe = self.made("--phantom", "shepp-logan", "--size", "32,32", "--angles", "0,30", stdin=b"no stream")

        self.assertEqual(square[0], (2, 32))
        self.assertEqual(square, pipe)
        phantom = ("--phantom", "shepp-logan", "--angles", "0,30")
        self.refused(2, ["--phantom", "disc.npy"], *phantom, "--size", "32", "disc.npy")
        self.refused(2, ["--size"], *phantom)
        self.refused(2, ["--size"], *phantom, "--size", "3,4,5")
        self.refused(69, ["--device gpu"], *phantom, "--size", "32", "--device", "gpu")

    # -- refusals ---------------------------------------------------------------------------------

    def test_what_cannot_be_is_refused_in_one_line(self):
        views = ("--angles", "0:180", "--views", "4")
        self.refused(2, ["--angles"], "disc.npy")
        self.refused(2, ["--views"], "disc.npy", "--angles", "0:180")
        self.refused(2, ["2 angles", "3 views"], "disc.npy", "--angles", "0,1", "--views", "3")
        self.refused(66, ["nowhere.txt"], "disc.npy", "--angles", "nowhere.txt")
        self.write("text", b"0\nnorth\n")
        self.refused(65, ["north"], "disc.npy", "--angles", "text")
        self.refused(2, ["--views"], "disc.npy", "--angles", "0:180", "--views", "0")
        self.refused(2, ["centre", "99"], "disc.npy", *views, "--center", "99")
        self.refused(2, ["--detector"], "disc.npy", *views, "--detector", "0")
        self.refused(2, ["--pixel-size"], "disc.npy", *views, "--pixel-size", "-1")
        self.refused(2, ["--pixel-size"], "disc.npy", *views, "--pixel-size", "um")
        self.refused(2, ["--axis"], "disc.npy", *views, "--axis", "left")
        self.refused(2, ["--axis"], "disc.npy", *views, "--axis", "3,x")
        self.refused(2, ["--contrast"], "disc.npy", *views, "--contrast", "original")
        self.refused(2, ["--size"], "disc.npy", *views, "--size", "4")

    def test_data_that_are_no_slices_are_refused(self):
        views = ("--angles", "0:180", "--views", "4")
        self.write("line.npy", npy((7,)))
        self.refused(65, ["axes"], "line.npy", "--rank", "1", *views)
        self.write("colour.npy", npy((3, 8, 8)))
        self.refused(65, ["colours"], "colour.npy", "--axes", "c,y,x", *views)
        self.write("bad.npy", npy((4, 4), values=[1.0] * 9 + [math.nan] + [1.0] * 6))
        self.refused(65, ["1 values", "NaN"], "bad.npy", *views)
        self.refused(65, ["square"], "disc.npy", "--bin", "2,1", *views)
        self.refused(71, ["memory"], "disc.npy", "--angles", "0:180", "--views", "100000", "--memory", "1M")


if __name__ == "__main__":
    irtest.main()

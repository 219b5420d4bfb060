"""ir-fbp from the command line: values and units, files and pipes, selections, refusals, real scans."""
import json
import math
import os

import irtest
from irtest import npy, run, shell

A, V, U = 90, 3, 32
CENTER = 15.25
TOOTH = os.path.join(irtest.DATA, "ct", "tooth.h5")
SAVU = os.path.join(irtest.DATA, "ct", "savu_24737")


def disc(radius, x, y, views=A, turn=180, center=CENTER, pixels=U):
    """Line integrals of a disc of value 1 around (x, y) pixels from the axis: pixel means (angle, u)."""
    def integral(q):  # of the chord, from the middle on
        q = max(-radius, min(radius, q))
        return q * math.sqrt(radius ** 2 - q ** 2) + radius ** 2 * math.asin(q / radius)

    out = []
    for k in range(views):
        a = math.radians(k * turn / views)
        s = center + x * math.cos(a) + y * math.sin(a)
        out += [integral(u + 0.5 - s) - integral(u - 0.5 - s) for u in range(pixels)]
    return out


class Fbp(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        self.row = disc(8, 2, -3)
        # Row v is v + 1 times as dense.
        self.values = [(v + 1) * self.row[a * U + u] for a in range(A) for v in range(V) for u in range(U)]
        self.write("p.npy", npy((A, V, U), values=self.values))
        self.write("s.npy", npy((A, U), values=self.row))
        n = V * U
        self.write("dark.npy", npy((V, U), "<u2", values=lambda i: 50 + i % 3))
        self.write("flat.npy", npy((2, V, U), "<u2", values=lambda i: 50 + i % n % 3 + 60000))
        self.write("counts.npy", npy((A, V, U), "<u2", values=[
            round(50 + i % n % 3 + 60000 * math.exp(-p / 20)) for i, p in enumerate(self.values)]))

    GEOMETRY = ("--angles", "0:180", "--center", CENTER)
    RAW = ("counts.npy", "--flat", "flat.npy", "--dark", "dark.npy")

    def slices(self, *arguments, stdin=b"", geometry=GEOMETRY):
        r = run("ir-fbp", *arguments, *geometry, "-o", "out.npy", "-f", stdin=stdin, cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""))
        shape, dtype, values = irtest.parse_npy(self.read("out.npy"))
        return tuple(shape), values

    def header(self, *arguments, geometry=GEOMETRY):
        r = run("ir-fbp", *arguments, *geometry, cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""))
        return json.loads(run("ir-info", "--json", stdin=r.stdout).stdout)

    def axes(self, *arguments, **more):
        info = self.header(*arguments, **more)
        return [(a["name"], a.get("unit", ""), a["size"], round(a["spacing"], 9), round(a["origin"], 9))
                for a in [info["along"], *info["arrays"][0]["axes"]]]

    def assert_close(self, got, expected, delta=2e-5):
        self.assertEqual(len(got), len(expected))
        self.assertLess(max(abs(g - e) for g, e in zip(got, expected)), delta)

    @staticmethod
    def inside(image, x=2, y=-3, radius=4, n=U, middle=(U - 1) / 2):
        """The mean of the pixels around a point that is given from the axis."""
        near = [image[j * n + i] for j in range(n) for i in range(n)
                if math.hypot(i - middle - x, j - middle - y) < radius]
        return sum(near) / len(near)

    # -- values -----------------------------------------------------------------------------------

    def test_a_disc_of_value_one_reads_one_where_it_is(self):
        shape, values = self.slices("s.npy")

        self.assertEqual(shape, (U, U))
        self.assertAlmostEqual(self.inside(values), 1, delta=2e-3)
        self.assertAlmostEqual(self.inside(values, x=-8, y=5, radius=3), 0, delta=5e-3)

    def test_a_pixel_size_makes_values_per_length(self):
        lengths = [0.65 * p for p in self.row]  # of value 1 per um
        self.write("um.npy", npy((A, U), values=lengths))

        values = self.slices("um.npy", "--pixel-size", "0.65um")[1]

        self.assertAlmostEqual(self.inside(values), 1, delta=2e-3)
        self.assertEqual(self.header("um.npy", "--pixel-size", "0.65um")["metadata"]["unit"], "1/um")
        self.assertEqual(self.header("um.npy")["metadata"]["unit"], "1/pixel")

    def test_a_full_turn_is_recognised(self):
        middle = (U - 1) / 2  # where opposite views see the same pixels
        self.write("half.npy", npy((A, U), values=disc(8, 2, -3, center=middle)))
        self.write("turn.npy", npy((2 * A, U), values=disc(8, 2, -3, views=2 * A, turn=360, center=middle)))

        turn = self.slices("turn.npy", geometry=("--angles", "0:360", "--center", middle))[1]

        self.assert_close(turn, self.slices("half.npy", geometry=("--angles", "0:180", "--center", middle))[1])

    def test_angles_are_weighted_by_their_spacing(self):
        degrees = [k * 180 / A for k in range(A) if k < A // 2 or k % 3 == 0]
        sparse = [disc(8, 2, -3)[k * U:(k + 1) * U] for k in range(A) if k < A // 2 or k % 3 == 0]
        self.write("sparse.npy", npy((len(degrees), U), values=sum(sparse, [])))
        self.write("angles.txt", "".join("%r\n" % d for d in degrees).encode())

        for angles in ("angles.txt", ",".join("%r" % d for d in degrees)):
            values = self.slices("sparse.npy", geometry=("--angles", angles, "--center", CENTER))[1]
            self.assertAlmostEqual(self.inside(values), 1, delta=5e-3)

    def test_windows_and_padding_are_options(self):
        plain = self.slices("s.npy")[1]

        def change(*options):
            return max(abs(a - b) for a, b in zip(plain, self.slices("s.npy", *options)[1]))

        for window in ("shepp-logan", "cosine", "hamming", "hann", "butterworth", "none"):
            self.assertGreater(change("--window", window), 1e-3, window)
        self.assertEqual(change("--window", "ram-lak", "--cutoff", "0.5", "--padding", "edge"), 0)
        self.assertGreater(change("--cutoff", "0.3"), 1e-3)
        self.assertEqual(self.slices("s.npy", "--window", "butterworth", "--order", "4"),
                         self.slices("s.npy", "--window", "butterworth"))
        self.assertAlmostEqual(self.inside(self.slices("s.npy", "--window", "hann")[1]), 1, delta=5e-3)

    # -- where rows come from -----------------------------------------------------------------------

    def test_projections_sinograms_files_and_pipes_give_the_same_bytes(self):
        whole = self.slices("p.npy")
        self.assertEqual(whole[0], (V, U, U))

        projections = run("ir-read", "p.npy", "--angles", "0:180", cwd=self.folder).stdout
        sinograms = run("ir-read", "p.npy", "--angles", "0:180", "--along", "v", cwd=self.folder).stdout
        for stream in (projections, sinograms):
            self.assertEqual(self.slices(stdin=stream, geometry=("--center", CENTER)), whole)
            self.write("scan.irs", stream)
            self.assertEqual(self.slices("scan.irs", geometry=("--center", CENTER)), whole)
        some = self.slices("p.npy", "--slices", "0:2")
        for stream in (projections, sinograms):
            self.assertEqual(self.slices("--slices", "0:2", stdin=stream, geometry=("--center", CENTER)), some)
        cut = run("ir-fbp", "--center", CENTER, "--slices", "0", "-o", "x.npy", stdin=sinograms[:-70], cwd=self.folder)
        self.assert_refused(cut, 76)
        with open(self.path("p.npy"), "rb") as file:
            self.assertEqual(self.slices("-", stdin=file), whole)
        turned = [self.values[(a * V + v) * U + u] for v in range(V) for a in range(A) for u in range(U)]
        self.write("turned.npy", npy((V, A, U), values=turned))
        self.assertEqual(self.slices("turned.npy", "--axes", "v,angle,u"), whole)
        self.assertEqual(self.slices("p.npy", "--along", "v"), whole)

    def test_a_raw_scan_is_what_the_steps_give(self):
        r = shell("ir-read counts.npy --flat flat.npy --dark dark.npy --angles 0:180 | ir-flatfield | "
                  "ir-fbp --center %r | ir-write 's_%%d.npy'" % CENTER, self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""))

        direct = self.slices(*self.RAW)[1]

        steps = sum((irtest.parse_npy(self.read("s_%d.npy" % v))[2] for v in range(V)), [])
        self.assertEqual(direct, steps)
        self.assertAlmostEqual(self.inside(direct[:U * U]), 1 / 20, delta=1e-3)

    def test_threads_change_no_bit(self):
        one = self.slices(*self.RAW, "-j", "1")

        self.assertEqual(self.slices(*self.RAW, "-j", "2"), one)
        self.assertEqual(self.slices(*self.RAW, "-j", "5"), one)

    # -- parts ----------------------------------------------------------------------------------------

    def test_slices_regions_and_sizes_are_parts_of_the_whole(self):
        whole = self.slices("p.npy")[1]
        n = U * U
        for rows, of in (("1:3", (1, 2)), ("::2", (0, 2)), ("-1", (2,))):
            shape, values = self.slices("p.npy", "--slices", rows)
            self.assertEqual(shape, (len(of), U, U))
            self.assert_close(values, sum((whole[v * n:(v + 1) * n] for v in of), []))

        def part(y, x, ny, nx):
            return [whole[j * U + i] for j in range(y, y + ny) for i in range(x, x + nx)]

        self.assert_close(self.slices("s.npy", "--roi", "4:10,-7:")[1], part(4, U - 7, 6, 7))
        self.assert_close(self.slices("s.npy", "--size", "12")[1], part(10, 10, 12, 12))
        self.assert_close(self.slices("s.npy", "--size", "20,12", "--roi", "2:5,1:4")[1], part(8, 11, 3, 3))
        self.assertEqual(self.slices("s.npy", "--size", "50")[0], (50, 50))

    def test_the_center_counts_pixels_as_they_arrive(self):
        whole = self.slices("p.npy", "--slices", "1")[1]
        scan = ("p.npy", "--angles", "0:180")
        crop = run("ir-read", *scan, "--roi", "1:,3:29", cwd=self.folder).stdout
        cropped = self.slices("--slices", "0", "--size", "12", "--padding", "zero", stdin=crop,
                              geometry=("--center", CENTER - 3))[1]
        part = [whole[U * (10 + j) + 10 + i] for j in range(12) for i in range(12)]
        self.assert_close(cropped, part, delta=2e-3)  # the row's ends are other ones

        # A bin of two has its pixel k at 2 k + 0.5.
        binned = self.slices("p.npy", "--bin", "1,2", "--slices", "0",
                             geometry=("--angles", "0:180", "--center", (CENTER - 0.5) / 2))[1]
        self.assertAlmostEqual(self.inside(binned, x=1, y=-1.5, radius=2, n=16, middle=7.5), 1, delta=5e-3)

    def test_the_center_is_found_once_for_the_scan(self):
        n, center = 48, 22.25
        row = [p + q for p, q in zip(disc(7, 6, -5, center=center, pixels=n), disc(3, -9, 4, center=center, pixels=n))]
        self.write("wide.npy", npy((A, V, n), values=[(v + 1) * row[a * n + u]
                                                      for a in range(A) for v in range(V) for u in range(n)]))
        scan = ("wide.npy", "--angles", "0:180")
        r = run("ir-fbp", *scan, "--json", "-o", "auto.npy", cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""))
        found = json.loads(r.stdout)["center"]
        whole = self.slices(*scan, geometry=())

        self.assertAlmostEqual(found, center, delta=0.25)
        self.assertEqual(float(run("ir-center", *scan, "--rows", "8", cwd=self.folder).stdout), round(found, 3))
        self.assertEqual(self.slices(*scan, geometry=("--center", "%r" % found)), whole)
        self.assertEqual(self.slices(*scan, "-j", "5", geometry=("--center", "auto")), whole)
        self.assertEqual(self.slices(stdin=run("ir-read", *scan, cwd=self.folder).stdout, geometry=()), whole)
        self.assert_close(self.slices(*scan, "--slices", "1", geometry=())[1], whole[1][n * n:2 * n * n])

    def test_half_a_detector_sees_all_in_a_full_turn(self):
        center, n = 8.25, 56  # the object reaches 26 pixels from the axis, the detector 8.75 and 23.75
        rows = [p - q for p, q in zip(disc(22, 0, 0, views=2 * A, turn=360, center=center),
                                      disc(6, 10, -8, views=2 * A, turn=360, center=center))]
        self.write("half.npy", npy((2 * A, U), values=rows))
        r = run("ir-fbp", "half.npy", "--angles", "0:360", "--center", center, "--size", n, "--json", "-o", "h.npy",
                cwd=self.folder)

        image = irtest.parse_npy(self.read("h.npy"))[2]

        self.assertEqual(json.loads(r.stdout)["completed_width"], U + 15)
        for x, y, value in ((-14, 0, 1), (0, 14, 1), (0, 0, 1), (10, -8, 0)):
            self.assertAlmostEqual(self.inside(image, x, y, 3, n, (n - 1) / 2), value, delta=0.01)

    def test_geometry_is_measured_from_the_axis(self):
        far = -(U - 1) / 2
        self.assertEqual(self.axes("p.npy"), [("z", "", V, 1, 0), ("y", "", U, 1, far), ("x", "", U, 1, far)])
        self.assertEqual(self.axes("p.npy", "--slices", "1::2", "--roi", "4:,5:9"),
                         [("z", "", 1, 2, 1), ("y", "", U - 4, 1, far + 4), ("x", "", 4, 1, far + 5)])
        self.assertEqual(self.axes("p.npy", "--pixel-size", "0.5mm", "--slices", "1:"),
                         [("z", "mm", 2, 0.5, 0.5), ("y", "mm", U, 0.5, far / 2), ("x", "mm", U, 0.5, far / 2)])
        self.assertEqual(self.axes("p.npy", "--bin", "1,2", geometry=("--angles", "0:180", "--center", 7)),
                         [("z", "", V, 1, 0), ("y", "", 16, 2, -15), ("x", "", 16, 2, -15)])

    # -- what is told and refused -----------------------------------------------------------------------

    def test_what_was_chosen_is_told(self):
        r = run("ir-fbp", *self.RAW, *self.GEOMETRY, "-v", "--json", "-o", "o.npy", cwd=self.folder)

        self.assertIn("counts, 2 flats, 1 dark: flat field and -log", r.stderr.decode())
        told = json.loads(r.stdout)
        self.assertEqual((told["center"], told["views"], told["first_angle"], told["last_angle"]), (CENTER, A, 0, 178))
        self.assertEqual((told["dead_pixels"], told["repaired"], told["clipped"]), (0, 0, 0))

    def test_what_cannot_be_is_refused_in_one_line(self):
        bad = list(self.values)
        bad[(7 * V + 2) * U + 5] = float("nan")
        self.write("nan.npy", npy((A, V, U), values=bad))
        self.write("small.npy", npy((V, U - 1), "<u2"))
        self.write("two.txt", b"0\n90\n")
        stuck = ",".join(str(min(k, 50)) for k in range(A))
        back = ",".join(str(k % 50) for k in range(A))
        center = ("--center", CENTER)
        for code, said, options in (
                (2, b"pixels 0 to 31", ("p.npy", "--angles", "0:180", "--center", "40")),
                (2, b"pixels 0 to 31", ("p.npy", "--angles", "0:180", "--center", "-1")),
                (2, b"--center", ("p.npy", "--angles", "0:180", "--center", "15px")),
                (2, b"--slices", ("p.npy", *self.GEOMETRY, "--slices", "2:5")),
                (2, b"--roi", ("p.npy", *self.GEOMETRY, "--roi", "0:5")),
                (2, b"--order", ("p.npy", *self.GEOMETRY, "--order", "3")),
                (2, b"cut-off", ("p.npy", *self.GEOMETRY, "--cutoff", "0.7")),
                (2, b"--pixel-size", ("p.npy", *self.GEOMETRY, "--pixel-size", "um")),
                (2, b"lists 2 angles, the scan has 90 views", ("p.npy", "--angles", "0,90", *center)),
                (65, b"two.txt: 2 angles", ("p.npy", "--angles", "two.txt", *center)),
                (65, b"no angles", ("p.npy", *center)),
                (65, b"view 50 is at 50 degrees, view 51 at 50", ("s.npy", "--angles", stuck, *center)),
                (65, b"view 49 is at 49 degrees, view 50 at 0", ("s.npy", "--angles", back, *center)),
                (65, b"view 7, row 2, pixel 5 is nan", ("nan.npy", *self.GEOMETRY)),
                (65, b"without flats", ("counts.npy", *self.GEOMETRY)),
                (65, b"no flats", ("counts.npy", "--dark", "dark.npy", *self.GEOMETRY)),
                (65, b"no darks", ("counts.npy", "--flat", "flat.npy", *self.GEOMETRY)),
                (65, b"flat of 3x31", ("counts.npy", "--flat", "small.npy", "--dark", "dark.npy", *self.GEOMETRY)),
                (65, b"rotation centre", ("flat.npy", "--dtype", "f32", "--axes", "v,angle,u", "--angles", "0:180")),
                (65, b"axis z", ("p.npy", "--axes", "angle,z,u", *self.GEOMETRY)),
                (71, b"give --memory", ("p.npy", *self.GEOMETRY, "--memory", "100k"))):
            with self.subTest(options):
                r = run("ir-fbp", *options, "-o", "x.npy", cwd=self.folder)
                self.assert_refused(r, code)
                self.assertIn(said, r.stderr)
                self.assertNotIn("x.npy", self.names())
        self.slices("s.npy", "--any-order", geometry=("--angles", back, *center))
        self.slices("counts.npy", "--flat", "flat.npy", "--no-dark")

    def test_a_stream_without_views_is_refused(self):
        stream = run("ir-read", "p.npy", "--angles", "0:180", cwd=self.folder).stdout

        r = run("ir-fbp", "--center", CENTER, "-o", "x.npy", stdin=stream[:64], cwd=self.folder)

        self.assert_refused(r, 76)

    # -- real scans ---------------------------------------------------------------------------------------

    @staticmethod
    def region_mean(image, rows, columns, n):
        near = [image[j * n + i] for j in rows for i in columns]
        return sum(near) / len(near)

    def test_the_tooth_has_its_dentin(self):
        if not os.path.exists(TOOTH):
            self.skipTest("ct/tooth.h5 is not there")
        for window in ("ram-lak", "shepp-logan"):
            for center in ("296.0", "auto"):
                shape, values = self.slices(TOOTH, "--slices", "0", "--window", window, geometry=("--center", center))

                self.assertEqual(shape, (1, 640, 640))
                self.assertAlmostEqual(self.region_mean(values, range(310, 340), range(365, 400), 640), 4.707e-3, delta=2e-5)

    def test_the_scan_of_the_diamond_has_its_lump(self):
        if not os.path.exists(SAVU):
            self.skipTest("ct/savu_24737 is not there")
        references = ("--flat", SAVU + "/flat_00001.tiff", "--dark", SAVU + "/dark_00001.tiff")
        for views, center in ((":", "86.0"), (":", "auto"), ("0:90", "86.0")):  # with both ends of the half turn and without
            values = self.slices(SAVU + "/tiffs/raw_%05d.tiff", *references, "--slices", "67", "--frames", views,
                                 geometry=("--angles", "0:182", "--center", center))[1]

            self.assertAlmostEqual(self.region_mean(values, range(60, 72), range(66, 76), 160), 0.1006, delta=0.002)


if __name__ == "__main__":
    irtest.main()

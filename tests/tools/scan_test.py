"""Tomographic scans: what is recognised, what travels, what is refused."""
import json
import os
import unittest

import irtest
from irtest import npy, run

try:
    import h5py
    import numpy as np
except ImportError:
    h5py = np = None

A, V, U = 6, 3, 4
TOOTH = os.path.join(irtest.DATA, "ct", "tooth.h5")
SAVU = os.path.join(irtest.DATA, "ct", "savu_24737")


class FromStacks(irtest.FolderTest):
    """Stacks with --flat, --dark and --angles."""

    def setUp(self):
        super().setUp()
        self.write("p.npy", npy((A, V, U)))
        self.write("f.npy", npy((2, V, U), values=lambda i: 100 + i))
        self.write("d.npy", npy((V, U), values=lambda i: i))

    def info(self, *arguments, stdin=b""):
        r = run("ir-read", *arguments, stdin=stdin, cwd=self.folder)
        self.assertEqual(r.stderr, b"")
        return json.loads(run("ir-info", "--json", stdin=r.stdout).stdout)

    def array(self, *arguments):
        r = run("ir-read", *arguments, "-o", self.path("out.npy"), "-f", cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""))
        return irtest.parse_npy(self.read("out.npy"))

    SCAN = ("p.npy", "--flat", "f.npy", "--dark", "d.npy", "--angles", "0:180")

    def test_a_stack_becomes_projections_with_roles(self):
        info = self.info(*self.SCAN)

        self.assertEqual([(a["name"], a["role"], a["frames"]) for a in info["arrays"]],
                         [("dark", "dark", 1), ("flat", "flat", 2), ("angle", "coordinate", 1), ("data", "data", A)])
        self.assertEqual(info["along"]["name"], "angle")
        self.assertEqual([x["name"] for x in info["arrays"][3]["axes"]], ["v", "u"])
        self.assertEqual(info["scan"], "scan: 6 projections of 3x4, 2 flats, 1 dark, angles 0..150 deg")

    def test_files_join_a_stream_in_the_same_way(self):
        stream = run("ir-read", self.path("p.npy")).stdout

        piped = self.info("-", *self.SCAN[1:], stdin=stream)

        direct = self.info(*self.SCAN)
        self.assertEqual(piped["arrays"], direct["arrays"])
        self.assertEqual(piped["along"], direct["along"])

    def test_views_rows_and_columns_are_selected_everywhere(self):
        views = self.info(*self.SCAN, "--frames", "1:5:2", "--roi", "1:3,0:2")

        self.assertIn("2 projections of 2x2, 2 flats, 1 dark, angles 30..90 deg", views["scan"])
        v = views["arrays"][1]["axes"][0]
        self.assertEqual((v["origin"], v["spacing"]), (1, 1))
        binned = self.info(*self.SCAN, "--bin", "1,2")
        for k in (0, 1, 3):
            u = binned["arrays"][k]["axes"][1]
            self.assertEqual((u["size"], u["origin"], u["spacing"]), (2, 0.5, 2))

    def test_sinograms_come_with_the_same_rows_of_flats(self):
        shape, values = self.array(*self.SCAN, "--along", "v", "--frames", "1:3", "--roi", ":,1:3")[::2]
        info = self.info(*self.SCAN, "--along", "v", "--frames", "1:3")

        self.assertEqual(tuple(shape), (2, A, 2))
        self.assertEqual(list(values[:4]), [5, 6, 17, 18])
        flat = info["arrays"][1]
        self.assertEqual([(x["name"], x["size"], x["origin"]) for x in flat["axes"]], [("v", 2, 1), ("u", 4, 0)])
        self.assertEqual(flat["frames"], 2)

    def test_angles_are_a_range_a_list_or_a_file(self):
        self.write("a.txt", b"# degrees\n0\n1\n2\n\n3.5\n4\n5e0\n")
        self.write("a.npy", npy((A,), "<f8", values=[0, 1, 2, 3.5, 4, 5]))
        for angles in ("0,1,2,3.5,4,5", "a.txt", "a.npy"):
            with self.subTest(angles):
                self.assertIn("angles 0..5 deg", self.info("p.npy", "--angles", angles)["scan"])

    def test_what_does_not_fit_is_refused_in_one_line(self):
        self.write("small.npy", npy((V, U - 1)))
        self.write("a.txt", b"0\n1\n")
        self.write("b.txt", b"0\nx\n")
        for code, said, options in ((2, b"lists 2 angles, the scan has 6 views", ("--angles", "0,1")),
                                    (65, b"a.txt: 2 angles, the scan has 6 views", ("--angles", "a.txt")),
                                    (65, b"b.txt: line 2: 'x' is no angle", ("--angles", "b.txt")),
                                    (66, b"none.txt", ("--angles", "none.txt")),
                                    (65, b"small.npy: flat of 3x3, but the projections are 3x4", ("--flat", "small.npy")),
                                    (66, b"none.tif", ("--dark", "none.tif"))):
            with self.subTest(options):
                r = run("ir-read", "p.npy", *options, "-o", "x.npy", cwd=self.folder)
                self.assert_refused(r, code)
                self.assertIn(said, r.stderr)

    def test_a_scan_survives_hdf5(self):
        run("ir-read", *self.SCAN, "-o", "s.h5", cwd=self.folder)

        back = self.info("s.h5")

        self.assertEqual(back["scan"], self.info(*self.SCAN)["scan"])
        self.assertEqual([a["role"] for a in back["arrays"]], ["dark", "flat", "coordinate", "data"])


@unittest.skipIf(h5py is None, "h5py and NumPy are not installed")
class FromHdf5(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        self.p = np.arange(A * V * U, dtype="u2").reshape(A, V, U)
        self.f = 1000 + np.arange(2 * V * U, dtype="u2").reshape(2, V, U)

    def dxchange(self, **change):
        items = {"data": self.p, "data_white": self.f, "data_dark": self.f[:1], "theta": np.arange(A) * 30.0}
        items.update(change)
        with h5py.File(self.path("dx.h5"), "w") as f:
            for name, value in items.items():
                if value is not None:
                    f["exchange/" + name] = value
        return self.path("dx.h5")

    def nxtomo(self, key=(1, 2, 0, 0, 3, 0, 1), angles=range(7)):
        with h5py.File(self.path("raw.h5"), "w") as f:
            f.create_dataset("d", data=np.arange(7 * V * U, dtype="u2").reshape(7, V, U), chunks=(2, V, U))
        with h5py.File(self.path("nx.nxs"), "w") as f:
            f["entry/tomo/instrument/camera/data"] = h5py.ExternalLink("raw.h5", "/d")
            f["entry/tomo/instrument/camera/image_key"] = np.array(key)
            f["entry/tomo/instrument/camera/x_pixel_size"] = 2e-6
            f["entry/tomo/instrument/camera/x_pixel_size"].attrs["units"] = "m"
            f["entry/tomo/sample/rotation_angle"] = np.array(angles, "f8")
            f["entry/tomo/data/data"] = h5py.SoftLink("/entry/tomo/instrument/camera/data")
            f["entry/tomo/data/image_key"] = h5py.SoftLink("/entry/tomo/instrument/camera/image_key")
        return self.path("nx.nxs")

    def info(self, name):
        return json.loads(run("ir-info", name, "--json").stdout)

    def test_dxchange_is_recognised(self):
        info = self.info(self.dxchange())

        self.assertEqual(info["scan"], "scan: 6 projections of 3x4, 2 flats, 1 dark, angles 0..150 deg")

    def test_a_path_still_names_one_dataset(self):
        arrays = self.info(self.dxchange() + ":/exchange/data_white")["arrays"]

        self.assertEqual([(a["name"], a["role"]) for a in arrays], [("data", "data")])

    def test_nxtomo_is_split_by_its_keys_through_external_links(self):
        name = self.nxtomo()
        info = self.info(name)

        self.assertEqual(info["scan"], "scan: 3 projections of 3x4, 2 flats, 1 dark, angles 2..5 deg")
        u = info["arrays"][-1]["axes"][1]
        self.assertAlmostEqual(u["spacing"], 2)
        self.assertEqual(u["unit"], "um")
        run("ir-read", name, "-o", self.path("out.npy"))
        values = irtest.parse_npy(self.read("out.npy"))[2]
        self.assertEqual(list(values), [k * V * U + i for k in (2, 3, 5) for i in range(V * U)])

    def test_what_is_wrong_is_told_in_one_line(self):
        cases = [(self.dxchange(theta=np.arange(5.0)), b"5 angles for the 6 frames"), ]
        for name, said in cases:
            self.assert_told(name, said)
        self.assert_told(self.dxchange(data_white=self.f[:, :2]), b"data_white: flat of 2x2x4, but the projections are 3x4")
        self.assert_told(self.nxtomo(key=(0, 1)), b"2 keys for the 7 frames")
        self.assert_told(self.nxtomo(key=(1,) * 7), b"no frame is a projection")
        name = self.nxtomo()
        os.remove(self.path("raw.h5"))
        self.assert_told(name, b"a link that leads nowhere: raw.h5:/d cannot be opened")

    def assert_told(self, name, said):
        r = run("ir-read", name, "-o", self.path("x.npy"))
        self.assert_refused(r, 65)
        self.assertIn(said, r.stderr)


class Real(irtest.FolderTest):
    def test_tooth(self):
        if not os.path.exists(TOOTH):
            self.skipTest("ct/tooth.h5 is not there")

        r = run("ir-info", TOOTH)

        self.assertIn(b"scan: 181 projections of 2x640, 10 flats, 10 darks, angles 0..179.005525 deg\n", r.stdout)

    def test_folder_of_tiff(self):
        if not os.path.exists(SAVU):
            self.skipTest("ct/savu_24737 is not there")

        r = run("ir-read", SAVU + "/tiffs/", "--flat", SAVU + "/flat_00001.tiff", "--dark", SAVU + "/dark_00001.tiff",
                "--angles", "0:182")

        text = run("ir-info", stdin=r.stdout).stdout
        self.assertIn(b"scan: 91 projections of 135x160, 1 flat, 1 dark, angles 0..180 deg\n", text)


if __name__ == "__main__":
    irtest.main()

"""ir-center from the command line: values, methods, what is printed where, refusals."""
import json
import os
import pty
import re
import subprocess

import irtest
from irtest import npy, run

V, A, U = 3, 90, 64
CENTER = 34.3
CT = os.path.join(irtest.DATA, "ct")
SAVU = (os.path.join(CT, "savu_24737", "tiffs"), "--flat", os.path.join(CT, "savu_24737", "flat_00001.tiff"), "--dark",
        os.path.join(CT, "savu_24737", "dark_00001.tiff"), "--angles", "0:182")


def line_integrals(views=A, turn=180, center=CENTER):
    """(angle, v, u)"""
    return [(1 - 0.1 * v) * irtest.through_discs(turn * k / views, u - center)
            for k in range(views) for v in range(V) for u in range(U)]


class Center(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        self.write("p.npy", npy((A, V, U), values=line_integrals()))

    def find(self, *options, code=0, stdin=b""):
        r = run("ir-center", *options, "--json", stdin=stdin, cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr), (code, b""))
        return json.loads(r.stdout)

    def test_projections_sinograms_and_one_sinogram_have_the_same_centre(self):
        p = line_integrals()
        self.write("s.npy", npy((V, A, U), values=[p[(k * V + v) * U + u] for v in range(V) for k in range(A)
                                                   for u in range(U)]))
        self.write("one.npy", npy((A, U), values=[p[k * V * U + u] for k in range(A) for u in range(U)]))

        found = self.find("p.npy", "--angles", "0:180")

        self.assertAlmostEqual(found["center"], CENTER, delta=0.1)
        self.assertAlmostEqual(found["methods"]["opposite"]["center"], CENTER, delta=0.1)
        self.assertAlmostEqual(found["methods"]["slices"]["center"], CENTER, delta=0.1)
        self.assertLess(abs(found["center"] - CENTER), 3 * found["uncertainty"])
        self.assertEqual((found["agree"], found["pairs"], found["rows"]), (True, 2, {"begin": 0, "count": 3, "step": 1}))
        self.assertEqual(self.find("s.npy", "--axes", "v,angle,u", "--angles", "0:180"), found)
        self.assertAlmostEqual(self.find("one.npy", "--angles", "0:180")["center"], CENTER, delta=0.1)

    def test_a_pipe_has_the_same_centre(self):
        scan = run("ir-read", "p.npy", "--angles", "0:180", cwd=self.folder).stdout
        rows = run("ir-read", "p.npy", "--angles", "0:180", "--along", "v", cwd=self.folder).stdout

        found = self.find("p.npy", "--angles", "0:180")

        self.assertEqual(self.find(stdin=scan), found)
        self.assertEqual(self.find(stdin=rows), found)

    def test_a_pipe_gets_the_value_alone_and_a_terminal_everything(self):
        r = run("ir-center", "p.npy", "--angles", "0:180", cwd=self.folder)

        self.assertRegex(r.stdout, rb"^34\.\d{3}\n$")
        self.assertEqual(float(r.stdout), self.find("p.npy", "--angles", "0:180")["center"])
        master, slave = pty.openpty()
        subprocess.run(["ir-center", "p.npy", "--angles", "0:180"], stdout=slave, cwd=self.folder,
                       env=irtest.environment(), check=True, timeout=irtest.TIMEOUT)
        os.close(slave)
        told = os.read(master, 4096).decode()
        os.close(master)
        self.assertEqual(re.findall(r"(?m)^(\w+) +34\.\d{3} \+- 0\.\d{3}", told), ["center", "opposite", "slices"])
        self.assertEqual(run("ir-center", "p.npy", "--angles", "0:180", "-v", cwd=self.folder).stdout.count(b"\n"), 3)

    def test_the_pixel_is_one_of_the_data_as_they_arrive(self):
        whole = self.find("p.npy", "--angles", "0:180")["center"]

        part = self.find("p.npy", "--angles", "0:180", "--roi", "0:3,4:62")["center"]

        self.assertAlmostEqual(part, whole - 4, delta=0.1)

    def test_counts_become_line_integrals(self):
        self.write("counts.npy", npy((A, V, U), "<u2", values=[round(100 + 40000 * 2.718281828 ** -p)
                                                                for p in line_integrals()]))
        self.write("flat.npy", npy((V, U), values=lambda i: 40100))
        self.write("dark.npy", npy((V, U), values=lambda i: 100))
        scan = ("counts.npy", "--flat", "flat.npy", "--angles", "0:180")

        found = self.find(*scan, "--dark", "dark.npy")

        self.assertAlmostEqual(found["center"], self.find("p.npy", "--angles", "0:180")["center"], delta=0.01)
        self.assertAlmostEqual(self.find(*scan, "--no-dark")["center"], CENTER, delta=0.1)
        self.refuses(run("ir-center", *scan, cwd=self.folder), 65, "no darks")
        self.refuses(run("ir-center", "counts.npy", "--angles", "0:180", cwd=self.folder), 65, "without flats")

    def test_methods_alone(self):
        opposite = self.find("p.npy", "--angles", "0:180", "--method", "opposite", "--rows", "1")
        slices = self.find("p.npy", "--angles", "0:180", "--method", "slices")

        self.assertIsNone(opposite["methods"]["slices"])
        self.assertEqual(opposite["rows"], {"begin": 1, "count": 1, "step": 3})
        self.assertIsNone(slices["methods"]["opposite"])
        for found in (opposite, slices):
            self.assertAlmostEqual(found["center"], CENTER, delta=0.1)

    def test_methods_that_disagree_end_with_1(self):
        # The first two views, which have the opposites, are those of a detector 5 pixels aside.
        p = line_integrals()
        self.write("bad.npy", npy((A, V, U), values=line_integrals(center=CENTER + 5)[:2 * V * U] + p[2 * V * U:]))

        self.assertFalse(self.find("bad.npy", "--angles", "0:180", code=1)["agree"])
        self.assertEqual(run("ir-center", "bad.npy", "--angles", "0:180", cwd=self.folder).returncode, 1)

    def test_full_turns_and_a_range(self):
        self.write("full.npy", npy((60, V, U), values=line_integrals(60, 360, 12.4)))

        self.assertAlmostEqual(self.find("full.npy", "--angles", "0:360", "--method", "opposite")["center"], 12.4,
                               delta=0.1)
        self.assertAlmostEqual(self.find("p.npy", "--angles", "0:180", "--range", "30:40")["center"], CENTER, delta=0.1)

    def test_what_cannot_be_is_refused(self):
        scan = ("p.npy", "--angles", "0:180")
        self.write("nan.npy", npy((A, V, U), values=[float("nan")] + line_integrals()[1:]))
        self.write("flat.npy", npy((V, U + 1), values=lambda i: 9))
        for options, code, said in (
                ((*scan, "--range", "30"), 2, "two pixels"),
                ((*scan, "--range", "30:99"), 2, "0 to 63"),
                ((*scan, "--range", "40:30"), 2, "between pixels 40 and 30"),
                ((*scan, "--rows", "0"), 2, "--rows"),
                ((*scan, "--device", "gpu"), 69, ""),
                (("p.npy",), 65, "--angles"),
                (("p.npy", "--angles", "0,1,2"), 2, "3 angles"),
                ((*scan, "--flat", "flat.npy", "--no-dark"), 65, "flat"),
                (("nan.npy", "--angles", "0:180"), 65, "nan"),
                (("p.npy", "--angles", "0:180", "--roi", "0:3,0:20"), 65, "at least 3 of 32"),
                (("p.npy", "--angles", "0:90"), 65, "no opposite views")):
            with self.subTest(options):
                self.refuses(run("ir-center", *options, cwd=self.folder), code, said)

    def refuses(self, r, code, said):
        self.assert_refused(r, code)
        self.assertIn(said, r.stderr.decode())

    def test_real_scans(self):
        if not os.path.isdir(CT):
            self.skipTest("no real scans here: they lie in shared/data/ct")
        tooth = self.find(os.path.join(CT, "tooth.h5"))
        savu = self.find(*SAVU)

        self.assertAlmostEqual(tooth["center"], 296, delta=0.5)
        self.assertAlmostEqual(savu["center"], 86, delta=0.25)
        self.assertTrue(tooth["agree"] and savu["agree"])

    def test_threads_change_no_bit(self):
        self.assertEqual(self.find("p.npy", "--angles", "0:180", "-j1"), self.find("p.npy", "--angles", "0:180", "-j2"))


if __name__ == "__main__":
    irtest.main()

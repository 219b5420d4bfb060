"""ir-flatfield from the command line: values, layouts, bad pixels, refusals."""
import json
import math
import os

import irtest
from irtest import npy, run

A, V, U = 5, 3, 4
TOOTH = os.path.join(irtest.DATA, "ct", "tooth.h5")


class FlatField(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        self.dark = [10 + i % 3 for i in range(V * U)]
        self.flat = [110 + 10 * i for i in range(V * U)]
        self.counts = [20 + (i * 7) % 90 for i in range(A * V * U)]
        self.write("p.npy", npy((A, V, U), "<u2", values=self.counts))
        self.write("d.npy", npy((V, U), "<u2", values=self.dark))
        # mean and median differ: the mean of the three is flat + 3
        self.write("f.npy", npy((3, V, U), "<u2", values=self.flat + self.flat + [v + 9 for v in self.flat]))

    REFERENCES = ("--flat", "f.npy", "--dark", "d.npy")

    def transmission(self, add=3.0):
        n = V * U
        return [(c - self.dark[i % n]) / (self.flat[i % n] + add - self.dark[i % n]) for i, c in enumerate(self.counts)]

    def correct(self, name, *options, stdin=b""):
        r = run("ir-flatfield", name, *options, "-o", "out.npy", "-f", stdin=stdin, cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""))
        shape, _, values = irtest.parse_npy(self.read("out.npy"))
        return shape, values

    def assert_close(self, got, expected):
        self.assertEqual(len(got), len(expected))
        for g, e in zip(got, expected):
            self.assertAlmostEqual(g, e, delta=1e-6 * max(1, abs(e)))

    def test_absorption_and_transmission_have_their_formulas(self):
        t = self.transmission()

        self.assert_close(self.correct("p.npy", *self.REFERENCES, "--no-log")[1], t)
        self.assert_close(self.correct("p.npy", *self.REFERENCES)[1], [-math.log(v) for v in t])
        self.assert_close(self.correct("p.npy", *self.REFERENCES, "--combine", "median", "--no-log")[1],
                          self.transmission(add=0))
        self.assert_close(self.correct("p.npy", *self.REFERENCES, "--precision", "double")[1], [-math.log(v) for v in t])

    def test_sinograms_are_the_projections_turned(self):
        scan = run("ir-read", "p.npy", *self.REFERENCES, "--angles", "0:180", "--along", "v", cwd=self.folder).stdout

        shape, values = self.correct("-", stdin=scan)

        straight = self.correct("p.npy", *self.REFERENCES)[1]
        self.assertEqual(tuple(shape), (V, A, U))
        self.assertEqual(list(values), [straight[(a * V + v) * U + u] for v in range(V) for a in range(A) for u in range(U)])

    def test_a_volume_of_views_is_one_frame(self):
        straight = self.correct("p.npy", *self.REFERENCES)[1]
        scan = run("ir-read", "p.npy", *self.REFERENCES, "--angles", "0:180", cwd=self.folder).stdout

        self.assertEqual(self.correct("-", "--rank", "3", stdin=scan)[1], straight)

    def test_angles_pass_and_references_end(self):
        scan = run("ir-read", "p.npy", *self.REFERENCES, "--angles", "0:180", cwd=self.folder).stdout
        out = run("ir-flatfield", stdin=scan).stdout

        info = json.loads(run("ir-info", "--json", stdin=out).stdout)

        self.assertEqual([(a["role"], a["dtype"]) for a in info["arrays"]], [("coordinate", "f64"), ("data", "f32")])
        self.assertNotIn("nominal", info["arrays"][1])

    def test_cropped_rows_find_their_lines(self):
        whole = self.correct("p.npy", *self.REFERENCES)[1]

        part = self.correct("p.npy", *self.REFERENCES, "--roi", "1:3,1:4")[1]

        self.assertEqual(list(part), [whole[(a * V + v) * U + u] for a in range(A) for v in (1, 2) for u in (1, 2, 3)])

    def test_bad_values_are_replaced_and_counted(self):
        nan = float("nan")
        self.write("q.npy", npy((1, 2, 4), values=[1, nan, 3, 4, -5, 2, 2, 2]))
        self.write("w.npy", npy((2, 4), values=[11, 11, 11, 11, 11, 11, 11, 1]))
        self.write("k.npy", npy((2, 4), values=[1] * 8))
        options = ("--flat", "w.npy", "--dark", "k.npy")

        r = run("ir-flatfield", "q.npy", *options, "--no-log", "--json", "-o", "out.npy", cwd=self.folder)
        filled = irtest.parse_npy(self.read("out.npy"))[2]

        self.assert_close(filled, [0, 0.1, 0.2, 0.3, -0.6, 0.1, 0.1, 0.1])
        facts = json.loads(r.stdout)
        text = json.dumps(facts)
        self.assertIn('"dead_pixels": 1', text)
        self.assertIn('"repaired": 2', text)
        self.assert_close(self.correct("q.npy", *options, "--bad", "empty", "--min-transmission", "0.01")[1],
                          [-math.log(v) for v in (0.01, 1, 0.2, 0.3, 0.01, 0.1, 0.1, 1)])
        refused = run("ir-flatfield", "q.npy", *options, "--bad", "error", "-o", "x.npy", cwd=self.folder)
        self.assert_refused(refused, 65)
        self.assertIn(b"1 of 8 pixels are dead", refused.stderr)

    def test_what_is_missing_or_does_not_fit_is_refused_in_one_line(self):
        self.write("small.npy", npy((V, U - 1)))
        self.write("line.npy", npy((1, 4), values=[float("nan")] * 4))
        self.write("one.npy", npy((1, 4), values=[9] * 4))
        for code, said, options in ((65, b"no flats", ("p.npy",)), (65, b"no darks", ("p.npy", "--flat", "f.npy")),
                                    (65, b"flat of 3x3", ("p.npy", "--flat", "small.npy", "--dark", "d.npy")),
                                    (65, b"none that is usable", ("line.npy", "--flat", "one.npy", "--no-dark")),
                                    (65, b"4 of 4 pixels are dead", ("one.npy", "--flat", "one.npy", "--dark", "one.npy")),
                                    (66, b"none.npy", ("p.npy", "--flat", "none.npy")),
                                    (2, b"--min-transmission", ("p.npy", *self.REFERENCES, "--min-transmission", "2"))):
            with self.subTest(options):
                r = run("ir-flatfield", *options, "-o", "x.npy", cwd=self.folder)
                self.assert_refused(r, code)
                self.assertIn(said, r.stderr)

    def test_threads_and_pipes_change_no_bit(self):
        straight = self.correct("p.npy", *self.REFERENCES)[1]
        stream = run("ir-read", "p.npy", *self.REFERENCES, cwd=self.folder).stdout

        self.assertEqual(self.correct("p.npy", *self.REFERENCES, "-j", "3")[1], straight)
        self.assertEqual(self.correct("-", stdin=stream)[1], straight)

    def test_the_tooth_has_its_absorption(self):
        if not os.path.exists(TOOTH):
            self.skipTest("ct/tooth.h5 is not there")
        r = run("ir-flatfield", TOOTH)

        stats = json.loads(run("ir-info", "--stats", "--json", stdin=r.stdout).stdout)["stats"]

        self.assertEqual(stats["nan"] + stats["inf"], 0)
        self.assertGreater(stats["max"], 1)
        self.assertGreater(stats["min"], -0.3)


if __name__ == "__main__":
    irtest.main()

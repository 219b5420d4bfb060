"""ir-apply from the command line: the language, domains, adjoints, refusals."""
import irtest
from irtest import npy, run


class Apply(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        self.x = [float(i * 7 % 11) for i in range(12)]
        self.write("x.npy", npy((3, 4), values=self.x))

    def apply(self, *arguments, stdin=b""):
        r = run("ir-apply", *arguments, "-o", "y.npy", "-f", stdin=stdin, cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr), (0, b""))
        shape, _, values = irtest.parse_npy(self.read("y.npy"))
        return tuple(shape), list(values)

    def test_a_scaled_identity_scales(self):
        self.assertEqual(self.apply("x.npy", "-A", "2 * identity / 4 - identity"), ((3, 4), [-0.5 * v for v in self.x]))

    def test_a_stack_has_its_rows_along_a_leading_axis(self):
        shape, values = self.apply("x.npy", "-A", "[identity; -3*identity]")

        self.assertEqual((shape, values), ((2, 3, 4), self.x + [-3 * v for v in self.x]))

    def test_the_adjoint_finds_the_domain_of_the_forward_operator(self):
        forward = run("ir-apply", "x.npy", "-A", "[identity; -3*identity]", cwd=self.folder).stdout

        shape, values = self.apply("-A", "[identity; -3*identity]", "--adjoint", stdin=forward)
        normal = self.apply("x.npy", "-A", "[identity; -3*identity]", "--normal")

        self.assertEqual((shape, values), ((3, 4), [10 * v for v in self.x]))
        self.assertEqual(normal, (shape, values))

    RAGGED = "[downsample(2)*blur(gaussian(1)); 2*identity; [crop([2, 3]); -identity]]"

    def test_rows_of_different_extents_go_together_or_a_file_each(self):
        self.write("stack.npy", npy((3, 3, 4), values=[v * k for k in (1, 2, 3) for v in self.x]))
        for data in ("x.npy", "stack.npy"):
            frames = 3 if data == "stack.npy" else 1
            expected = self.apply(data, "-A", self.RAGGED, "--normal")
            files = run("ir-apply", data, "-A", self.RAGGED, "-o", "y_{row}.npy", "-f", cwd=self.folder)
            self.assertEqual((files.returncode, files.stderr), (0, b""))
            names = ["y_%d.npy" % k for k in range(4)]

            for k, extents in enumerate(((2, 2), (3, 4), (2, 3), (3, 4))):
                shape, _, values = irtest.parse_npy(self.read(names[k]))
                self.assertEqual(tuple(shape), (frames, *extents) if frames > 1 else extents)
                if k == 1:
                    self.assertEqual(list(values), [2 * m * v for m in range(1, frames + 1) for v in self.x])
            for holder in ("y.h5", "y.irs"):
                made = run("ir-apply", data, "-A", self.RAGGED, "-o", holder, "-f", cwd=self.folder)
                self.assertEqual((made.returncode, made.stderr), (0, b""))
                self.assertEqual(self.apply(holder, "-A", self.RAGGED, "--adjoint"), expected)
            self.assertEqual(self.apply(*names, "-A", self.RAGGED, "--adjoint"), expected)
            piped = irtest.shell("ir-apply %s -A '%s' | ir-apply -A '%s' --adjoint -o p.npy -f" % (data, self.RAGGED, self.RAGGED),
                                 self.folder)
            self.assertEqual((piped.returncode, piped.stderr), (0, b""))
            self.assertEqual(list(irtest.parse_npy(self.read("p.npy"))[2]), expected[1])

    def test_rows_of_one_size_have_a_file_each_too(self):
        r = run("ir-apply", "x.npy", "-A", "[identity; -3*identity]", "-o", "y_{row}.npy", cwd=self.folder)

        self.assertEqual((r.returncode, r.stderr), (0, b""))
        self.assertEqual(irtest.parse_npy(self.read("y_1.npy"))[::2], ((3, 4), [-3 * v for v in self.x]))

    def test_tools_that_work_on_one_array_refuse_rows(self):
        made = run("ir-apply", "x.npy", "-A", "[downsample(2); identity]", "-o", "y.irs", cwd=self.folder)
        self.assertEqual((made.returncode, made.stderr), (0, b""))

        refused = run("ir-noise", "y.irs", "--sigma", "1", "-o", "n.irs", cwd=self.folder)
        split = irtest.shell("ir-read y.irs | ir-write 'y_{row}.npy'", self.folder)

        self.assertEqual(refused.returncode, 65)
        self.assertIn(b"the data are 2 rows of an operator, and ir-noise works on one array", refused.stderr)
        self.assertEqual((split.returncode, split.stderr), (0, b""))
        self.assertEqual(list(irtest.parse_npy(self.read("y_1.npy"))[2]), self.x)

    def test_mistakes_with_rows_name_the_file(self):
        self.write("a.npy", npy((2, 2)))
        self.write("b.npy", npy((2, 3, 4)))
        two = "[downsample(2); identity]"
        cases = [
            (("x.npy", "-A", two, "-o", "y.npy"), 2, "y_{row}.npy"),
            (("x.npy", "-A", two, "--to", "npy"), 2, "standard output: NPY holds one array, and the data are 2 rows"),
            (("x.npy", "-A", "identity", "-o", "y_{row}.npy"), 2, "no rows"),
            (("x.npy", "a.npy", "-A", two, "--adjoint", "--domain", "3,4", "-o", "y.npy"), 65, "row 0, x.npy, are 3x4, and 2x2"),
            (("a.npy", "b.npy", "-A", two, "--adjoint", "-o", "y.npy"), 65, "a.npy has 1 frame, b.npy has 2"),
            (("a.npy", "missing.npy", "-A", two, "--adjoint", "-o", "y.npy"), 66, "missing.npy"),
            (("a.npy", "x.npy", "a.npy", "-A", two, "--adjoint", "-o", "y.npy"), 65, "does not go with"),
        ]
        for arguments, code, words in cases:
            with self.subTest(arguments=arguments):
                r = run("ir-apply", *arguments, cwd=self.folder)

                self.assertEqual(r.returncode, code, r.stderr)
                self.assertIn(words, r.stderr.decode())

    def test_frames_are_applied_one_by_one(self):
        self.write("stack.npy", npy((5, 3, 4), values=self.x * 5))

        self.assertEqual(self.apply("stack.npy", "-A", "3*identity"), ((5, 3, 4), [3 * v for v in self.x * 5]))

    def test_refusals_are_short_and_coded(self):
        self.write("nan.npy", npy((2, 2), values=[1, float("nan"), 2, 3]))
        cases = [
            (("x.npy", "-A", "2 * idntity"), 2, "is 'identity' meant?"),
            (("x.npy", "-A", ""), 2, "an expression is expected"),
            (("x.npy", "-A", "identity", "--adjoint", "--normal"), 2, "exclude each other"),
            (("x.npy", "-A", "identity", "--domain", "4,4"), 65, "frames of the data are 3x4"),
            (("nan.npy", "-A", "identity"), 65, "NaN"),
            (("x.npy", "-A", "2 * @missing.npy"), 66, "missing.npy"),
            (("x.npy", "-A", "1e38*1e38*identity"), 3, "frame 0: 12 values of the result are NaN"),
        ]
        for arguments, code, words in cases:
            with self.subTest(arguments=arguments):
                r = run("ir-apply", *arguments, "-o", "out.npy", cwd=self.folder)

                self.assertEqual(r.returncode, code, r.stderr)
                self.assertIn(words, r.stderr.decode())
                self.assertNotIn("out.npy", self.names())


if __name__ == "__main__":
    irtest.main()

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
        ]
        for arguments, code, words in cases:
            with self.subTest(arguments=arguments):
                r = run("ir-apply", *arguments, "-o", "out.npy", cwd=self.folder)

                self.assertEqual(r.returncode, code, r.stderr)
                self.assertIn(words, r.stderr.decode())
                self.assertNotIn("out.npy", self.names())


if __name__ == "__main__":
    irtest.main()

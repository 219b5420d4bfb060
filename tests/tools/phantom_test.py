"""ir-phantom from the command line: kinds, options, streams, exit codes."""
import math

import irtest
from irtest import run


class Phantom(irtest.FolderTest):
    def made(self, *arguments):
        """(shape, dtype, values) of what is made."""
        result = run("ir-phantom", *arguments, "-o", self.path("made.npy"), "-f")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))
        return irtest.parse_npy(self.read("made.npy"))

    def test_a_head_has_the_integral_of_its_ellipses(self):
        shape, dtype, values = self.made("shepp-logan", "--size", "60,90", "--precision", "double")

        ellipses = ((1, .69 * .92), (-.8, .6624 * .874), (-.2, .11 * .31 + .16 * .41),
                    (.1, .21 * .25 + 2 * .046 ** 2 + 2 * .046 * .023 + .023 ** 2))
        expected = math.pi * sum(grey * axes for grey, axes in ellipses)
        self.assertEqual((shape, dtype), ((60, 90), "<f8"))
        self.assertAlmostEqual(sum(values) * 4 / (60 * 90), expected, delta=1e-12)

    def test_original_contrast_and_three_dimensions(self):
        shape, dtype, values = self.made("shepp-logan", "--size", "16,40,40", "--contrast", "original")

        self.assertEqual((shape, dtype), ((16, 40, 40), "<f4"))
        self.assertEqual(min(values), 0)
        self.assertGreater(max(values), 1.5)

    def test_beads_sum_to_their_area_and_differ_between_frames_and_seeds(self):
        size = ("--size", "40,50", "--count", "5", "--radius", "3", "--value", "10", "--background", "2", "--frames", "2")
        shape, _, values = self.made("beads", *size)
        _, _, again = self.made("beads", *size)
        _, _, other = self.made("beads", *size, "--seed", "1")

        self.assertEqual(shape, (2, 40, 50))
        for frame in (values[:2000], values[2000:]):
            self.assertAlmostEqual(sum(frame), 5 * 10 * math.pi * 9 + 2 * 2000, delta=1e-2)
        self.assertNotEqual(values[:2000], values[2000:])
        self.assertEqual(values, again)
        self.assertNotEqual(values, other)

    def test_a_gaussian_has_odd_extents_and_sum_one(self):
        shape, _, values = self.made("gaussian", "--sigma", "0,1.5")

        self.assertEqual(shape, (1, 13))
        self.assertAlmostEqual(sum(values), 1, delta=1e-6)
        self.assertEqual(values.index(max(values)), 6)
        self.assertEqual(self.made("gaussian", "--sigma", "2", "--size", "7,9,11")[0], (7, 9, 11))

    def test_the_result_is_the_same_for_any_number_of_threads(self):
        arguments = ("beads", "--size", "30,64,64", "--count", "30", "--radius", "2,4,4")

        self.assertEqual(self.made(*arguments, "-j", "1"), self.made(*arguments, "-j", "3"))

    def test_frames_go_through_a_pipe(self):
        pipe = irtest.Pipeline(["ir-phantom", "constant", "--size", "4,6", "--frames", "3", "--value", "2.5"],
                               ["ir-write", self.path("out.npy")])

        codes, errors, _ = pipe.wait()

        self.assertEqual((codes, errors), ([0, 0], ["", ""]))
        self.assertEqual(irtest.parse_npy(self.read("out.npy")), ((3, 4, 6), "<f4", [2.5] * 72))

    def test_options_of_another_kind_and_impossible_sizes_are_refused(self):
        for arguments in (("shepp-logan",), ("shepp-logan", "--size", "9"), ("gaussian",),
                          ("gaussian", "--sigma", "1", "--radius", "2"), ("constant", "--size", "4", "--sigma", "1"),
                          ("beads", "--size", "9,9", "--radius", "5"), ("beads", "--size", "9,9", "--radius", "1,1,1"),
                          ("cube", "--size", "9,9"), ("constant", "--size", "0,4"), ("gaussian", "--sigma", "-1")):
            with self.subTest(arguments):
                self.assert_refused(run("ir-phantom", *arguments, "-o", self.path("x.npy")), 2)
        self.assertEqual(self.names(), [])


if __name__ == "__main__":
    irtest.main()

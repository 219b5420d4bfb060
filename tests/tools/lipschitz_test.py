"""ir-lipschitz from the command line: bounds, tables, the adjoint law, refusals."""
import json
import math

import irtest
from irtest import npy, run


class Lipschitz(irtest.FolderTest):
    def ask(self, *arguments, code=0):
        r = run("ir-lipschitz", *arguments, "--json", cwd=self.folder)
        self.assertEqual((r.returncode, r.stderr), (code, b""))
        return json.loads(r.stdout)

    def test_a_closed_form_needs_no_iteration(self):
        answer = self.ask("-A", "gradient", "--domain", "64,64")

        # ||gradient||^2 = sum over axes of 4 sin^2(pi (n-1) / (2 n))
        truth = math.sqrt(2 * 4 * math.sin(math.pi * 63 / 128) ** 2)
        self.assertLessEqual(answer["lower"], truth * (1 + 1e-12))
        self.assertGreaterEqual(answer["upper"], truth * (1 - 1e-12))
        self.assertLess(answer["upper"] - answer["lower"], 1e-9)
        self.assertEqual([n["node"] for n in answer["nodes"]], ["gradient"])

    def test_a_product_is_bounded_tightly(self):
        loose = self.ask("-A", "downsample(2) * blur(gaussian(1.5))", "--domain", "24,24")
        tight = self.ask("-A", "downsample(2) * blur(gaussian(1.5))", "--domain", "24,24", "--tight", "1e-3")

        self.assertLessEqual(loose["lower"], tight["upper"])
        self.assertGreaterEqual(loose["upper"], tight["lower"])
        self.assertLessEqual(tight["upper"] - tight["lower"], 1e-3 * tight["lower"])
        self.assertEqual([n["node"] for n in tight["nodes"]], ["product", "downsample", "blur"])

    def test_a_stack_of_three_blurs_has_norm_square_three(self):
        blurs = "[{}; {}; {}]".format(*("blur(gaussian(%g), boundary=circular)" % s for s in (1, 2, 3)))

        answer = self.ask("-A", blurs, "--domain", "32,32", "--tight", "1e-3")
        text = run("ir-lipschitz", "-A", blurs, "--domain", "32,32", "--tight", "1e-3").stdout.decode()

        self.assertAlmostEqual(answer["upper"] ** 2, 3, delta=3e-3)
        self.assertLessEqual(answer["lower"] ** 2, 3 + 1e-6)
        self.assertRegex(text, r"\|\|A\|\|\^2  \[(2\.99\d*|3), (3(\.00\d*)?)\]")

    def test_files_are_operators(self):
        self.write("m.npy", npy((4, 5), values=[i % 3 for i in range(20)]))

        answer = self.ask("-A", "3 * diagonal(@m.npy)", "--domain", "4,5", "--check", "--svd", "2")

        self.assertAlmostEqual(answer["upper"], 6, delta=1e-5)
        self.assertTrue(answer["adjoint"])
        self.assertEqual(len(answer["singular_values"]), 2)
        for value in answer["singular_values"]:
            self.assertLessEqual(value["lower"], 6 * (1 + 1e-6))
            self.assertGreaterEqual(value["upper"], 6 * (1 - 1e-6))

    def test_the_gradient_of_a_functional_has_its_constant(self):
        answer = self.ask("-f", "0.5 * square * (3 * identity) + 2 * huber(0.5)", "--domain", "8,8")

        self.assertAlmostEqual(answer["upper"], 0.5 * 9 + 2 / 0.5, delta=1e-9)

    def test_refusals_are_short_and_coded(self):
        cases = [
            (("--domain", "8,8"), "either an operator"),
            (("-A", "gradient", "-f", "l1", "--domain", "8,8"), "either an operator"),
            (("-A", "gradient"), "--domain"),
            (("-A", "gradiant", "--domain", "8,8"), "is 'gradient' meant?"),
            (("-f", "l1", "--domain", "8,8"), "no gradient"),
            (("-f", "square", "--domain", "8,8", "--check"), "of an operator"),
            (("-A", "gradient", "--domain", "8", "--spatial", "2"), "the domain has 1"),
        ]
        for arguments, words in cases:
            with self.subTest(arguments=arguments):
                r = run("ir-lipschitz", *arguments, cwd=self.folder)

                self.assertEqual(r.returncode, 2, r.stderr)
                self.assertEqual(r.stdout, b"")
                self.assertIn(words, r.stderr.decode())


if __name__ == "__main__":
    irtest.main()

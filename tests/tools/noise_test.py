"""ir-noise from the command line: statistics, repeatability, refusals."""

import irtest
from irtest import run


def moments(values):
    mean = sum(values) / len(values)
    return mean, sum((v - mean) ** 2 for v in values) / len(values)


class Noise(irtest.FolderTest):
    def noisy(self, name, *arguments):
        result = run("ir-noise", self.path(name), *arguments, "-o", self.path("noisy.npy"), "-f")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))
        return irtest.parse_npy(self.read("noisy.npy"))[2]

    def test_photon_and_read_noise_have_their_variance(self):
        self.write("flat.npy", irtest.npy((100, 200), "<u2", lambda i: 50))

        mean, variance = moments(self.noisy("flat.npy", "--poisson", "--gain", "0.5", "--sigma", "3"))

        self.assertAlmostEqual(mean, 50, delta=4 * (109 / 20000) ** .5)
        self.assertAlmostEqual(variance, 50 / 0.5 + 9, delta=4 * 109 * (2 / 20000) ** .5)

    def test_the_seed_decides_alone(self):
        self.write("stack.npy", irtest.npy((3, 40, 50)))
        options = ("--sigma", "2", "--poisson", "--seed", "5")
        first = self.noisy("stack.npy", *options)

        self.assertEqual(first, self.noisy("stack.npy", *options, "-j", "3"))
        self.assertNotEqual(first, self.noisy("stack.npy", "--sigma", "2", "--poisson", "--seed", "6"))
        pipe = irtest.Pipeline(["ir-read", self.path("stack.npy")], ["ir-noise", *options],
                               ["ir-write", self.path("piped.npy")])
        self.assertEqual(pipe.wait()[0], [0, 0, 0])
        self.assertEqual(irtest.parse_npy(self.read("piped.npy"))[2], first)

    def test_frames_have_noise_of_their_own(self):
        self.write("stack.npy", irtest.npy((2, 8, 8), values=lambda i: 1))

        v = self.noisy("stack.npy", "--sigma", "1")

        self.assertNotEqual(v[:64], v[64:])

    def test_what_is_no_mean_or_no_number_is_counted_and_refused(self):
        self.write("negative.npy", irtest.npy((2, 2), values=[1, -1, -2, 3]))
        self.write("nan.npy", irtest.npy((2, 2), values=[1, float("nan"), 2, 3]))

        negative = run("ir-noise", self.path("negative.npy"), "--poisson", "-o", self.path("x.npy"))
        nan = run("ir-noise", self.path("nan.npy"), "--sigma", "1", "-o", self.path("x.npy"))

        self.assert_refused(negative, 65)
        self.assertIn(b"frame 0: 2 of 4", negative.stderr)
        self.assert_refused(nan, 65)
        self.assertIn(b"frame 0: 1 of 4", nan.stderr)
        self.assertEqual(self.names(), ["nan.npy", "negative.npy"])

    def test_noise_must_be_asked_for(self):
        name = self.write("a.npy", irtest.npy((2, 2)))
        for options in ((), ("--gain", "2"), ("--sigma", "1", "--gain", "2"), ("--sigma", "-1"),
                        ("--poisson", "--gain", "0")):
            with self.subTest(options):
                self.assert_refused(run("ir-noise", name, *options, "-o", self.path("x.npy")), 2)


if __name__ == "__main__":
    irtest.main()

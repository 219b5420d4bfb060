"""Every example that a tool shows in its help runs as it stands, in a folder with the files that examples name."""

import functools
import math
import re

import irtest


def pattern(i):
    """Something with edges and slopes, between 20 and 220."""
    return 20 + (i * 7 + i // 48 * 13) % 101 + 100 * (i // 24 % 2)


def bell(shape, sigma=1.0):
    """Values of a Gaussian around the middle, as many as `shape` has places."""
    def value(i):
        square = 0
        for n in reversed(shape):
            i, k = divmod(i, n)
            square += (k - n // 2) ** 2
        return math.exp(-square / (2 * sigma ** 2))
    return value


def noisy(i):
    return pattern(i) + (i * 37 % 11) - 5


@functools.lru_cache
def transmission(view, u):
    return math.exp(-irtest.through_discs(3 * view, u - 23.5))


def counts(i):
    """Of a detector of 40 x 48 pixels, 60 views through discs around its middle."""
    return round(6 + 297 * transmission(i // (40 * 48), i % 48))


# name: (shape, dtype, values, options of ir-read)
FILES = {
    "stack.tif": ((12, 40, 48), "<u2", pattern, ""),
    "volume.h5:/data": ((12, 40, 48), "<f4", pattern, ""),
    "frame.raw": ((32, 32), "<u2", pattern, ""),
    "float.tif": ((40, 48), "<f4", lambda i: pattern(i) / 7, ""),
    "photo.png": ((3, 40, 48), "|u1", pattern, "--axes c,y,x"),
    "volume.tif": ((8, 20, 24), "<f4", pattern, ""),
    "blurred.tif": ((8, 20, 24), "<f4", pattern, ""),
    "clean.tif": ((40, 48), "<f4", pattern, ""),
    "noisy.tif": ((40, 48), "<f4", noisy, ""),
    "psf.tif": ((3, 5, 5), "<f4", bell((3, 5, 5)), ""),
    "projections.tif": ((60, 40, 48), "<u2", counts, ""),
    "flat.tif": ((2, 40, 48), "<u2", lambda i: 300 + i % 7, ""),
    "dark.tif": ((40, 48), "<u2", lambda i: 5 + i % 3, ""),
    "raw_scan.h5": ((60, 40, 48), "<u2", counts, "--flat flat.tif --dark dark.tif --angles 0:180"),
    "small.tif": ((20, 24), "<f4", pattern, ""),
    "mask.npy": ((16, 16), "|u1", lambda i: i % 3 > 0, ""),
    "psf2.tif": ((5, 5), "<f4", bell((5, 5)), ""),
}


def examples(tool):
    """Pairs of (explanation, command) from the help text."""
    text = irtest.run(tool, "--help").stdout.decode()
    section = re.search(r"\nExamples:\n(.*?)\n\n(?! )", text, re.DOTALL)[1]
    for block in section.split("\n\n"):
        lines = [line[2:] for line in block.splitlines()]
        said = [line[2:] for line in lines if line.startswith("# ")]
        yield " ".join(said), "\n".join(line for line in lines if not line.startswith("# "))


class Examples(irtest.FolderTest):
    def prepare(self, command):
        """An empty folder but for the files that the command names."""
        self.tearDown()
        self.setUp()
        def named(name, text):
            return re.search(r"(^|[ '@]){}\b".format(re.escape(name.split(":")[0])), text)

        sources = [options for name, (_, _, _, options) in FILES.items() if named(name, command)]
        for name, (shape, dtype, values, options) in FILES.items():
            if named(name, " ".join([command, *sources])):
                self.write("source.npy", irtest.npy(shape, dtype, values))
                made = irtest.shell(f"ir-read source.npy {options} | ir-write {name}", self.folder)
                self.assertEqual((made.returncode, made.stderr), (0, b""), name)
        self.before = self.names()

    def test_every_example_runs(self):
        self.assertTrue(irtest.tools(), "no tool is built")
        for tool in irtest.tools():
            given = list(examples(tool))
            self.assertGreater(len(given), 0, tool)
            for said, command in given:
                with self.subTest(tool=tool, command=command):
                    self.assertRegex(said, r"^[A-Z].*\.$")
                    self.assertIn(tool, command)
                    self.assertNotRegex(command, r"(^|[ '])[/~]|\.\./", "leaves the folder")
                    self.prepare(command)

                    result = irtest.shell(command, self.folder)

                    self.assertEqual(result.returncode, 0, result.stderr)
                    plan = "--dry-run" in command
                    if not plan:  # which goes to standard error where frames would have gone out
                        self.assertRegex(result.stderr.decode(),
                                         r"^(ir-[a-z]+: note: \d+ of \d+ values were clamped.*\n)?$")
                    self.assertTrue(plan or result.stdout or self.names() != self.before, "to no effect")


if __name__ == "__main__":
    irtest.main()

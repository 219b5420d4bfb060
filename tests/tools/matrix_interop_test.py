"""Matrices that SciPy writes as Matrix Market files are the operators that they are in SciPy.

Skipped, visibly, where a package is missing: python3-numpy python3-scipy.
"""
import io
import json
import sys

import irtest

try:
    import numpy as np
    import scipy.io
    import scipy.sparse
except ImportError as missing:
    print("skipped: %s" % missing)
    sys.exit(77)


class Matrices(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        self.random = np.random.default_rng(3)

    def check(self, matrix, **options):
        """ir-apply of a file of this matrix is the product with it; its adjoint and norm are SciPy's too."""
        scipy.io.mmwrite(self.path("m.mtx"), matrix, **options)
        full = matrix.toarray() if scipy.sparse.issparse(matrix) else matrix
        for operator, truth in (("matrix(@m.mtx)", full), ("matrix(@m.mtx).H * matrix(@m.mtx)", full.conj().T @ full)):
            x = self.random.normal(size=truth.shape[1])
            if np.iscomplexobj(truth):
                x = x + 1j * self.random.normal(size=x.shape)
            np.save(self.path("x.npy"), x)
            out = irtest.run("ir-apply", "x.npy", "-A", operator, "--rank", "1", "--precision", "double", "--to", "npy",
                             cwd=self.folder)
            self.assertEqual((out.returncode, out.stderr.decode()), (0, ""))
            np.testing.assert_allclose(np.load(io.BytesIO(out.stdout)), truth @ x, rtol=1e-12, atol=1e-12)
        complex_domain = ["--complex"] if np.iscomplexobj(full) else []
        out = irtest.run("ir-lipschitz", "-A", "matrix(@m.mtx)", "--domain", full.shape[1], "--tight", "1e-2", "--json",
                         *complex_domain, cwd=self.folder)
        norm, answer = np.linalg.norm(full, 2), json.loads(out.stdout)
        self.assertLessEqual(answer["lower"], norm * (1 + 1e-5))
        self.assertGreaterEqual(answer["upper"], norm * (1 - 1e-5))
        self.assertLessEqual(answer["upper"] - answer["lower"], 1e-2 * answer["lower"])

    def test_sparse_dense_real_complex_and_symmetric_ones(self):
        sparse = scipy.sparse.random(9, 7, 0.3, random_state=1)
        square = scipy.sparse.random(8, 8, 0.3, random_state=2)
        dense = self.random.normal(size=(4, 6))
        turned = sparse + 1j * scipy.sparse.random(9, 7, 0.3, random_state=4)
        for name, matrix, options in (
                ("sparse", sparse, {}), ("integer", (10 * sparse).astype(int), {}), ("complex", turned, {}),
                ("symmetric", square + square.T, {"symmetry": "symmetric"}),
                ("skew", square - square.T, {"symmetry": "skew-symmetric"}),
                ("hermitian", 1j * square - 1j * square.T + scipy.sparse.eye(8), {"symmetry": "hermitian"}),
                ("dense", dense, {}), ("dense complex", dense + 1j * dense[::-1], {}),
                ("dense symmetric", dense @ dense.T, {"symmetry": "symmetric"})):
            with self.subTest(name):
                self.check(matrix, precision=17, **options)

    def test_a_pattern_has_ones(self):
        pattern = scipy.sparse.random(5, 6, 0.4, random_state=5)
        pattern.data[:] = 1

        self.check(pattern, field="pattern")

    def test_what_takes_no_matrix_says_what_does(self):
        scipy.io.mmwrite(self.path("m.mtx"), scipy.sparse.eye(3))
        np.save(self.path("x.npy"), np.ones(3, "f4"))
        for operator, code, words in (("mask(@m.mtx)", 2, "matrix(@m.mtx) takes it"),
                                      ("matrix(@none.mtx)", 66, "none.mtx")):
            r = irtest.run("ir-apply", "x.npy", "-A", operator, "--rank", "1", "-o", "y.npy", cwd=self.folder)

            self.assertEqual(r.returncode, code)
            self.assertIn(words, r.stderr.decode())


if __name__ == "__main__":
    irtest.main()

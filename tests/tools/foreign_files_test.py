"""Files that are not a program's own outputs survive it: no folder is replaced, emptied or removed."""
import os

import irtest
from irtest import npy, run


class ForeignFiles(irtest.FolderTest):
    def setUp(self):
        super().setUp()
        self.write("x.npy", npy((3, 4, 4)))
        os.makedirs(self.path("out/deeper"))
        self.write("out/notes.txt", b"keep")
        self.write("out/deeper/00000.tif", b"mine")

    def solve(self, *arguments):
        return run("ir-solve", "x.npy", "-A", "identity", *arguments, cwd=self.folder).returncode

    def check_kept(self):
        self.assertEqual((self.read("out/notes.txt"), self.read("out/deeper/00000.tif")), (b"keep", b"mine"))

    def test_a_folder_of_frames_keeps_what_else_lies_there(self):
        self.assertEqual(self.solve("-o", "out/%05d.tif"), 0)
        self.assertEqual(self.solve("-o", "out/%05d.tif"), 73)
        self.assertEqual(self.solve("-f", "-o", "out/%05d.tif"), 0)

        self.check_kept()

    def test_a_folder_named_as_a_file_is_refused_and_kept(self):
        for arguments in (("-o", "out"), ("-o", "out", "--to", "npy"), ("-o", "out/", "--to", "tiff"),
                          ("-o", "y.npy", "--history", "out"), ("-o", "y.npy", "--report", "out"),
                          ("-o", "y.npy", "--plot", "out")):
            with self.subTest(arguments=arguments):
                self.assertIn(self.solve("-f", *arguments), (2, 73))

                self.check_kept()
                self.assertNotIn("y.npy", self.names())

    def test_a_folder_named_as_a_checkpoint_is_kept(self):
        self.solve("-f", "-o", "y.npy", "--frames", "0", "--checkpoint", "out")

        self.check_kept()


if __name__ == "__main__":
    irtest.main()

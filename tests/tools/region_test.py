"""A region of a file of 20 GB costs what the region costs: bytes read, memory and, generously, time."""
import os
import struct
import subprocess
import time

import irtest
from irtest import parse_npy

MIB = 1 << 20
DEPTH, HEIGHT, WIDTH = 400, 5000, 5000  # of u16: 20 GB
PLANE = HEIGHT * WIDTH * 2
PATCH = ("--roi", "2000:2064,3000:3080")  # 64 x 80 pixels, 10 kB a frame


class Region(irtest.FolderTest):
    def extend(self, f, size):
        try:
            f.truncate(size)
        except OSError as e:
            self.skipTest("no sparse file of 20 GB here: %s" % e.strerror)

    def mark(self, f, start, stride=(PLANE, 2 * WIDTH, 2)):
        """Values that tell where they lie, at the first pixel of the patch of some frames."""
        for z in (0, 7, DEPTH - 1):
            f.seek(start + z * stride[0] + 2000 * stride[1] + 3000 * stride[2])
            f.write(struct.pack("<H", 100 + z))

    def read_costs(self, *arguments, megabytes=4):
        """Values that ir-read gives; checks what it took."""
        begin = time.monotonic()
        with open(self.path("out.npy"), "wb") as out:
            p = subprocess.Popen(["ir-read", *arguments, "--to", "npy"], stdin=subprocess.DEVNULL, stdout=out, cwd=self.folder,
                                 stderr=subprocess.PIPE, env=irtest.environment())
            said = p.stderr.read().decode()
            os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOWAIT)
            try:
                with open("/proc/%d/io" % p.pid) as f:
                    counted = dict(line.split(": ") for line in f)
            except OSError:
                counted = {}
            self.assertEqual(p.wait(), 0, said)
            p.stderr.close()
        if "rchar" in counted:
            self.assertLess(int(counted["rchar"]), megabytes * MIB)
        self.assertLess(time.monotonic() - begin, 60)
        return parse_npy(self.read("out.npy"))

    def check(self, name, *options, megabytes=4):
        """One frame, some frames, and a patch of all: `name` is marked as above."""
        shape, _, values = self.read_costs(name, *options, "--frames", "7", *PATCH, megabytes=megabytes)
        self.assertEqual((shape[-2:], values[0], sum(values)), ((64, 80), 107, 107))
        shape, _, values = self.read_costs(name, *options, "--frames", "-1", "--roi", "2000,3000", megabytes=megabytes)
        self.assertEqual((shape[-2:], values), ((1, 1), [100 + DEPTH - 1]))
        shape, _, values = self.read_costs(name, *options, "--frames", "0:400:57", *PATCH, megabytes=2 * megabytes)
        self.assertEqual((shape, sum(values), values[0]), ((8, 64, 80), 100 + 100 + DEPTH - 1, 100))

    def test_npy(self):
        head = irtest.npy((0,), "<u2")[10:].decode().replace("(0, )", "(%d, %d, %d)" % (DEPTH, HEIGHT, WIDTH)).rstrip()
        head += " " * (-(len(head) + 11) % 64) + "\n"
        with open(self.path("a.npy"), "wb") as f:
            f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode())
            start = f.tell()
            self.extend(f, start + DEPTH * PLANE)
            self.mark(f, start)
        self.check("a.npy")

    def test_raw(self):
        with open(self.path("a.raw"), "wb") as f:
            self.extend(f, DEPTH * PLANE)
            self.mark(f, 0)
        self.check("a.raw", "--raw-shape", "5000,5000", "--raw-dtype", "u16")

    # -- BigTIFF by hand --------------------------------------------------------------------------

    def tags(self, f, entries):
        """An image file directory at the end of the file: (tag, type, values) each; returns its place."""
        codes = {2: "s", 3: "H", 4: "I", 16: "Q"}
        placed = []
        for tag, kind, values in entries:
            body = values if kind == 2 else struct.pack("<%d%s" % (len(values), codes[kind]), *values)
            if len(body) > 8:
                at = f.seek(0, 2)
                f.write(body)
                body = struct.pack("<Q", at)
            placed.append(struct.pack("<HHQ", tag, kind, len(values)) + body.ljust(8, b"\0"))
        at = f.seek(0, 2)
        f.write(struct.pack("<Q", len(placed)) + b"".join(placed) + struct.pack("<Q", 0))
        return at

    def page(self, f, places, extra=()):
        return self.tags(f, sorted([(256, 4, [WIDTH]), (257, 4, [HEIGHT]), (258, 3, [16]), (259, 3, [1]), (262, 3, [1]),
                                    (277, 3, [1]), *places, *extra]))

    def begin(self, name):
        f = open(self.path(name), "w+b")
        f.write(b"II" + struct.pack("<HHHQ", 43, 8, 0, 0))
        self.extend(f, 4096 + DEPTH * PLANE)
        return f

    def link(self, f, directories):
        """Chains the directories: each ends with the place of the next."""
        f.seek(8)
        f.write(struct.pack("<Q", directories[0]))
        for here, then in zip(directories, directories[1:]):
            f.seek(here)
            count, = struct.unpack("<Q", f.read(8))
            f.seek(here + 8 + 20 * count)
            f.write(struct.pack("<Q", then))

    def test_tiff_pages_of_one_strip(self):
        with self.begin("a.tif") as f:
            self.link(f, [self.page(f, [(273, 16, [4096 + z * PLANE]), (278, 4, [HEIGHT]), (279, 16, [PLANE])])
                          for z in range(DEPTH)])
            self.mark(f, 4096)
        self.check("a.tif")

    def test_tiff_pages_of_many_strips(self):
        rows, strip = 50, 50 * 2 * WIDTH
        with self.begin("a.tif") as f:
            self.link(f, [self.page(f, [(273, 16, [4096 + z * PLANE + k * strip for k in range(HEIGHT // rows)]),
                                        (278, 4, [rows]), (279, 16, [strip] * (HEIGHT // rows))]) for z in range(DEPTH)])
            self.mark(f, 4096)
        self.check("a.tif")

    def test_tiff_stack_with_one_directory(self):
        """As ImageJ writes what is larger than 4 GB: the pages follow the first without directories."""
        words = b"ImageJ=1.53\nimages=%d\nslices=%d\n\0" % (DEPTH, DEPTH)
        with self.begin("a.tif") as f:
            self.link(f, [self.page(f, [(273, 16, [4096]), (278, 4, [HEIGHT]), (279, 16, [PLANE])], [(270, 2, words)])])
            self.mark(f, 4096)
        self.check("a.tif")

    def test_tiff_of_tiles(self):
        side, across = 512, 10
        tile = 2 * side * side
        page = across * across * tile
        with self.begin("a.tif") as f:
            self.extend(f, 4096 + DEPTH * page)
            places = [[4096 + z * page + k * tile for k in range(across * across)] for z in range(DEPTH)]
            self.link(f, [self.page(f, [(322, 4, [side]), (323, 4, [side]), (324, 16, places[z]),
                                        (325, 16, [tile] * across * across)]) for z in range(DEPTH)])
            for z in (0, 7, DEPTH - 1):
                f.seek(places[z][2000 // side * across + 3000 // side] + 2 * (2000 % side * side + 3000 % side))
                f.write(struct.pack("<H", 100 + z))
        self.check("a.tif")

    # -- HDF5 -------------------------------------------------------------------------------------

    def hdf5(self, **how):
        try:
            import h5py
        except ImportError:
            self.skipTest("needs h5py")
        with h5py.File(self.path("a.h5"), "w", libver="latest") as f:
            d = f.create_dataset("data", (DEPTH, HEIGHT, WIDTH), "u2", **how)
            for z in (0, 7, DEPTH - 1):
                d[z, 2000, 3000] = 100 + z
        self.check("a.h5:/data")

    def test_hdf5_contiguous(self):
        self.hdf5()

    def test_hdf5_chunked(self):
        self.hdf5(chunks=(1, 500, 500))

    def test_hdf5_deflated(self):
        self.hdf5(chunks=(1, 250, 1000), compression="gzip", shuffle=True)

    def test_hdf5_chunks_across_frames(self):
        self.hdf5(chunks=(16, 64, 64))


if __name__ == "__main__":
    irtest.main()

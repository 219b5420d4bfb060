"""Files of h5py, tifffile, Pillow and NumPy are read right by the tools, and ours by them.

Skipped, visibly, where a package is missing: python3-numpy python3-h5py python3-tifffile python3-pil.
"""
import io
import json
import os
import sys
import unittest

import irtest

try:
    import h5py
    import numpy as np
    import PIL
    import PIL.Image
    import tifffile
except ImportError as missing:
    print("skipped: %s" % missing)
    sys.exit(77)

TYPES = ["u1", "i1", "u2", "i2", "u4", "i4", "f2", "f4", "f8", "c8", "c16"]
random = np.random.default_rng(1)


def values(shape, kind):
    """Noise that uses the whole range of an integer type."""
    kind = np.dtype(kind)
    if kind.kind in "ui":
        bounds = np.iinfo(kind)
        return random.integers(bounds.min, bounds.max, shape, dtype=kind, endpoint=True)
    if kind.kind == "c":
        return (random.normal(size=shape) + 1j * random.normal(size=shape)).astype(kind)
    return random.normal(size=shape).astype(kind)


class Interop(irtest.FolderTest):
    def read_by_us(self, name, *options):
        """What the tools find in a file, as an array."""
        out = irtest.run("ir-read", name, *options, "--to", "npy", cwd=self.folder)
        self.assertEqual((out.returncode, out.stderr.decode()), (0, ""), name)
        return np.load(io.BytesIO(out.stdout))

    def info(self, name):
        out = irtest.run("ir-info", "--json", name, cwd=self.folder)
        self.assertEqual(out.returncode, 0, out.stderr.decode())
        return json.loads(out.stdout)

    def assert_same(self, found, expected):
        expected = np.asarray(expected)
        self.assertEqual((found.shape, found.dtype), (expected.shape, expected.dtype.newbyteorder("=")))
        np.testing.assert_array_equal(found, expected)

    def write_by_us(self, array, name, *options):
        np.save(self.path("in.npy"), array)
        out = irtest.run("ir-read", "in.npy", "-o", name, "--force", *options, cwd=self.folder)
        self.assertEqual((out.returncode, out.stderr.decode()), (0, ""), name)
        return self.path(name.split(":")[0])


class ReadsTiff(Interop):
    def test_every_type_byte_order_layout_and_size_of_tifffile(self):
        for kind in TYPES:
            for order in "<>":
                for tile in (None, (16, 32)):
                    for packed in (False, True):
                        for big in (False, True):
                            a = values((3, 37, 53), kind)
                            integer = np.dtype(kind).kind in "ui"
                            tifffile.imwrite(self.path("a.tif"), a, byteorder=order, bigtiff=big, tile=tile,
                                             compression="zlib" if packed else None, predictor=packed and integer,
                                             rowsperstrip=None if tile else 7, photometric="minisblack")
                            with self.subTest(kind=kind, order=order, tile=tile, packed=packed, big=big):
                                self.assert_same(self.read_by_us("a.tif"), a)
            if kind == "u1":
                self.assertEqual(self.read_by_us("a.tif", "--roi", "5:20,30:50").shape, (3, 15, 20))

    def test_colours_interleaved_and_planar(self):
        for kind in ("u1", "u2", "f4"):
            for planar in (False, True):
                for tile in (None, (16, 16)):
                    a = values((3, 37, 53), kind)
                    tifffile.imwrite(self.path("a.tif"), a if planar else np.moveaxis(a, 0, -1), photometric="rgb",
                                     planarconfig="separate" if planar else "contig", tile=tile)
                    with self.subTest(kind=kind, planar=planar, tile=tile):
                        self.assert_same(self.read_by_us("a.tif"), a)

    def test_compressions_of_pillow(self):
        for compression in ("raw", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "packbits", "zstd", "lzma"):
            for mode, kind, channels in (("L", "u1", 0), ("RGB", "u1", 3), ("RGBA", "u1", 4), ("I;16", "u2", 0),
                                         ("F", "f4", 0)):
                a = values((37, 53) + ((channels,) if channels else ()), kind)
                if kind == "f4":
                    a = np.cumsum(a, axis=0, dtype="f4")
                PIL.Image.fromarray(a, mode).save(self.path("a.tif"), compression=compression)
                with self.subTest(compression=compression, mode=mode):
                    self.assert_same(self.read_by_us("a.tif"), np.moveaxis(a, -1, 0) if channels else a)

    def test_jpeg_bilevel_and_palette_pages_of_pillow(self):
        smooth = np.add.outer(np.arange(40), np.arange(56)).astype("u1")
        picture = PIL.Image.fromarray(np.dstack([smooth, 255 - smooth, smooth // 2]))
        picture.save(self.path("a.tif"), compression="jpeg", quality=95)
        with PIL.Image.open(self.path("a.tif")) as back:
            self.assert_same(self.read_by_us("a.tif"), np.moveaxis(np.asarray(back), -1, 0))
        bits = values((37, 53), "u1") > 128
        for compression in ("raw", "group3", "group4"):
            PIL.Image.fromarray(bits).save(self.path("b.tif"), compression=compression)
            self.assert_same(self.read_by_us("b.tif"), bits.astype("u1"))
        few = picture.quantize(16)
        few.save(self.path("p.tif"))
        self.assert_same(self.read_by_us("p.tif"), np.moveaxis(np.asarray(few.convert("RGB")), -1, 0))

    def test_imagej_hyperstacks(self):
        for kind in ("u1", "u2", "f4"):
            a = values((2, 3, 4, 17, 19), kind)
            tifffile.imwrite(self.path("a.tif"), a, imagej=True, resolution=(4, 4),
                             metadata={"axes": "TZCYX", "spacing": 0.5, "unit": "um", "finterval": 3})
            with self.subTest(kind=kind):
                self.assert_same(self.read_by_us("a.tif", "--along", "t", "--rank", "3"), np.moveaxis(a, 2, 1))
        # Only the first page has a directory, as in ImageJ's files above 4 GiB.
        tifffile.imwrite(self.path("t.tif"), a[0, :, 0], imagej=True)
        with tifffile.TiffWriter(self.path("s.tif"), imagej=True) as out:
            out.write(a[0, :, 0], truncate=True)
        with tifffile.TiffFile(self.path("s.tif")) as t:
            self.assertEqual(len(t.pages), 1)
        self.assert_same(self.read_by_us("s.tif"), a[0, :, 0])

    def test_shapes_of_tifffile(self):
        a = values((2, 5, 17, 19), "u2")
        tifffile.imwrite(self.path("a.tif"), a, photometric="minisblack")
        self.assert_same(self.read_by_us("a.tif", "--rank", "3"), a)
        with tifffile.TiffWriter(self.path("s.tif")) as out:
            out.write(a, truncate=True, photometric="minisblack")
        self.assert_same(self.read_by_us("s.tif", "--rank", "3"), a)

    def test_pages_that_differ_are_refused(self):
        with tifffile.TiffWriter(self.path("a.tif")) as out:
            out.write(values((17, 19), "u2"))
            out.write(values((17, 20), "u2"))
        self.assert_refused(irtest.run("ir-read", "a.tif", "--to", "npy", cwd=self.folder), 65)


class ReadsHdf5(Interop):
    def store(self, a, kind=None, name="data", **options):
        with h5py.File(self.path("a.h5"), "w") as f:
            f.create_dataset(name, data=a, dtype=kind or a.dtype, **options)

    def test_every_type_byte_order_layout_and_compression(self):
        layouts = ({}, {"chunks": (2, 9, 53)}, {"chunks": True, "compression": "gzip"},
                   {"chunks": (3, 37, 5), "compression": "gzip", "shuffle": True, "fletcher32": True})
        for kind in TYPES:
            for order in "<>":
                for layout in layouts:
                    a = values((3, 37, 53), kind)
                    self.store(a, np.dtype(kind).newbyteorder(order), "entry/data", **layout)
                    with self.subTest(kind=kind, order=order, layout=layout):
                        self.assert_same(self.read_by_us("a.h5"), a)
        self.assert_same(self.read_by_us("a.h5:/entry/data", "--frames", "1:3", "--roi", "2:30,10:53"),
                         a[1:3, 2:30, 10:53])
        self.assert_same(self.read_by_us("a.h5", "--along", "1"), np.moveaxis(a, 1, 0))

    def test_booleans_links_and_virtual_datasets(self):
        a = values((5, 17, 19), "u2")
        self.store(a[0] > 1000, name="mask")
        self.assert_same(self.read_by_us("a.h5"), (a[0] > 1000).astype("u1"))
        self.store(a)
        with h5py.File(self.path("b.h5"), "w") as f:
            f["there"] = h5py.ExternalLink("a.h5", "/data")
        self.assert_same(self.read_by_us("b.h5:/there"), a)
        layout = h5py.VirtualLayout((4, 17, 19), a.dtype)
        layout[:2], layout[2:] = (h5py.VirtualSource("a.h5", "data", a.shape)[k:k + 2] for k in (3, 0))
        with h5py.File(self.path("v.h5"), "w") as f:
            f.create_virtual_dataset("v", layout)
        self.assert_same(self.read_by_us("v.h5"), a[[3, 4, 0, 1]])

    def test_labels_of_axes(self):
        a = values((2, 3, 17, 19), "f4")
        with h5py.File(self.path("a.h5"), "w") as f:
            d = f.create_dataset("data", data=a)
            for i, name in enumerate("tcyx"):
                d.dims[i].label = name
        self.assert_same(self.read_by_us("a.h5"), a)
        # Frames along y; in a frame the channels come first.
        self.assert_same(self.read_by_us("a.h5", "--along", "y", "--rank", "1"), a.transpose(2, 1, 0, 3))

    def test_what_is_not_held_is_refused(self):
        for a in (values((3, 4), "f8").astype("i8"), np.array([b"text"]), np.zeros((0, 3), "f4"),
                  np.zeros(3, [("a", "f4"), ("b", "i4")])):
            self.store(a)
            self.assert_refused(irtest.run("ir-read", "a.h5:/data", "--to", "npy", cwd=self.folder), 65)


class ReadsPictures(Interop):
    def test_npy_in_every_type_and_order(self):
        for kind in TYPES:
            for order in "<>":
                for fortran in (False, True):
                    a = values((3, 17, 19), kind).astype(np.dtype(kind).newbyteorder(order))
                    np.save(self.path("a.npy"), np.asfortranarray(a) if fortran else a)
                    with self.subTest(kind=kind, order=order, fortran=fortran):
                        self.assert_same(self.read_by_us("a.npy"), a)

    def test_png_of_every_kind(self):
        for mode, kind, channels in (("L", "u1", 0), ("LA", "u1", 2), ("RGB", "u1", 3), ("RGBA", "u1", 4),
                                     ("I;16", "u2", 0)):
            a = values((37, 53) + ((channels,) if channels else ()), kind)
            PIL.Image.fromarray(a, mode).save(self.path("a.png"))
            with self.subTest(mode=mode):
                self.assert_same(self.read_by_us("a.png"), np.moveaxis(a, -1, 0) if channels else a)
        few = PIL.Image.fromarray(values((37, 53, 3), "u1")).quantize(5)
        few.save(self.path("p.png"))
        self.assert_same(self.read_by_us("p.png"), np.moveaxis(np.asarray(few.convert("RGB")), -1, 0))

    def test_jpeg(self):
        smooth = np.add.outer(np.arange(40), np.arange(56)).astype("u1")
        for a in (smooth, np.dstack([smooth, 255 - smooth, smooth // 2])):
            for progressive in (False, True):
                PIL.Image.fromarray(a).save(self.path("a.jpg"), quality=95, progressive=progressive)
                with PIL.Image.open(self.path("a.jpg")) as back:
                    expected = np.asarray(back)
                self.assert_same(self.read_by_us("a.jpg"), np.moveaxis(expected, -1, 0) if a.ndim == 3 else expected)
        PIL.Image.fromarray(np.dstack([smooth] * 4), "CMYK").save(self.path("a.jpg"))
        self.assert_refused(irtest.run("ir-read", "a.jpg", "--to", "npy", cwd=self.folder), 65)


class IsRead(Interop):
    def test_tiff_by_tifffile(self):
        for kind in TYPES:
            for level in ("0", "6"):
                a = values((3, 300, 53), kind)
                name = self.write_by_us(a, "a.tif", "--compression", level)
                with self.subTest(kind=kind, level=level):
                    self.assert_same(tifffile.imread(name), a)
        with tifffile.TiffFile(self.write_by_us(a.real.astype("f4"), "a.tif")) as t:
            self.assertTrue(t.is_imagej)
            self.assertEqual(t.imagej_metadata["slices"], 3)

    def test_tiff_by_pillow(self):
        for kind, channels in (("u1", 0), ("u1", 3), ("u1", 4), ("u2", 0), ("f4", 0)):
            for level in ("0", "6"):
                a = values(((channels,) if channels else ()) + (300, 53), kind)
                name = self.write_by_us(a, "a.tif", "--compression", level, *(["--axes", "c,y,x"] if channels else []))
                with PIL.Image.open(name) as image, self.subTest(kind=kind, channels=channels, level=level):
                    self.assert_same(np.asarray(image), np.moveaxis(a, 0, -1) if channels else a)

    def test_hdf5_by_h5py(self):
        for kind in TYPES:
            for level in ("0", "4"):
                a = values((3, 300, 53), kind)
                with h5py.File(self.write_by_us(a, "a.h5:/g/data", "--compression", level), "r") as f:
                    with self.subTest(kind=kind, level=level):
                        self.assert_same(f["g/data"][()], a)
                        self.assertEqual([d.label for d in f["g/data"].dims], ["z", "y", "x"])
                        self.assertEqual(f["g/data"].compression, None if level == "0" else "gzip")

    def test_png_by_pillow(self):
        for kind, channels in (("u1", 0), ("u1", 2), ("u1", 3), ("u1", 4), ("u2", 0)):
            a = values(((channels,) if channels else ()) + (300, 53), kind)
            name = self.write_by_us(a, "a.png", *(["--axes", "c,y,x"] if channels else []))
            with PIL.Image.open(name) as image, self.subTest(kind=kind, channels=channels):
                self.assert_same(np.asarray(image).astype(kind), np.moveaxis(a, 0, -1) if channels else a)

    def test_npy_by_numpy(self):
        for kind in TYPES:
            a = values((3, 17, 19), kind)
            with self.subTest(kind=kind):
                self.assert_same(np.load(self.write_by_us(a, "a.npy")), a)


if __name__ == "__main__":
    irtest.main()

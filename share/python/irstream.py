"""Read and write the frame streams of ir-tools (irs(5)) in Python, with NumPy alone.

A filter in a pipeline, here with PyTorch (JAX, CuPy and others work the same way):

    import sys, irstream, torch
    source = irstream.Reader(sys.stdin.buffer)
    with irstream.Writer.like(source, sys.stdout.buffer, dtype="f32") as out:
        for f in source:
            out.write(net(torch.from_numpy(f).float()).numpy())

    $ ir-read scan.tif | python filter.py | ir-write out.h5

Frames out of nothing; an exception inside `with` reaches the tools that follow, and no output of
theirs appears:

    with irstream.Writer(sys.stdout.buffer, "u16", (512, 512), axes="yx", along="z") as w:
        for k in range(100):
            w.write(image(k))

A tool as a function in a loop, one frame in, one frame out:

    with irstream.pipe(["ir-denoise", "--sigma", "5"]) as denoise:
        for k in range(10):
            x = denoise(x - gradient(x))

Frames come as NumPy arrays in C order, which may be written to. Everything is checked: a stream
that was cut, damaged or aborted raises, and never ends a loop as if it were complete.
"""

import struct
import subprocess
import threading
from dataclasses import replace

import numpy as np

from irstream_records import (BLOCK, DTYPES, HEAD_LIMIT, HEADER, JSON_LIMIT, LARGEST_PART, PART,
                              SIGNATURE, TRAILER, Aborted, Array, Axis, Frame, IrsError, Order,
                              Truncated, check, dtype_of, dump_head, dump_json, is_intact,
                              parse_array, parse_axis, parse_json, sealed)
from irstream_xxh3 import xxh3_64

__all__ = ["Aborted", "Array", "Axis", "DTYPES", "Frame", "IrsError", "Reader", "Truncated",
           "Writer", "dtype_of", "pipe"]


class Reader:
    """Reads a stream from a binary file object; the header is read at once.

    Iterating gives the frames of the data. Frames of other arrays come before them and lie in
    `sides`: {"psf": [array], ...}. `meta` is the stream's metadata, `frame_meta` that of the frame
    that came last (or None). The stream ends with its end mark: nothing after it is looked at.
    """

    def __init__(self, file, on_progress=None):
        self._file, self._on_progress, self._order = file, on_progress, None
        self.sides, self.frame_meta = {}, None
        preamble = self._take(BLOCK, "empty")
        if not preamble.startswith(SIGNATURE) or not is_intact(preamble):
            raise IrsError("not a frame stream (IRS), or damaged")
        if struct.unpack_from("<H", preamble, 8)[0] != 1:
            raise IrsError("a frame stream of a version that is not 1.x")
        kind, j = None, None
        while kind != b"HEAD":
            kind, j, _ = self._record()
        try:
            self.arrays = [parse_array(a) for a in j["arrays"]]
            self.along = parse_axis(j["along"]) if "along" in j else None
            self.meta = j.get("meta", {})
        except (KeyError, TypeError, AttributeError) as e:
            raise IrsError(f"header: {e!r}") from None
        check(self.arrays, self.along)
        self.data = next(a for a in self.arrays if a.role == "data")
        self._order = Order(self.arrays, self.along)

    def __iter__(self):
        for f in self.frames():
            self.frame_meta = f.meta
            if f.array is self.data:
                yield f.values
            else:
                self.sides.setdefault(f.array.name, []).append(f.values)

    def frames(self):
        """All frames of all arrays, as `Frame`s."""
        values = meta = None
        while True:
            kind, j, place = self._record()
            if kind == b"HEAD":
                raise IrsError("a second header inside a stream")
            if kind == b"TAIL":
                return self._order.finish((j or {}).get("frames"))
            if kind != b"FRAM":
                continue
            i, number, first, lines, h = place
            array = self.arrays[i]
            if first == 0:
                values, meta = np.empty(array.shape, array.dtype), j
            bytes_of = memoryview(values.reshape(-1).view(np.uint8))
            payload = bytes_of[first * array.line_bytes:(first + lines) * array.line_bytes]
            self._payload(h, payload)
            if self._order.open is None:
                yield Frame(array, number, values, meta)

    def _record(self):
        """Type, JSON and, of FRAM, place; payload and trailer of FRAM are left to the caller."""
        block = self._take(BLOCK)
        magic, kind, flags, i, number, first, lines, payload, length, _ = HEADER.unpack_from(block)
        if magic != b"IRr1" or not is_intact(block) or not kind.isalpha():
            raise IrsError("damaged: not a record header")
        if flags >> 16 or length > (HEAD_LIMIT if kind == b"HEAD" else JSON_LIMIT):
            raise IrsError("a record that needs a later version")
        place = None
        if kind == b"FRAM":
            if self._order is None:
                raise IrsError("a frame stream without a header")
            self._order.accept(i, number, first, lines)
            a = self.arrays[i]
            if payload != lines * a.line_bytes or (lines > 1 and payload > LARGEST_PART):
                raise IrsError(f"{payload} bytes for {lines} lines of array {a.name!r}")
            if first > 0 and length > 0:
                raise IrsError("JSON in a later part of a frame")
            place = i, number, first, lines, block
        elif payload > (0 if kind in (b"HEAD", b"TAIL", b"ABRT", b"prog") else LARGEST_PART):
            raise IrsError(f"a record {kind.decode()} with {payload} bytes of payload")
        text = self._take(length)
        self._padding(length)
        self._sum = xxh3_64(text)
        j = parse_json(text) if length else None
        if place is None:
            self._payload(block, memoryview(bytearray(payload)))
            self._understand(kind, j or {})
        return kind, j, place

    def _payload(self, header, to):
        self._take_into(to)
        self._padding(len(to))
        t = self._take(BLOCK)
        _, kind, _, _, _, _, _, payload, length, _ = HEADER.unpack_from(header)
        expected = TRAILER.pack(b"IRt1", kind, self._sum, xxh3_64(to), length, payload,
                                struct.unpack_from("<Q", header, BLOCK - 8)[0])
        if not t.startswith(expected) or not is_intact(t):
            raise IrsError("damaged: wrong checksum")

    def _understand(self, kind, j):
        if kind == b"ABRT":
            raise Aborted(j.get("tool", "an earlier command"), j.get("exit", 76),
                          j.get("message", "no reason given"))
        if kind == b"prog" and self._on_progress:
            self._on_progress(j)
        elif kind[:1].isupper() and kind not in (b"HEAD", b"TAIL"):
            raise IrsError(f"a record {kind.decode()}, which needs a later version")
        elif kind == b"TAIL" and self._order is None:
            raise IrsError("a frame stream without a header")

    def _padding(self, length):
        if any(self._take(-length % BLOCK)):
            raise IrsError("damaged: padding that is not zero")

    def _take(self, n, if_none="cut short"):
        data = bytearray(n)
        self._take_into(memoryview(data), if_none)
        return bytes(data)

    def _take_into(self, to, if_none="cut short"):
        have = 0
        while have < len(to):
            n = self._file.readinto(to[have:])
            if not n:
                count = sum(self._order.counts) if self._order else 0
                raise Truncated(f"the stream is {if_none if not have else 'cut short'}: it ends "
                                f"after {count} frames, without an end mark")
            have += n


class Writer:
    """Writes a stream to a binary file object; the header leaves at once.

    dtype, shape  of the frames of the data
    axes          their names, slowest first: "zyx", ["y", "x"] or Axis objects; else, from the
                  right, x y z t
    along         the axis that frames follow each other on: a name or an Axis; "" for one frame;
                  else the first of z t n that is free
    frames        how many there will be, where that is known
    arrays        all arrays, instead of dtype, shape and axes; frames of others go before the data
    nominal       {"dtype": "u16", "range": [0, 4095]}: the range that integers of the file have
    meta          a dict of whatever else is to be known
    """

    def __init__(self, file, dtype=None, shape=None, *, axes=None, along=None, frames=None,
                 nominal=None, meta=None, arrays=None, allow_empty=False, tool="python"):
        if arrays is None:
            names = "tzyx"[max(0, 4 - len(shape)):] if axes is None else axes
            if len(names) != len(shape):
                raise ValueError(f"{len(shape)} axes need as many names, not {names!r}")
            axes = [replace(a, size=n) if isinstance(a, Axis) else Axis(a, n)
                    for a, n in zip(names, shape)]
            arrays = [Array("data", dtype, axes, "data", nominal, frames)]
        self.arrays = arrays
        self.data = next(a for a in arrays if a.role == "data")
        if along is None:
            along = next(n for n in "ztn" if n not in [a.name for a in self.data.axes])
        self.along = along if isinstance(along, Axis) else Axis(along, frames or 0)
        check(arrays, self.along if self.along.name else None)
        self._file, self._tool, self._allow_empty = file, tool, allow_empty
        self._order = Order(arrays, self.along if self.along.name else None)
        self._ended = self._broken = False
        preamble = sealed(SIGNATURE + struct.pack("<HH", 1, 0))
        self._record(b"HEAD", dump_head(arrays, self.along, meta), before=preamble)

    @classmethod
    def like(cls, reader, file, dtype=None, shape=None, **options):
        """A stream with the data's axes and metadata of another, in another dtype or shape.

        Arrays other than the data are left out. An axis keeps its geometry where its size stays.
        """
        of = reader.data
        shape = of.shape if shape is None else tuple(shape)
        axes = [a if a.size == n else Axis(a.name, n, a.unit) for a, n in zip(of.axes, shape)]
        array = Array(of.name, of.dtype if dtype is None else dtype, axes, "data",
                      options.pop("nominal", of.nominal), of.frames)
        options = {"along": reader.along or "", "meta": reader.meta, **options}
        return cls(file, arrays=[array], **options)

    def write(self, values, array=None, meta=None):
        """Writes the next frame of the data, or of the array of that name, and flushes."""
        i = [a.name for a in self.arrays].index(array or self.data.name)
        a = self.arrays[i]
        values = np.ascontiguousarray(values, a.dtype)
        if values.shape != a.shape:
            raise ValueError(f"a frame of {values.shape}: array {a.name!r} has {a.shape}")
        payload = memoryview(values.reshape(-1).view(np.uint8))
        number, step = self._order.counts[i], max(1, min(PART // a.line_bytes, a.lines))
        for first in range(0, a.lines, step):
            lines = min(step, a.lines - first)
            self._order.accept(i, number, first, lines)
            self._record(b"FRAM", dump_json(meta) if meta and first == 0 else b"",
                         payload[first * a.line_bytes:(first + lines) * a.line_bytes],
                         (i, number, first, lines))
        self.flush()

    def progress(self, done, total=0, unit="frame"):
        """Tells the tools that follow how far this one is."""
        self._record(b"prog", dump_json({"tool": self._tool, "done": done, "total": total,
                                     "unit": unit}))

    def finish(self):
        """The end mark; without it the stream counts as cut. Called by `with`."""
        if self._ended:
            return
        self._order.finish(list(self._order.counts))
        if not self._order.counts[self._order.data] and not self._allow_empty:
            raise IrsError("there are no frames to write")
        self._record(b"TAIL", dump_json({"frames": self._order.counts}))
        self._ended = True
        self.flush()

    def abort(self, message, code=1):
        """Instead of `finish`: tells the tools that follow that this one failed."""
        if self._ended or self._broken:
            return
        self._ended = True
        self._record(b"ABRT", dump_json({"tool": self._tool, "exit": code,
                                         "message": str(message)}))
        self.flush()

    def flush(self):
        getattr(self._file, "flush", lambda: None)()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        if error is None:
            return self.finish()
        try:
            self.abort(f"{kind.__name__}: {error}")
        except OSError:
            pass  # nobody is left to be told

    def _record(self, kind, text, payload=b"", place=(0, 0, 0, 0), before=b""):
        if len(text) > (HEAD_LIMIT if kind == b"HEAD" else JSON_LIMIT):
            raise ValueError(f"{len(text)} bytes of metadata do not fit a record")
        header = sealed(HEADER.pack(b"IRr1", kind, 0, *place, len(payload), len(text), 0))
        trailer = sealed(TRAILER.pack(b"IRt1", kind, xxh3_64(text), xxh3_64(payload), len(text),
                                        len(payload), struct.unpack_from("<Q", header, 56)[0]))
        self._broken = True
        self._put(before + header + text + bytes(-len(text) % BLOCK))
        self._put(payload)
        self._put(bytes(-len(payload) % BLOCK) + trailer)
        self._broken = False

    def _put(self, data):
        view = memoryview(data)
        while len(view):  # an unbuffered file may take less than all
            view = view[self._file.write(view):]


class pipe:
    """A program that reads and writes frame streams, as a function from frame to frame.

    It must give one frame for each that it gets, before it needs the next: stages of ir-tools that
    work on single frames do. `options` are those of `Writer`. Use it in `with`, or call `close`.
    """

    def __init__(self, command, **options):
        self._command, self._options = command, options
        self._child = self._writer = self._reader = self._frames = None

    def __call__(self, values):
        values = np.asarray(values)
        if self._child is None:
            self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE)
            self._writer = Writer(self._child.stdin, values.dtype, values.shape, **self._options)
        # The child may answer before it has read everything: writing must not wait for reading.
        failed = []

        def send():
            try:
                self._writer.write(values)
            except Exception as e:  # told below, in the caller's thread
                failed.append(e)

        sender = threading.Thread(target=send)
        sender.start()
        try:
            answer = self._next()
        except BaseException:
            self._kill()
            raise
        finally:
            sender.join()
        if failed:
            self._kill()
            raise failed[0]
        return answer

    def _next(self):
        if self._reader is None:
            self._reader = Reader(self._child.stdout)
            self._frames = iter(self._reader)
        for values in self._frames:
            return values
        raise IrsError(f"{self._command}: ended after fewer frames than it got")

    def close(self):
        """Ends the stream, waits for the program; raises if it failed."""
        if self._child is None:
            return
        child, self._child = self._child, None
        self._writer.finish()
        child.stdin.close()
        extra = sum(1 for _ in self._frames)
        child.stdout.close()
        if child.wait() or extra:
            raise IrsError(f"{self._command}: exit status {child.returncode}, {extra} frames more")

    def _kill(self):
        child, self._child = self._child, None
        child.kill()
        for end in (child.stdin, child.stdout):
            try:
                end.close()
            except OSError:
                pass  # what was not written is of no use any more
        child.wait()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.close()
        elif self._child is not None:
            self._kill()

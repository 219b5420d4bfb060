"""What a frame stream is made of, irs(5): arrays and axes, JSON, blocks, the order of frames."""

import json
import math
import struct
from dataclasses import dataclass, field
from typing import Optional

import numpy as np

from irstream_xxh3 import xxh3_64

SIGNATURE = b"\x89IRS\r\n\x1a\n"
ROLES = ("data", "flat", "dark", "mask", "weight", "psf", "coordinate", "other")
DTYPES = {"u8": "<u1", "i8": "<i1", "u16": "<u2", "i16": "<i2", "u32": "<u4", "i32": "<i4",
          "f16": "<f2", "f32": "<f4", "f64": "<f8", "c64": "<c8", "c128": "<c16"}
NAMES = {np.dtype(code): name for name, code in DTYPES.items()}

BLOCK = 64
PART, LARGEST_PART = 4 << 20, 64 << 20  # bytes: what is written, what is read
JSON_LIMIT, HEAD_LIMIT, DEPTH = 1 << 20, 16 << 20, 32
HEADER = struct.Struct("<4s4sIIQQQQII")  # magic type flags array frame line lines payload json 0
TRAILER = struct.Struct("<4s4sQQQQQ")    # magic type sums(json payload) lengths header's sum


class IrsError(ValueError):
    """Not a stream, damaged, or out of order."""


class Truncated(IrsError):
    """The stream ends without its end mark: whoever wrote it failed or was killed."""


class Aborted(IrsError):
    """An earlier tool failed and said so: `tool`, `code` (its exit status), `message`."""

    def __init__(self, tool, code, message):
        super().__init__(f"{tool}: {message}")
        self.tool, self.code, self.message = tool, code, message


def dtype_of(dtype):
    """The NumPy dtype of "f32", np.float32, ...; little-endian."""
    d = np.dtype(DTYPES.get(dtype, dtype) if isinstance(dtype, str) else dtype).newbyteorder("<")
    if d not in NAMES:
        raise TypeError(f"{dtype} cannot travel: one of {', '.join(DTYPES)} is needed")
    return d


@dataclass
class Axis:
    """Sample k of an axis lies at origin + k * spacing, in `unit` (empty: pixels)."""
    name: str
    size: int = 0
    unit: str = ""
    spacing: float = 1.0
    origin: float = 0.0


@dataclass
class Array:
    """One array of a stream: all its frames have these axes (slowest first) and this dtype."""
    name: str
    dtype: object
    axes: list = field(default_factory=list)
    role: str = "data"
    nominal: Optional[dict] = None  # {"dtype": "u16", "range": [0, 4095]}
    frames: Optional[int] = None    # None: not known yet

    def __post_init__(self):
        self.dtype = dtype_of(self.dtype)

    @property
    def shape(self):
        return tuple(a.size for a in self.axes)

    @property
    def lines(self):
        return math.prod(self.shape[:-1])

    @property
    def line_bytes(self):
        return (self.shape[-1] if self.axes else 1) * self.dtype.itemsize


@dataclass
class Frame:
    """One frame of any array."""
    array: Array
    number: int
    values: np.ndarray
    meta: Optional[dict] = None


def _object(pairs):
    if len(dict(pairs)) != len(pairs):
        raise IrsError("damaged: a key comes twice in JSON")
    return dict(pairs)


def _refuse(text):
    raise IrsError(f"damaged: {text} in JSON")


def _depth(value):
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return 0
    return 1 + max(map(_depth, value), default=0)


def parse_json(data):
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse)
        if not isinstance(value, dict) or _depth(value) > DEPTH:
            raise IrsError("damaged: JSON that is no object, or nested too deeply")
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as e:
        raise IrsError(f"damaged: {e}") from None
    return value


def dump_json(value):
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()


def dump_axis(a):
    out = {"name": a.name, "size": a.size, "spacing": a.spacing, "origin": a.origin}
    return {**out, "unit": a.unit} if a.unit else out


def dump_head(arrays, along, meta):
    head = {"arrays": [{"name": a.name, "role": a.role, "dtype": NAMES[a.dtype],
                        "axes": [dump_axis(x) for x in a.axes],
                        **({"nominal": a.nominal} if a.nominal else {}),
                        **({} if a.frames is None else {"frames": a.frames})} for a in arrays]}
    if along and along.name:
        head["along"] = dump_axis(along)
    if meta:
        head["meta"] = meta
    return dump_json(head)


def parse_axis(j):
    return Axis(j["name"], j.get("size", 0), j.get("unit", ""), j.get("spacing", 1.0),
                j.get("origin", 0.0))


def parse_array(j):
    if j["role"] not in ROLES or j["dtype"] not in DTYPES:
        raise IrsError(f"header: array {j['name']!r} has a role or dtype that does not exist")
    return Array(j["name"], j["dtype"], [parse_axis(a) for a in j["axes"]],
                 j["role"], j.get("nominal"), j.get("frames"))


def check(arrays, along):
    names = [a.name for a in arrays]
    if len(set(names)) != len(names) or [a.role for a in arrays].count("data") != 1:
        raise IrsError("header: names of arrays must differ, and one array must have the role data")
    for a in arrays:
        axes = [x.name for x in a.axes] + ([along.name] if along and a.role == "data" else [])
        if len(set(axes)) != len(axes) or len(a.axes) > 8:
            raise IrsError(f"header: array {a.name!r} has an axis twice, or more than 8")
        for x in a.axes:
            if not isinstance(x.size, int) or x.size < 1:
                raise IrsError(f"header: axis {x.name!r} of array {a.name!r} has size {x.size}")
            if not x.spacing or not math.isfinite(x.spacing) or not math.isfinite(x.origin):
                raise IrsError(f"header: axis {x.name!r} of array {a.name!r}: spacing and origin")
        if a.lines * a.line_bytes >= 1 << 62:
            raise IrsError(f"header: frames of array {a.name!r} are too large")


def sealed(fields):
    body = fields.ljust(BLOCK - 8, b"\0")
    return body + struct.pack("<Q", xxh3_64(body))


def is_intact(block):
    return struct.unpack_from("<Q", block, BLOCK - 8)[0] == xxh3_64(block[:BLOCK - 8])


class Order:
    """Frames count from 0, lines follow each other, other arrays come before the data."""

    def __init__(self, arrays, along):
        self.arrays, self.counts = arrays, [0] * len(arrays)
        self.expected = [a.frames for a in arrays]
        self.data = [a.role for a in arrays].index("data")
        if self.expected[self.data] is None and along and along.size > 0:
            self.expected[self.data] = along.size
        self.open, self.line, self.data_begun = None, 0, False

    def accept(self, i, number, first, lines):
        if i >= len(self.arrays):
            raise IrsError(f"a frame of array {i}: there are {len(self.arrays)}")
        a = self.arrays[i]
        where = (i, number, first)
        due = (i if self.open is None else self.open, self.counts[i], 0 if self.open is None
               else self.line)
        if where != due or lines < 1 or first + lines > a.lines:
            raise IrsError(f"lines {first} to {first + lines} of frame {number} of array "
                           f"{a.name!r}: line {due[2]} of frame {due[1]} is expected")
        if i != self.data and self.data_begun:
            raise IrsError(f"a frame of array {a.name!r} after the first frame of the data")
        if i == self.data and not self.data_begun:
            self._complete(lambda k: k != self.data)
            self.data_begun = True
        if self.expected[i] is not None and number >= self.expected[i]:
            raise IrsError(f"frame {number} of array {a.name!r}, which has {self.expected[i]}")
        self.line = first + lines
        self.open = i if self.line < a.lines else None
        self.counts[i] += self.open is None

    def _complete(self, wanted):
        for k, a in enumerate(self.arrays):
            if wanted(k) and self.expected[k] is not None and self.counts[k] != self.expected[k]:
                raise IrsError(f"{self.counts[k]} frames of array {a.name!r}: the header says "
                               f"{self.expected[k]}")

    def finish(self, counts):
        if self.open is not None or counts != self.counts:
            raise IrsError(f"the end mark counts {counts} frames, {self.counts} came")
        self._complete(lambda k: True)

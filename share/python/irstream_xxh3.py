"""XXH3, 64 bits, seed 0: the checksum of irs(5).

`xxh3_64(buffer)` uses libxxhash where it is installed and NumPy otherwise (about 0.3 GB/s).
The algorithm is Yann Collet's; https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
"""

import ctypes

import numpy as np

_MASK = (1 << 64) - 1
_P32 = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)
_P64 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
        0x27D4EB2F165667C5)
_SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
_STRIPE, _BLOCK = 64, 1024  # bytes; a block is what the secret scrambles once


def _u64(b, at):
    return int.from_bytes(b[at:at + 8], "little")


def _u32(b, at):
    return int.from_bytes(b[at:at + 4], "little")


def _fold(a, b):
    product = a * b
    return (product & _MASK) ^ (product >> 64)


def _mix(h, shift_a, factor, shift_b):
    h ^= h >> shift_a
    h = h * factor & _MASK
    return h ^ (h >> shift_b)


def _avalanche(h):
    return _mix(h, 37, 0x165667919E3779F9, 32)


def _avalanche_64(h):
    h = (h ^ (h >> 33)) * _P64[1] & _MASK
    return _mix(h, 29, _P64[2], 32)


def _rotated(h, by):
    return (h << by | h >> (64 - by)) & _MASK


def _mix_16(b, at, key):
    return _fold(_u64(b, at) ^ _u64(_SECRET, key), _u64(b, at + 8) ^ _u64(_SECRET, key + 8))


def _up_to_16(b):
    n = len(b)
    if n > 8:
        low = _u64(b, 0) ^ _u64(_SECRET, 24) ^ _u64(_SECRET, 32)
        high = _u64(b, n - 8) ^ _u64(_SECRET, 40) ^ _u64(_SECRET, 48)
        swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
        return _avalanche((n + swapped + high + _fold(low, high)) & _MASK)
    if n > 3:
        h = (_u32(b, n - 4) | _u32(b, 0) << 32) ^ _u64(_SECRET, 8) ^ _u64(_SECRET, 16)
        h ^= _rotated(h, 49) ^ _rotated(h, 24)
        h = h * 0x9FB21C651E98DF25 & _MASK
        h = (h ^ ((h >> 35) + n)) * 0x9FB21C651E98DF25 & _MASK
        return h ^ (h >> 28)
    if n > 0:
        h = b[0] << 16 | b[n >> 1] << 24 | b[n - 1] | n << 8
        return _avalanche_64(h ^ _u32(_SECRET, 0) ^ _u32(_SECRET, 4))
    return _avalanche_64(_u64(_SECRET, 56) ^ _u64(_SECRET, 64))


def _up_to_128(b):
    n = len(b)
    h = n * _P64[0]
    for i in range((n - 1) // 32, -1, -1):
        h += _mix_16(b, 16 * i, 32 * i) + _mix_16(b, n - 16 * (i + 1), 32 * i + 16)
    return _avalanche(h & _MASK)


def _up_to_240(b):
    n = len(b)
    h = n * _P64[0] + sum(_mix_16(b, 16 * i, 16 * i) for i in range(8))
    h = _avalanche(h & _MASK)
    h += sum(_mix_16(b, 16 * i, 16 * (i - 8) + 3) for i in range(8, n // 16))
    return _avalanche((h + _mix_16(b, n - 16, 136 - 17)) & _MASK)


def _sums(stripes, keys):
    """What stripes (..., stripe, lane) add to the eight lanes, summed over the stripes."""
    mixed = stripes ^ keys
    low, high = mixed & np.uint64(0xFFFFFFFF), mixed >> np.uint64(32)
    low *= high
    low += stripes[..., [1, 0, 3, 2, 5, 4, 7, 6]]
    return low.sum(axis=-2, dtype=np.uint64)


def _long(b):
    """More than 240 bytes: eight lanes; all blocks at once but for the scrambling between them."""
    n = b.size
    key = np.frombuffer(_SECRET, np.uint8)
    keys = np.stack([key[8 * i:8 * i + 64].view("<u8") for i in range(_BLOCK // _STRIPE)])
    scramble = key[128:192].view("<u8")
    lanes = np.array([_P32[2], *_P64[:4], _P32[1], _P64[4], _P32[0]], np.uint64)
    blocks = (n - 1) // _BLOCK
    for start in range(0, blocks, 1024):  # a megabyte at a time stays in cache
        end = min(start + 1024, blocks)
        data = b[start * _BLOCK:end * _BLOCK].view("<u8").reshape(end - start, -1, 8)
        for added in _sums(data, keys):
            lanes += added
            lanes ^= lanes >> np.uint64(47)
            lanes ^= scramble
            lanes *= np.uint64(_P32[0])
    stripes = (n - 1 - blocks * _BLOCK) // _STRIPE
    rest = b[blocks * _BLOCK:blocks * _BLOCK + stripes * _STRIPE].view("<u8").reshape(-1, 8)
    lanes += _sums(rest, keys[:stripes])
    lanes += _sums(b[n - _STRIPE:].copy().view("<u8").reshape(1, 8), key[121:185].view("<u8"))
    h = n * _P64[0]
    for i in range(4):
        h += _fold(int(lanes[2 * i]) ^ _u64(_SECRET, 11 + 16 * i),
                   int(lanes[2 * i + 1]) ^ _u64(_SECRET, 19 + 16 * i))
    return _avalanche(h & _MASK)


def xxh3_64_numpy(buffer):
    """The checksum of a bytes-like object, as an int; without libxxhash."""
    b = np.frombuffer(buffer, np.uint8)
    if b.size > 240:
        return _long(b)
    b = b.tobytes()
    if len(b) > 128:
        return _up_to_240(b)
    return _up_to_128(b) if len(b) > 16 else _up_to_16(b)


def _library():
    for name in ("libxxhash.so.0", "libxxhash.0.dylib", "libxxhash.dll"):
        try:
            function = ctypes.CDLL(name).XXH3_64bits
        except (OSError, AttributeError):
            continue
        function.argtypes, function.restype = (ctypes.c_void_p, ctypes.c_size_t), ctypes.c_uint64
        return function
    return None


_function = _library()


def xxh3_64(buffer):
    """The checksum of a bytes-like object, as an int."""
    if _function is None:
        return xxh3_64_numpy(buffer)
    b = np.frombuffer(buffer, np.uint8)
    return _function(b.ctypes.data, b.size)

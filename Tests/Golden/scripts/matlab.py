"""MATLAB files of every kind that the reader knows, by SciPy, and what they hold; one of big endian by hand.

Needs numpy and scipy. Writes Tests/Golden/matlab/*.mat and copies of them for the fuzzing tests.
"""

import shutil
import struct
from pathlib import Path

import numpy as np
import scipy.io

FOLDER = Path(__file__).resolve().parent.parent / "matlab"
CORPUS = FOLDER.parent.parent / "FuzzTests/Corpus/matlab"


def values():
    person = {"name": "Ann", "scale": 1.5, "points": np.array([[1, 2], [3, 4.5]])}
    records = np.zeros((1, 2), dtype=[("id", "O"), ("score", "O")])
    records[0, 0] = (7, np.array([[0.5, -0.25]]))
    records[0, 1] = (8, np.zeros((0, 0)))
    cells = np.empty((2, 2), dtype=object)
    cells[0, 0], cells[1, 0] = "left", np.array([[1, 2, 3]], dtype=np.uint8)
    inner = np.empty((1, 1), dtype=object)
    inner[0, 0] = "deep"
    cells[0, 1], cells[1, 1] = inner, np.float32(2.5)
    return {
        # Element [i, j, k] is 100 i + 10 j + k + .5.
        "joints": np.fromfunction(lambda i, j, k: 100 * i + 10 * j + k + 0.5, (2, 3, 4)),
        "bytes": np.arange(6, dtype=np.uint8).reshape(2, 3),
        "signed": np.array([[-128, 127]], dtype=np.int8),
        "shorts": np.array([[-32768, 32767]], dtype=np.int16),
        "words": np.array([[65535]], dtype=np.uint16),
        "longs": np.array([[-2147483648, 2147483647]], dtype=np.int32),
        "wide": np.array([[-(2**40), 2**40]], dtype=np.int64),
        "single": np.array([[0.1, np.nan]], dtype=np.float32),
        "truth": np.array([[True, False, True]]),
        "text": "Größe",
        "rows": np.array(["ab", "cd"]),
        "nothing": np.zeros((0, 3)),
        "complex": np.array([[1 + 2j]]),
        "sparse": scipy.sparse.csc_matrix(np.eye(2)),
        "person": person,
        "records": records,
        "cells": cells,
    }


def big_endian():
    """One variable 'a' of two doubles, as a machine of the other byte order writes it."""
    def element(kind, content):
        padding = -len(content) % 8
        return struct.pack(">II", kind, len(content)) + content + bytes(padding)
    array = (element(6, struct.pack(">II", 6, 0)) + element(5, struct.pack(">ii", 1, 2))
             + struct.pack(">HH4s", 1, 1, b"a\0\0\0") + element(9, struct.pack(">dd", 1.5, -2)))
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(">H", 0x0100) + b"MI"
    return header + element(14, array)


def leeds():
    """Small files in the manner of LSP: joint j of person p lies at (10 p + j, 20 p + j), from 1."""
    def person(p):
        return np.array([[10 * p + j for j in range(14)], [20 * p + j for j in range(14)],
                         [j % 2 for j in range(14)]], dtype=np.float64)
    joints = np.stack([person(p) for p in (1, 2, 3)], axis=2)
    joints[0, 3, 1] = np.nan
    cells = np.empty((1, 2), dtype=object)
    cells[0, 0], cells[0, 1] = "a", "b"
    return {"lsp": {"joints": joints}, "shape": {"joints": joints[:2]}, "cells": {"joints": cells},
            "other": {"x": joints}}


def main():
    FOLDER.mkdir(exist_ok=True)
    CORPUS.mkdir(exist_ok=True, parents=True)
    for name, packed in [("plain", False), ("compressed", True)]:
        scipy.io.savemat(FOLDER / f"{name}.mat", values(), do_compression=packed, oned_as="row")
    (FOLDER / "bigEndian.mat").write_bytes(big_endian())
    (FOLDER / "leeds").mkdir(exist_ok=True)
    for name, variables in leeds().items():
        scipy.io.savemat(FOLDER / "leeds" / f"{name}.mat", variables, do_compression=True)
    for file in sorted(FOLDER.rglob("*.mat")):
        # The header's text says when the file was made: that would differ every time.
        data = bytearray(file.read_bytes())
        data[:116] = b"MATLAB 5.0 MAT-file".ljust(116)
        file.write_bytes(data)
        if file.parent == FOLDER:
            shutil.copy(file, CORPUS / file.name)
        print(file.name, file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()

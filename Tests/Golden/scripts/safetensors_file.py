"""A small file by the reference implementation of the format (PyPI: safetensors, numpy).

Makes ../reference.safetensors, which the reader must understand and the writer must equal.
"""

import pathlib

import numpy
import safetensors.numpy

path = pathlib.Path(__file__).parent.parent / "reference.safetensors"
safetensors.numpy.save_file(
    {
        "count": numpy.array([-1, 2**40], dtype=numpy.int64),
        "model/weights": numpy.arange(6, dtype=numpy.float32).reshape(1, 1, 2, 3) / 4 - 0.5,
        "scalar": numpy.array(3.25, dtype=numpy.float32),
        "empty": numpy.zeros((0, 4), dtype=numpy.float32),
        "mask": numpy.array([[0, 1], [255, 7]], dtype=numpy.uint8),
    },
    path,
    metadata={"note": 'quotes " and \\ and / and ünïcode \t tab end'},
)

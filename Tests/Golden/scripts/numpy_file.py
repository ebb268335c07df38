"""A small array by the reference implementation of the format (PyPI: numpy).

Makes ../reference.npy, which the writer must equal byte for byte.
"""

import pathlib

import numpy

path = pathlib.Path(__file__).parent.parent / "reference.npy"
values = numpy.arange(6, dtype="<f4").reshape(1, 2, 3) / 4 - 0.5
values[0, 1, 2] = numpy.nan
numpy.save(path, values)

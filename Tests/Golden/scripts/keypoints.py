"""Places between the pixels of heatmaps: DARK and the quarter of a pixel, by NumPy and SciPy.

Run in Tests/Golden: python scripts/keypoints.py   (writes keypoints.json)
"""
import sys

import numpy as np
import scipy
from scipy.ndimage import correlate1d

from golden import array, f32, write

SEED = 21
rng = np.random.default_rng(SEED)
H, W = 16, 12


def blur(values, sigma):
    reach = int(np.ceil(2.5 * sigma))
    kernel = np.exp(-np.arange(-reach, reach + 1) ** 2 / (2 * sigma ** 2))
    kernel /= kernel.sum()
    for axis in (0, 1):
        values = correlate1d(values, kernel, axis=axis, mode="constant")
    return values


def dark(values, sigma):
    blurred = blur(values, sigma)
    logs = np.log(np.maximum(blurred * values.max() / blurred.max(), 1e-10))
    y, x = np.unravel_index(values.argmax(), values.shape)
    gradient = np.array([logs[y, x + 1] - logs[y, x - 1], logs[y + 1, x] - logs[y - 1, x]]) / 2
    xx = (logs[y, x + 2] - 2 * logs[y, x] + logs[y, x - 2]) / 4
    yy = (logs[y + 2, x] - 2 * logs[y, x] + logs[y - 2, x]) / 4
    xy = (logs[y + 1, x + 1] - logs[y - 1, x + 1] - logs[y + 1, x - 1] + logs[y - 1, x - 1]) / 4
    dx, dy = -np.linalg.solve(np.array([[xx, xy], [xy, yy]]), gradient)
    return [x + .5 + dx, y + .5 + dy]


def quarter(values):
    y, x = np.unravel_index(values.argmax(), values.shape)
    return [x + .5 + .25 * np.sign(values[y, x + 1] - values[y, x - 1]),
            y + .5 + .25 * np.sign(values[y + 1, x] - values[y - 1, x])]


def main():
    cases = []
    for number in range(6):
        sigma = (1., 1.5, 2.)[number % 3]
        x, y = rng.uniform(4, W - 4), rng.uniform(4, H - 4)
        rows, columns = np.mgrid[:H, :W] + .5
        maps = .8 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma ** 2))
        maps = f32(maps + rng.uniform(0, .02, (H, W)))
        share = maps / maps.sum()
        peak = np.unravel_index(maps.argmax(), maps.shape)
        spread = np.sqrt((share * ((rows - .5 - peak[0]) ** 2
                                   + (columns - .5 - peak[1]) ** 2)).sum())
        cases.append({
            "name": f"map {number}",
            "arrays": {"values": array(maps), "truth": array(np.array([x, y])),
                       "dark": array(np.array(dark(maps, sigma))),
                       "quarter": array(np.array(quarter(maps)))},
            "numbers": {"sigma": sigma, "entropy": -(share * np.log2(share)).sum(),
                        "spread": spread}})
    write("keypoints.json", cases, made_by="scripts/keypoints.py",
          versions={"python": sys.version.split()[0], "numpy": np.__version__,
                    "scipy": scipy.__version__}, seed=SEED)


if __name__ == "__main__":
    main()

"""Small picture files with what an independent reader makes of them, and resized pictures.

Writes Tests/Golden/pictures/* and Tests/Golden/images.json. Needs NumPy and Pillow.
"""

import colorsys
import io
import pathlib
import struct
import zlib

import numpy as np
import PIL
from PIL import Image

import golden

SEED = 5
root = pathlib.Path(__file__).resolve().parents[2]
fixtures = root / "Golden" / "pictures"
fixtures.mkdir(exist_ok=True)
rng = np.random.default_rng(SEED)
cases = []


def case(name, **arrays):
    arrays = {k: golden.array(v, 7) for k, v in arrays.items()}
    cases.append({"name": name, "arrays": arrays, "numbers": {}})


def smooth(height, width, channels):
    """Slow waves: little changes under JPEG compression."""
    y, x = np.mgrid[0:height, 0:width] / 16
    waves = [127 + 100 * np.sin(2 * x + c + 1.3 * y * (c - 1)) for c in range(channels)]
    return np.stack(waves, -1).round().astype(np.uint8)


# JPEGs. The expected pixels are Pillow's own reading of the file.
W, H = 13, 9


def without_adobe(data):
    at = data.index(b"\xff\xee")
    length = struct.unpack(">H", data[at + 2 : at + 4])[0]
    return data[:at] + data[at + 2 + length :]


def as_ycck(data):
    at = data.index(b"Adobe")
    return data[: at + 11] + b"\x02" + data[at + 12 :]


def jpeg(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95, subsampling=0, **options)
    return buffer.getvalue()


def ink_to_light(data, adobe=True):
    # Pillow takes every CMYK file for an inverted one, as Adobe's are.
    cmyk = np.asarray(Image.open(io.BytesIO(data))).astype(float)
    cmyk = cmyk if adobe else 255 - cmyk
    return (255 - cmyk[..., :3]) * (255 - cmyk[..., 3:]) / 255


rgb = Image.fromarray(smooth(H, W, 3))
grey = Image.fromarray(smooth(H, W, 1)[..., 0])
cmyk = Image.fromarray(smooth(H, W, 4), "CMYK")
files = {
    "rgb.jpg": jpeg(rgb),
    "progressive.jpg": jpeg(rgb, progressive=True),
    "grey.jpg": jpeg(grey),
    "cmyk-adobe.jpg": jpeg(cmyk),
    "cmyk-plain.jpg": without_adobe(jpeg(cmyk)),
    "ycck.jpg": as_ycck(jpeg(cmyk)),
}
for name, data in files.items():
    (fixtures / name).write_bytes(data)
    if name[0] in "cy":
        case(name, pixels=ink_to_light(data, adobe=name != "cmyk-plain.jpg"))
    else:
        case(name, pixels=np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))


# PNGs, written here byte by byte so that every colour type is what it says.
def png(name, rows, depth, kind, extra=b""):
    def chunk(tag, body):
        return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))

    height, width = len(rows), SIZE
    raw = b"".join(b"\0" + row for row in rows)
    data = b"\x89PNG\r\n\x1a\n" + chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    )
    data += extra + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    (fixtures / name).write_bytes(data)


SIZE = 5
g8 = rng.integers(0, 256, (4, SIZE), dtype=np.uint8)
png("grey.png", [r.tobytes() for r in g8], 8, 0)
case("grey.png", pixels=np.repeat(g8[..., None], 3, -1))
c8 = rng.integers(0, 256, (4, SIZE, 3), dtype=np.uint8)
png("rgb.png", [r.tobytes() for r in c8], 8, 2)
case("rgb.png", pixels=c8)
c16 = rng.integers(0, 65536, (4, SIZE, 3)).astype(">u2")
png("rgb16.png", [r.tobytes() for r in c16], 16, 2)
case("rgb16.png", pixels=c16.astype(float) / 257)
g16 = rng.integers(0, 65536, (4, SIZE)).astype(">u2")
png("grey16.png", [r.tobytes() for r in g16], 16, 0)
case("grey16.png", pixels=np.repeat(g16[..., None].astype(float) / 257, 3, -1))
palette = rng.integers(0, 256, (7, 3), dtype=np.uint8)
index = rng.integers(0, 7, (4, SIZE), dtype=np.uint8)
body = palette.tobytes()
plte = struct.pack(">I", len(body)) + b"PLTE" + body + struct.pack(">I", zlib.crc32(b"PLTE" + body))
png("palette.png", [r.tobytes() for r in index], 8, 3, plte)
case("palette.png", pixels=palette[index])
# Only full and no opacity: what lies between depends on the gamma of the blending.
a8 = rng.integers(0, 256, (4, SIZE, 4), dtype=np.uint8)
a8[..., 3] = np.where(a8[..., 3] > 127, 255, 0)
png("alpha.png", [r.tobytes() for r in a8], 8, 6)
case("alpha.png", pixels=a8[..., :3] * (a8[..., 3:] // 255))


# Resizing as two matrix products: rows of hat functions around half-pixel centres.
def matrix(count, length):
    centres = np.clip((np.arange(count) + 0.5) * length / count - 0.5, 0, length - 1)
    return np.maximum(0, 1 - np.abs(centres[:, None] - np.arange(length)[None, :]))


for h, w, p, q in [(5, 7, 8, 10), (12, 16, 7, 5), (1, 1, 3, 4), (4, 5, 4, 5), (3, 9, 6, 2)]:
    x = rng.integers(0, 256, (h, w, 3))
    y = np.einsum("ph,hwc,qw->pqc", matrix(p, h), x / 255, matrix(q, w))
    case(f"resize {w}x{h} to {q}x{p}", source=x, target=y)


# Colour distortion with the standard library's HSV.
colors = rng.random((24, 3)).round(4)
colors[:4] = [[0, 0, 0], [1, 1, 1], [0.5, 0.5, 0.5], [1, 0, 0]]
for hue, saturation, exposure in [(0.1, 1.5, 1 / 1.5), (-0.07, 0.7, 1.3), (0, 1, 1)]:
    out = []
    for r, g, b in colors:
        h, s, v = colorsys.rgb_to_hsv(r, g, b)
        # Saturation above 1 is kept until the end, where the channels are clipped (Darknet).
        out.append(colorsys.hsv_to_rgb((h + hue) % 1, s * saturation, v * exposure))
    case(
        "distortion",
        source=colors,
        target=np.clip(out, 0, 1),
        parameters=[hue, saturation, exposure],
    )

golden.write("images.json", cases, made_by="scripts/images.py",
             versions={"numpy": np.__version__, "pillow": PIL.__version__}, seed=SEED)

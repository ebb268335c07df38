"""Small picture files of many formats with their pixels as OpenCV reads them, in colour and in grey.

Writes Tests/Golden/formats/* and Tests/Golden/formats.json. Needs NumPy, OpenCV and Pillow, which must
read the same colours wherever it converts to 8 bits itself.
"""

import io
import pathlib
import struct
import zlib

import cv2
import numpy as np
import PIL
from PIL import Image, ImageOps, TiffImagePlugin

import golden

SEED = 11
W, H = 13, 9
root = pathlib.Path(__file__).resolve().parents[2]
fixtures = root / "Golden" / "formats"
fixtures.mkdir(exist_ok=True)
rng = np.random.default_rng(SEED)
rgb = rng.integers(0, 256, (H, W, 3), dtype=np.uint8)
alpha = rng.integers(0, 256, (H, W), dtype=np.uint8)
grey = rng.integers(0, 256, (H, W), dtype=np.uint8)
deep = rng.integers(0, 65536, (H, W, 3), dtype=np.uint16)
colour = Image.fromarray(rgb)
files = {}


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(bits, kind, rows, chunks=()):
    """A PNG from rows of bytes; chunks go in front of the pixels."""
    def chunk(name, body):
        return (struct.pack(">I", len(body)) + name + body
                + struct.pack(">I", zlib.crc32(name + body)))
    data = b"".join(b"\0" + bytes(row) for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, bits, kind, 0, 0, 0))
            + b"".join(chunk(*c) for c in chunks) + chunk(b"IDAT", zlib.compress(data))
            + chunk(b"IEND", b""))


def packed(indices, bits):
    """Rows of small numbers, the first pixel in the highest bits."""
    rows = []
    for line in indices:
        text = "".join(f"{v:0{bits}b}" for v in line)
        text += "0" * (-len(text) % 8)
        rows.append(bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8)))
    return rows


# PNG
for gamma in (45455, 55556, 100000, 220000):
    files[f"gamma{gamma}.png"] = png(8, 2, rgb.reshape(H, -1), [(b"gAMA", struct.pack(">I", gamma))])
files["gamma16.png"] = png(16, 2, [r.astype(">u2").tobytes() for r in deep],
                           [(b"gAMA", struct.pack(">I", 100000))])
files["rgb16.png"] = png(16, 2, [r.astype(">u2").tobytes() for r in deep])
files["grey16.png"] = png(16, 0, [r[:, 0].astype(">u2").tobytes() for r in deep])
files["grey-alpha.png"] = png(8, 4, np.dstack([grey, alpha]).reshape(H, -1))
files["grey-alpha16.png"] = png(16, 4, [r[:, :2].astype(">u2").tobytes() for r in deep])
files["rgb-alpha.png"] = png(8, 6, np.dstack([rgb, alpha]).reshape(H, -1))
files["rgb-transparent.png"] = png(8, 2, rgb.reshape(H, -1),
                                   [(b"tRNS", struct.pack(">HHH", *map(int, rgb[0, 0])))])
for bits in (1, 2, 4):
    indices = rng.integers(0, 1 << bits, (H, W))
    files[f"grey{bits}.png"] = png(bits, 0, packed(indices, bits))
for bits in (1, 2, 4, 8):
    indices = rng.integers(0, 1 << bits, (H, W))
    palette = rng.integers(0, 256, 3 << bits, dtype=np.uint8).tobytes()
    files[f"palette{bits}.png"] = png(
        bits, 3, packed(indices, bits), [(b"PLTE", palette), (b"tRNS", b"\x00\x80")])

# Adam7: the same pixels in seven passes.
rows = []
for y0, x0, dy, dx in [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2),
                       (0, 1, 2, 2), (1, 0, 2, 1)]:
    part = rgb[y0::dy, x0::dx]
    if part.size:
        rows += [r.tobytes() for r in part]
whole = png(8, 2, rows)
header = bytearray(whole[12:29])
header[-1] = 1
files["interlaced.png"] = whole[:12] + bytes(header) + struct.pack(">I", zlib.crc32(header)) + whole[33:]

# BMP
files["rgb.bmp"] = saved(colour, "BMP")
files["grey.bmp"] = saved(Image.fromarray(grey), "BMP")
files["one-bit.bmp"] = saved(Image.fromarray(grey > 127), "BMP")
files["palette.bmp"] = saved(colour.quantize(37), "BMP")


def bmp(bits, rows, palette=b"", compression=0, height=H):
    """A BMP from rows of bytes in the file's order."""
    data = b"".join(bytes(r) + b"\0" * (-len(bytes(r)) % 4) for r in rows)
    start = 54 + len(palette)
    return (b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start)
            + struct.pack("<IiiHHIIiiII", 40, W, height, 1, bits, compression, len(data), 2835, 2835,
                          len(palette) // 4, 0) + palette + data)


four = rng.integers(0, 11, (H, W))
table = b"".join(bytes(rng.integers(0, 256, 3, dtype=np.uint8)) + b"\0" for _ in range(11))
files["four-bit.bmp"] = bmp(4, packed(four, 4), table)
files["top-down.bmp"] = bmp(24, rgb[..., ::-1].reshape(H, -1), height=-H)
files["rgb32.bmp"] = bmp(32, np.dstack([rgb[..., ::-1], np.zeros_like(grey)]).reshape(H, -1)[::-1])

# TIFF
for name, compression in [("plain", None), ("lzw", "tiff_lzw"), ("deflate", "tiff_adobe_deflate"),
                          ("packbits", "packbits")]:
    files[f"{name}.tif"] = saved(colour, "TIFF", compression=compression)
files["grey.tif"] = saved(Image.fromarray(grey), "TIFF")
files["alpha.tif"] = saved(Image.fromarray(np.dstack([rgb, alpha])), "TIFF")
files["one-bit.tif"] = saved(Image.fromarray(grey > 127), "TIFF", compression="group4")
files["palette.tif"] = saved(colour.quantize(37), "TIFF")
turned = TiffImagePlugin.ImageFileDirectory_v2()
turned[274] = 6
files["turned.tif"] = saved(colour, "TIFF", tiffinfo=turned)
files["rgb16.tif"] = cv2.imencode(".tif", deep[..., ::-1])[1].tobytes()

# WebP
files["lossless.webp"] = saved(colour, "WEBP", lossless=True)
files["lossy.webp"] = saved(colour, "WEBP", quality=80)
files["alpha.webp"] = saved(Image.fromarray(np.dstack([rgb, alpha])), "WEBP", lossless=True, exact=True)

cases = []
for name, data in files.items():
    (fixtures / name).write_bytes(data)
    pillow = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    # OpenCV cannot read turned TIFF; of TIFF alone it multiplies by alpha and rounds 16 bits.
    if name in ("turned.tif", "alpha.tif", "rgb16.tif"):
        read = np.asarray(pillow.convert("RGB"))
    else:
        read = cv2.imread(str(fixtures / name), cv2.IMREAD_COLOR)[..., ::-1]
        # Pillow cuts 16 bits of grey off at 255 when it converts them.
        assert pillow.mode.startswith("I") or np.array_equal(read, pillow.convert("RGB")), name
    arrays = {"pixels": golden.exact(read)}
    if name == "rgb.bmp":
        arrays["grey"] = golden.exact(cv2.cvtColor(read, cv2.COLOR_RGB2GRAY))
    cases.append({"name": name, "arrays": arrays, "numbers": {}})
golden.write("formats.json", cases, script="formats.py", seed=SEED, numpy=np.__version__,
             opencv=cv2.__version__, pillow=PIL.__version__)

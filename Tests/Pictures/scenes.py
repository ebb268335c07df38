#!/usr/bin/env python3
"""The picture of the README: what `make demo` finds, and beside it where the network is unsure.

    scenes.py DEMO OUT.png NAME...

DEMO is the folder that `make demo` leaves, NAMES are pictures of it. Needs Pillow.
"""

import pathlib
import sys

from PIL import Image

GAP = 8


def main():
    demo, out, names = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    sheets = [Image.open(demo / "maps" / name / "bald-overlay.png").convert("RGB") for name in names]
    height = sum(sheet.height + GAP for sheet in sheets) - GAP
    whole = Image.new("RGB", (max(sheet.width for sheet in sheets), height), "white")
    top = 0
    for sheet in sheets:
        whole.paste(sheet, (0, top))
        top += sheet.height + GAP
    whole.quantize(128).save(out, optimize=True)


if __name__ == "__main__":
    main()

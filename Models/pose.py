"""Writes the networks of keypoints in this folder: python3 pose.py

Stacked hourglasses (A. Newell, K. Yang, J. Deng: Stacked Hourglass Networks for Human Pose Estimation,
arXiv 1603.06937) and a SimpleBaseline (B. Xiao, H. Wu, Y. Wei: Simple Baselines for Human Pose Estimation
and Tracking, arXiv 1804.06208), layer by layer from the papers.
"""
from pathlib import Path

MPII = """right_ankle,right_knee,right_hip,left_hip,left_knee,left_ankle,pelvis,thorax,upper_neck,head_top,
right_wrist,right_elbow,right_shoulder,left_shoulder,left_elbow,left_wrist""".replace("\n", "")
MPII_FLIP = "0:5,1:4,2:3,10:15,11:14,12:13"
MPII_SKELETON = "0:1,1:2,2:6,6:3,3:4,4:5,6:7,7:8,8:9,10:11,11:12,12:7,7:13,13:14,14:15"
LSP = """right_ankle,right_knee,right_hip,left_hip,left_knee,left_ankle,right_wrist,right_elbow,
right_shoulder,left_shoulder,left_elbow,left_wrist,neck,head_top""".replace("\n", "")
LSP_FLIP = "0:5,1:4,2:3,6:11,7:10,8:9"
LSP_SKELETON = "0:1,1:2,2:3,3:4,4:5,6:7,7:8,8:12,12:9,9:10,10:11,12:13,8:2,9:3"


class Cfg:
    """Sections in their order; layers count from 0, as `[net]` is none."""

    def __init__(self, net):
        self.text = "\n[net]\n" + net.strip() + "\n"
        self.count = 0

    def note(self, text):
        self.text += f"\n# {text}"

    def add(self, section, /, **keys):
        self.text += f"\n[{section}]\n" + "".join(f"{key}={value}\n" for key, value in keys.items())
        self.count += 1
        return self.count - 1

    def conv(self, filters, size=1, stride=1, normalized=True, activation="relu"):
        keys = {"batch_normalize": 1} if normalized else {}
        return self.add("convolutional", **keys, filters=filters, size=size, stride=stride, pad=1,
                        activation=activation)

    def route(self, layer):
        return self.add("route", layers=layer - self.count)

    def shortcut(self, layer):
        return self.add("shortcut", **{"from": layer - self.count}, activation="linear")

    def residual(self, x, before, filters):
        """Pre-activation bottleneck; x is the layer before."""
        self.add("batchnorm")
        self.add("activation", activation="relu")
        self.conv(filters // 2)
        self.conv(filters // 2, 3)
        last = self.conv(filters, normalized=False, activation="linear")
        if before == filters:
            return self.shortcut(x)
        self.route(x)
        self.conv(filters, normalized=False, activation="linear")
        return self.shortcut(last)

    def hourglass(self, depth, x, filters):
        up = self.residual(x, filters, filters)
        self.route(x)
        low = self.residual(self.add("maxpool", size=2, stride=2), filters, filters)
        if depth > 1:
            low = self.hourglass(depth - 1, low, filters)
        else:
            low = self.residual(low, filters, filters)
        self.residual(low, filters, filters)
        self.add("upsample", stride=2)
        return self.shortcut(up)


def hourglass(stacks, filters, net, depth=4, stem=(64, 128), **heatmap):
    cfg = Cfg(net)
    joints = heatmap["keypoints"]
    cfg.note("A quarter of the input.")
    first, second = stem
    cfg.residual(cfg.conv(first, 7, 2), first, second)
    x = cfg.add("maxpool", size=2, stride=2)
    x = cfg.residual(cfg.residual(x, second, second), second, filters)
    for stack in range(stacks):
        cfg.note(f"Stack {stack + 1}.")
        cfg.residual(cfg.hourglass(depth, x, filters), filters, filters)
        features = cfg.conv(filters)
        maps = cfg.conv(joints, normalized=False, activation="linear")
        cfg.add("heatmap", **heatmap)
        if stack < stacks - 1:
            cfg.note("Features and maps go on into the next stack.")
            cfg.route(features)
            cfg.conv(filters, normalized=False, activation="linear")
            merged = cfg.shortcut(x)
            cfg.route(maps)
            cfg.conv(filters, normalized=False, activation="linear")
            x = cfg.shortcut(merged)
    return cfg.text


def simple(net, **heatmap):
    """Residual blocks of two 3x3 convolutions down to a thirty-second, and three steps up again."""
    cfg = Cfg(net)
    cfg.note("Down to a thirty-second of the input.")
    cfg.conv(16, 3, 2)
    for filters in (32, 64, 128, 256):
        x = cfg.conv(filters, 3, 2)
        cfg.conv(filters, 3)
        cfg.conv(filters, 3, activation="linear")
        cfg.shortcut(x)
        cfg.add("activation", activation="relu")
    cfg.note("Up to a quarter.")
    for _ in range(3):
        cfg.add("upsample", stride=2)
        cfg.conv(64, 3)
    cfg.conv(heatmap["keypoints"], normalized=False, activation="linear")
    cfg.add("heatmap", **heatmap)
    return cfg.text


def centers(net, **heatmap):
    """Two steps down from half the input, and up again with what was there before."""
    cfg = Cfg(net)
    cfg.note("Half of the input.")
    cfg.conv(16, 3, 2)
    fine = cfg.conv(16, 3)
    cfg.note("A quarter, and an eighth.")
    cfg.conv(32, 3, 2)
    middle = cfg.conv(32, 3)
    cfg.conv(64, 3, 2)
    cfg.conv(64, 3)
    cfg.conv(64, 3)
    cfg.note("Up again, each time beside what was there before.")
    cfg.conv(32)
    cfg.add("upsample", stride=2)
    cfg.shortcut(middle)
    cfg.conv(32, 3)
    cfg.conv(16)
    cfg.add("upsample", stride=2)
    cfg.shortcut(fine)
    cfg.conv(16, 3)
    cfg.conv(heatmap["keypoints"], normalized=False, activation="linear")
    cfg.add("heatmap", **heatmap)
    return cfg.text


def big(size=256):
    return f"""
# As the paper's authors trained it: RMSprop, 100 passes of 8,000 batches of 6 pictures.
batch=6
subdivisions=1
width={size}
height={size}
channels=3
exposure=1.4
saturation=1.4
flip=1
zoom=.25
angle=30
turned=.4
optimizer=rmsprop
alpha=.99
eps=1e-8
decay=0
learning_rate=.00025
max_batches=800000
policy=constant
"""


SMALL = """
batch=32
subdivisions=1
width=128
height=128
channels=3
exposure=1.4
saturation=1.4
flip=1
zoom=.25
angle=30
turned=.4
optimizer=adam
decay=0
learning_rate=.001
max_batches=7500
policy=cosine
"""


CENTERS = """
batch=8
subdivisions=1
width=192
height=192
channels=3
exposure=1.4
saturation=1.4
flip=1
optimizer=adam
decay=0
learning_rate=.001
max_batches=2000
policy=cosine
"""


# Squared error takes thousands of updates to leave the blank map, cross-entropy learns from the first.
LOSS = "bce"


def main():
    mpii = {"keypoints": 16, "names": MPII, "flip": MPII_FLIP, "skeleton": MPII_SKELETON,
            "sigma": 1.75}
    lsp = {"keypoints": 14, "names": LSP, "flip": LSP_FLIP, "skeleton": LSP_SKELETON, "sigma": 1}
    folder = Path(__file__).resolve().parent
    source = "# Written by pose.py.\n"
    stacked = "{} hourglass{} of 256 channels for the 16 joints of MPII.\n"
    for stacks in (1, 2, 8):
        (folder / f"hourglass-{stacks}.cfg").write_text(
            "# " + stacked.format(stacks, "es, stacked," if stacks > 1 else "") + source
            + hourglass(stacks, 256, big(), **mpii))
    (folder / "small-hourglass.cfg").write_text(
        "# One hourglass of 64 channels for the 14 joints of LSP, small enough to train on a CPU.\n"
        + source + hourglass(1, 64, SMALL, **lsp, loss=LOSS))
    (folder / "small-simple.cfg").write_text(
        "# A SimpleBaseline for the 14 joints of LSP, small enough to train on a CPU.\n"
        + source + simple(SMALL.replace("=.001", "=.003"), **lsp, loss=LOSS))
    (folder / "small-centers.cfg").write_text(
        "# The centres of small objects, on maps of half the input's sides.\n" + source
        + centers(CENTERS, keypoints=1, kind="centers", loss="distanceAware", sigma=2))


if __name__ == "__main__":
    main()

"""Reference values of BALD, of the Bayesian convolution and of moments behind a leaky rectifier.

Run in Tests/Golden: python scripts/uncertainty.py   (writes uncertainty.json)
BALD by mpmath with 40 digits: the exact information is an integral, gradients are numerical
derivatives. The convolution by automatic differentiation in double precision, with the noise
drawn from the same stream of random numbers as the program's.
"""

import math

import mpmath as mp
import numpy as np
import torch
import torch.nn.functional as F

import golden

mp.mp.dps = 40
torch.set_default_dtype(torch.float64)
SEED = 33
rng = np.random.default_rng(SEED)
cases = []


def array(values):
    return golden.array(values, 8)


def add(name, arrays=None, **numbers):
    cases.append({
        "name": name,
        "arrays": {k: array(v) for k, v in (arrays or {}).items()},
        "numbers": {k: float(v) for k, v in numbers.items()},
    })


# ------------------------------------------------------------------ BALD

C2 = mp.pi * mp.log(2) / 2


def cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def h(f):
    """Entropy of a coin that shows heads with probability cdf(f), in bits."""
    p, q = cdf(f), cdf(-f)
    return -(p * mp.log(p) + q * mp.log(q)) / mp.log(2)


def closed(m, v):
    return h(m / mp.sqrt(v + 1)) - mp.sqrt(C2 / (v + C2)) * mp.exp(-m**2 / (2 * (v + C2)))


def exact(m, v):
    s = mp.sqrt(v)
    if s == 0:
        return mp.mpf(0)
    # In the logit itself: for a large deviation the entropy is a narrow peak at 0.
    points = sorted({p for p in [-12, -6, -3, -1, 0, 1, 3, 6, 12] + [m + k * s for k in
                     (-12, -6, -3, -1, 0, 1, 3, 6, 12)] if -12 <= p <= 12})
    density = lambda f: mp.exp(-((f - m) / s) ** 2 / 2) / (s * mp.sqrt(2 * mp.pi))
    expected = mp.quad(lambda f: h(f) * density(f), points) if len(points) > 1 else 0
    return h(m / mp.sqrt(v + 1)) - expected


def fisher(m, v):
    return v / 2 * mp.npdf(m) ** 2 / (cdf(m) * cdf(-m) * mp.log(2))


pairs = [
    ("0", "0"), ("0", "0.1"), ("0", "0.5"), ("0", "1"), ("0", "2"), ("0", "10"), ("0", "100"),
    ("1", "0.5"), ("1", "1"), ("-2", "0.5"), ("-2", "2"), ("3", "0.1"), ("-5", "1"), ("-5", "5"),
    ("8", "0.3"), ("-10", "1"),
    # Beyond the table: where something could overflow, vanish or cancel.
    ("2.04689", "0"), ("0.3", "0.003"), ("-1.5", "0.07"), ("25", "3"), ("-6", "12"), ("40", "40"),
]
for m, s in pairs:
    m, s = mp.mpf(m), mp.mpf(s)
    v = s**2
    slope = {}
    if s > 0:
        slope = {
            "byMean": mp.diff(lambda x: closed(x, v), m),
            "byVariance": mp.diff(lambda x: closed(m, x), v),
        }
    add(f"bald mean {mp.nstr(m)} deviation {mp.nstr(s)}", mean=m, variance=v, closed=closed(m, v),
        exact=exact(m, v), fisher=fisher(m, v), **slope)

# ------------------------------------------------------------------ leaky rectifier

for m, v in [(0, 1), (0.7, 0.2), (-1.3, 4), (6, 0.5), (-4, 0.3), (30, 1e-4), (-30, 1e-4), (0, 1e-8)]:
    for a in [0.1, 0]:
        mm, vv, aa = mp.mpf(m), mp.mpf(v), mp.mpf(a)
        s = mp.sqrt(vv)
        f = lambda x: x if x > 0 else aa * x
        points = sorted({mm + k * s for k in (-15, -8, -4, -2, 0, 2, 4, 8, 15)}
                        | ({mp.mpf(0)} if abs(mm) < 15 * s else set()))
        density = lambda x: mp.exp(-((x - mm) / s) ** 2 / 2) / (s * mp.sqrt(2 * mp.pi))
        mean = mp.quad(lambda x: f(x) * density(x), points)
        variance = mp.quad(lambda x: (f(x) - mean) ** 2 * density(x), points)
        add(f"leaky mean {m} variance {v} slope {a}", inputMean=m, inputVariance=v, slope=a,
            mean=mean, variance=variance)

# ------------------------------------------------------------------ Bayesian convolution

MASK = 2**64 - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def normals(seed, count):
    """The program's stream of a seed, split for the first chunk; Box-Muller's cosine branch."""
    state = mix((seed + 0x9E3779B97F4A7C15) & MASK)
    state = mix(state ^ mix(0x632BE59BD9B4E019))
    out = []
    for _ in range(count):
        bits = []
        for _ in range(2):
            state = (state + 0x9E3779B97F4A7C15) & MASK
            bits.append((mix(state) >> 11) * 2.0**-53)
        out.append(math.sqrt(-2 * math.log(1 - bits[0])) * math.cos(2 * math.pi * bits[1]))
    return np.array(out)


def convolution(n, height, width, channels, filters, size, stride, padding, lam, samples, seed,
                per_channel):
    def f32(shape, scale=1.0):
        return torch.tensor(rng.normal(0, scale, shape).astype(np.float32).astype(np.float64))

    x = f32((n, channels, height, width)).requires_grad_()
    k = f32((filters, channels, size, size), 0.5).requires_grad_()
    b = f32((filters,)).requires_grad_()
    log_lam = torch.full((filters,), math.log(lam), requires_grad=True)
    scaled = torch.exp(log_lam).view(-1, 1, 1, 1) * k * k
    mean = F.conv2d(x, k, b, stride, padding)
    variance = F.conv2d(x * x, scaled, None, stride, padding)
    out = mean.shape
    if per_channel:
        noise = torch.tensor(normals(seed, n * filters)).view(n, filters, 1, 1)
    else:
        noise = torch.tensor(normals(seed, mean.numel())).view(n, out[2], out[3], filters)
        noise = noise.permute(0, 3, 1, 2)
    noise = noise / math.sqrt(samples)
    y = mean + noise * torch.sqrt(variance + 1e-8)
    g = f32(tuple(out))
    (y * g).sum().backward()
    nhwc = lambda t: t.detach().permute(0, 2, 3, 1)
    hwio = lambda t: t.detach().permute(2, 3, 1, 0)
    add(f"convolution {size}x{size}/{stride} {'channel' if per_channel else 'element'}", {
        "input": nhwc(x), "weights": hwio(k), "biases": b, "mean": nhwc(mean),
        "variance": nhwc(variance), "output": nhwc(y), "outputGradient": nhwc(g),
        "inputGradient": nhwc(x.grad), "weightGradient": hwio(k.grad), "biasGradient": b.grad,
        "logVarianceGradient": log_lam.grad,
    }, batch=n, height=height, width=width, channels=channels, filters=filters, size=size,
        stride=stride, padding=padding, relativeVariance=lam, samples=samples, seed=seed,
        perChannel=per_channel)


convolution(2, 3, 4, 5, 3, 1, 1, 0, 0.25, 10, 5, False)
convolution(2, 5, 4, 3, 2, 3, 2, 1, 1.5, 1, 6, True)

golden.write("uncertainty.json", cases, made_by="scripts/uncertainty.py",
             versions={"mpmath": mp.__version__, "torch": torch.__version__.split("+")[0],
                       "numpy": np.__version__}, seed=SEED)

"""A classifier with a Bayesian branch under every loss, by PyTorch in double precision.

Run: python class_losses.py (writes ../class_losses.json). The network is
    h = leaky(x W1 + b1);  z = h W + b;  mu = h K + kb;  v = .25 h^2 K^2
and gradients are autograd's, with anchor probabilities and difficulties detached. The branch draws
nothing, so that its own cross-entropy is that of mu. "measures" holds uncertainties of moments: the
mutual information by a million draws, the others by their formulas.
"""
import math

import torch
import torch.nn.functional as F

from golden import array, write

torch.set_default_dtype(torch.float64)
torch.manual_seed(11)
N, INPUTS, HIDDEN, K = 8, 3, 4, 5
KAPPA = math.pi / 8


def values(*shape, scale=1.0):
    """Numbers that a Float holds exactly."""
    return torch.round(scale * torch.randn(*shape) * 256) / 256


def entropy(p):
    return -(torch.special.xlogy(p, p)).sum(-1) / math.log(2)


def bald(mu, v):
    """The closed form, clamped at 0, of probit logits."""
    c2 = math.pi * math.log(2) / 2
    p = .5 * torch.special.erfc(-mu / torch.sqrt(2 * (v + 1)))
    h = entropy(torch.stack([p, 1 - p], -1))
    return (h - torch.sqrt(c2 / (v + c2)) * torch.exp(-mu ** 2 / (2 * (v + c2)))).clamp(min=0)


def mean_field(mu, v):
    shrink = 1 + KAPPA * v
    p = torch.softmax(mu / shrink.sqrt(), 1)
    return (v / shrink * (p - p ** 2)).sum(1) / (2 * math.log(2))


def margin_pair(mu, v):
    top = mu.topk(2, 1).indices
    m, s = mu.gather(1, top), v.gather(1, top)
    return bald(math.sqrt(KAPPA) * (m[:, 0] - m[:, 1]), KAPPA * s.sum(1))


def one_vs_rest(mu, v, predicted):
    return bald(mu.gather(1, predicted[:, None])[:, 0], v.gather(1, predicted[:, None])[:, 0])


def mutual_information(mu, v, draws=1_000_000, chunk=50_000):
    mean, expected = torch.zeros_like(mu), torch.zeros(len(mu))
    for _ in range(draws // chunk):
        for n in range(len(mu)):
            p = torch.softmax(mu[n] + v[n].sqrt() * torch.randn(chunk, mu.shape[1]), 1)
            mean[n] += p.sum(0)
            expected[n] += entropy(p).sum()
    return entropy(mean / draws) - expected / draws


def measures():
    cases = []
    for k in (2, 3, 10):
        mu, v = values(6, k, scale=1.5), values(6, k).abs() * 2
        mu[1], v[2], mu[3, 0] = torch.arange(k) / 256, 0, 12
        predicted = values(6, k).argmax(1)
        cases.append({"name": f"measures{k}", "numbers": {}, "arrays": {
            "means": array(mu), "variances": array(v), "predicted": array(predicted),
            "mutualInformation": array(mutual_information(mu, v), 5),
            "meanField": array(mean_field(mu, v)), "marginPair": array(margin_pair(mu, v)),
            "predictedOneVsRest": array(one_vs_rest(mu, v, predicted))}})
    return cases


def anchor(q, y, modulated, gamma, slack=.05):
    t = F.one_hot(y, K).double()
    target = q.gather(1, y[:, None])
    if modulated == "background":
        a = (target.detach() - slack).clamp(min=0)
        m = torch.where(t == 1, 1., (1 + q - a) ** gamma)
    else:
        a = (torch.where(t == 1, -1., q).amax(1, keepdim=True).detach() + slack).clamp(max=1)
        m = torch.where(t == 1, (1 - q + a) ** gamma, 1.)
    return (-m * (t * torch.log(q) + (1 - t) * torch.log(1 - q))).sum(1)


def focal(q, y, gamma):
    t = F.one_hot(y, K).double()
    return -(t * (1 - q) ** gamma * torch.log(q) + (1 - t) * q ** gamma * torch.log(1 - q)).sum(1)


def difficulties(u, right, weighting):
    d = torch.where(right, .5 * u, .5 * (1 - u) + .5).detach()
    return {"raw": d, "meanOne": d / d.mean(), "double": 2 * d, "onePlus": 1 + d}[weighting]


def task():
    x = values(N, INPUTS)
    y = torch.tensor([3, 0, 2, 2, 1, 4, 0, 3])
    p = {"w1": values(INPUTS, HIDDEN), "b1": values(HIDDEN, scale=.3), "w": values(HIDDEN, K),
         "b": values(K, scale=.3), "k": values(HIDDEN, K), "kb": values(K, scale=.3)}
    # Four of the labels are what the network says.
    said = (F.leaky_relu(x @ p["w1"] + p["b1"], .1) @ p["w"] + p["b"]).argmax(1)
    y[::2] = said[::2]
    p = {name: value.requires_grad_() for name, value in p.items()}
    shares = F.one_hot(y, K).double()
    for image, other, share in ((0, 1, .25), (4, 3, .375)):
        other = (y[image] + other) % K
        shares[image, y[image]], shares[image, other] = 1 - share, share
    arrays = {"x": array(x), "labels": array(y), "shares": array(shares),
              **{name: array(value) for name, value in p.items()}}
    numbers = {}

    def forward():
        h = F.leaky_relu(x @ p["w1"] + p["b1"], .1)
        return (h @ p["w"] + p["b"], h @ p["k"] + p["kb"],
                .25 * (h ** 2 @ p["k"] ** 2) + 1e-8)

    def add(name, loss, branch=None, branch_weight=1.0):
        """`loss` of logits, mu and v; `branch` of mu."""
        z, mu, v = forward()
        own = loss(z, mu, v)
        total = own
        numbers[name] = own.item()
        if branch is not None:
            auxiliary = branch_weight * branch(mu)
            numbers[name + "Auxiliary"] = auxiliary.item()
            total = total + auxiliary
        gradients = torch.autograd.grad(total, list(p.values()), allow_unused=True)
        for key, gradient in zip(p, gradients):
            if gradient is not None:
                arrays[f"{name}.{key}"] = array(gradient, 8)

    def ce(z):
        return F.cross_entropy(z, y, reduction="none")

    t = F.one_hot(y, K).double()
    smooth = shares * (1 - .125) + (1 - shares) * .125 / (K - 1)
    soft = lambda z: F.cross_entropy(z, smooth, reduction="none")
    hardest = lambda l, n: N * l.sort(descending=True)[0][:n].mean()
    add("crossEntropy", lambda z, mu, v: ce(z).sum())
    add("bce", lambda z, mu, v: F.binary_cross_entropy_with_logits(z, t, reduction="sum"))
    add("ohem", lambda z, mu, v: hardest(ce(z), 5))                    # ratio .7
    add("focal", lambda z, mu, v: focal(torch.sigmoid(z), y, 2).sum())
    add("focalSoftmax", lambda z, mu, v: ((1 - torch.exp(-ce(z))) ** 1.5 * ce(z)).sum())
    for modulated, gamma in (("background", .5), ("target", 2)):
        for name, q in (("sigmoid", torch.sigmoid), ("softmax", lambda z: torch.softmax(z, 1))):
            add(f"anchor.{name}.{modulated}",
                lambda z, mu, v: anchor(q(z), y, modulated, gamma).sum())
    add("shared.crossEntropy", lambda z, mu, v: soft(z).sum())
    add("shared.bce", lambda z, mu, v: F.binary_cross_entropy_with_logits(z, smooth, reduction="sum"))
    add("shared.ohem", lambda z, mu, v: hardest(soft(z), 5))
    for measure, weighting, mapped, gain in (
            ("meanField", "raw", "sigmoid", 1), ("meanField", "meanOne", "raw", 2),
            ("marginPair", "double", "raw", 1), ("predictedOneVsRest", "onePlus", "sigmoid", .5)):
        def loss(z, mu, v):
            predicted = z.argmax(1)
            u = {"meanField": lambda: mean_field(mu, v) / (math.log2(K) if mapped == "raw" else 1),
                 "marginPair": lambda: margin_pair(mu, v),
                 "predictedOneVsRest": lambda: one_vs_rest(mu, v, predicted)}[measure]()
            u = torch.sigmoid(u) if mapped == "sigmoid" else u
            return gain * (difficulties(u, predicted == y, weighting) * ce(z)).sum()
        add(f"{measure}.{weighting}.{mapped}", loss, lambda mu: ce(mu).sum(), .5)
    numbers["correct"] = int((forward()[0].argmax(1) == y).sum())
    return {"name": "task", "arrays": arrays, "numbers": {
        k: float(f"{v:.10g}") for k, v in numbers.items()}}


write("class_losses.json", measures() + [task()], made_by="scripts/class_losses.py", seed=11,
      versions={"torch": torch.__version__})

"""Reference values of logistic regression without negative coefficients, by scipy's bounded minimiser.

Run in Tests/Golden: python scripts/probability.py   (writes probability.json)
"""

import sys

import numpy as np
import scipy
from scipy.optimize import minimize

import golden

SEED, RIDGE = 5, 1e-3
rng = np.random.default_rng(SEED)


def fit(x, t):
    mean, deviation = x.mean(0), x.std(0)
    z = (x - mean) / deviation

    def loss(beta):
        score = z @ beta[:-1] + beta[-1]
        value = np.mean(np.logaddexp(0, score) - t * score) + RIDGE / 2 * np.sum(beta[:-1] ** 2)
        error = (1 / (1 + np.exp(-score)) - t) / len(t)
        return value, np.append(z.T @ error + RIDGE * beta[:-1], error.sum())

    bounds = [(0, None)] * x.shape[1] + [(None, None)]
    best = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, bounds=bounds, method="L-BFGS-B",
                    options={"ftol": 1e-16, "gtol": 1e-12, "maxiter": 10000}).x
    own = best[:-1] / deviation
    return own, best[-1] - own @ mean


def case(name, coefficients, soft):
    x = np.round(rng.normal(0, [1, 3, .2, 1], (80, 4)) + [0, 2, 0, 0], 3)
    x[:, 3] = np.round(x[:, 0] + .3 * x[:, 3], 3)
    p = 1 / (1 + np.exp(-(x @ coefficients - .5)))
    t = np.round(p, 3) if soft else np.where(rng.uniform(size=80) < p, .97, .04)
    own, offset = fit(golden.f32(x), golden.f32(t))
    print(name, own, offset, file=sys.stderr)
    return {"name": name, "arrays": {"rows": golden.array(x), "targets": golden.array(t),
                                     "coefficients": golden.array(own)},
            "numbers": {"offset": offset}}


def main():
    golden.write(
        "probability.json",
        [case("verdicts", np.array([1, .5, -2, .7]), False),
         case("shares", np.array([.6, .3, 1, 0]), True),
         case("nothing helps", np.array([-1, -.4, -1, -.2]), False)],
        made_by="scripts/probability.py",
        versions={"python": sys.version.split()[0], "numpy": np.__version__,
                  "scipy": scipy.__version__}, seed=SEED)


if __name__ == "__main__":
    main()

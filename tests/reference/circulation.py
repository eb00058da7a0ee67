"""Unfilled shares of maximum circulations by linear programming (SciPy's HiGHS), independent of the crate.

    pip install numpy scipy
    python3 tests/reference/circulation.py

Poisson batches of a = 10 assets, all directed edges alike, n orders expected. Printed: n/a, the mean share that is left
beyond half the sum of |imbalance| with its standard error, and the bound g(n/a) to which it adds.
"""
import numpy as np
from scipy.optimize import linprog
from scipy.special import ive

ASSETS = 10
EDGES = [(x, y) for x in range(ASSETS) for y in range(ASSETS) if x != y]
INCIDENCE = np.array([[(e[0] == x) - (e[1] == x) for e in EDGES] for x in range(ASSETS)], dtype=float)


def beyond_the_bound(orders, batches, rng):
    excess = np.empty(batches)
    for i in range(batches):
        counts = rng.poisson(orders / len(EDGES), len(EDGES)).astype(float)
        most = linprog(-np.ones(len(EDGES)), A_eq=INCIDENCE, b_eq=np.zeros(ASSETS), bounds=np.c_[np.zeros(len(EDGES)), counts])
        assert most.status == 0
        excess[i] = counts.sum() + most.fun - np.abs(INCIDENCE @ counts).sum() / 2
    return excess / orders


rng = np.random.default_rng(20261121)
for orders, batches in [(10, 20000), (100, 10000), (1000, 10000)]:
    excess = beyond_the_bound(orders, batches, rng)
    x = orders / ASSETS
    bound = ive(0, 2 * x) + ive(1, 2 * x)
    print(x, excess.mean(), excess.std(ddof=1) / np.sqrt(batches), bound, bound + excess.mean())

#!/usr/bin/env python3
"""Reference values for gas auctions in equilibrium, by quadrature over bids and values with 40 digits.

Run it from the root of the crate (about a minute, no arguments):

    python3 tests/reference/auctions.py

It needs mpmath and writes auctions.csv beside itself:

    kind,parameter,value,fixed,share,reserve,keepers,figure,expected

kind is common, uniform, power, exponential or pareto (parameter 0 where there is none). Arguments are exact doubles.

Method, another one than the crate's, which integrates over -ln of the winning probability:

common      Over the bid b itself. H' by differentiating H, then for instance losers' loss n int (c + a b)(1 - H^(n-1)) H' db,
            winner's payment int b (H^n)' db, reverts by the binomial law of the number of bidders.
private     Over the value x itself, the bid from its defining formula with an inner integral of F^(n-1), the threshold by
            bisection, the winner's payment n int b G f dx, the losers' n int (1 - G)(c + a b) f dx, the payments as their
            sum, the profit int_t G (1 - F) dx.
"""

import csv
import os

from mpmath import mp, mpf, quad, exp, log, inf, binomial

mp.dps = 40


def cells(lo, hi, steps=24):
    """Points that crowd towards both ends."""
    half = [(hi - lo) * mpf(2) ** (-k) for k in range(1, steps)]
    return sorted({lo, hi, *(lo + h for h in half), *(hi - h for h in half)})


def common(v, c, a, r, n):
    v, c, a, r = map(mpf, (v, c, a, r))
    lost = lambda b: c + a * b
    A = lambda b: lost(b) / (v - b + lost(b))
    H = lambda b: A(b) ** (mpf(1) / (n - 1))
    slope = lambda b: (a * (v - b + lost(b)) + lost(b) * (1 - a)) / (v - b + lost(b)) ** 2
    dH = lambda b: H(b) / A(b) * slope(b) / (n - 1)
    q = H(r)
    pts = cells(r, v, 60)
    winner = quad(lambda b: b * n * A(b) * dH(b), pts)
    losers = quad(lambda b: n * lost(b) * (1 - A(b)) * dH(b), pts)
    mean_bid = quad(lambda b: b * dH(b), pts) / (1 - q)
    few = range(n + 1) if n <= 40 else []
    reverted = sum(binomial(n, k) * (1 - q) ** k * q ** (n - k) * max(k - 1, 0) for k in few) if few else n * (1 - q) - 1 + q**n
    return {
        "served": 1 - q**n,
        "unserved": q**n,
        "stay_out": q,
        "bidders": n * (1 - q),
        "reverted": reverted,
        "payments": winner + losers,
        "winner_payment": winner,
        "losers_loss": losers,
        "mean_bid": mean_bid,
    }


def law(kind, par):
    par = mpf(par)
    if kind == "uniform":
        return mpf(0), mpf(1), lambda x: x, lambda x: mpf(1)
    if kind == "power":
        return mpf(0), mpf(1), lambda x: x**par, lambda x: par * x ** (par - 1)
    if kind == "exponential":
        return mpf(0), inf, lambda x: 1 - exp(-x), lambda x: exp(-x)
    return mpf(1), inf, lambda x: 1 - x ** (-par), lambda x: par * x ** (-par - 1)


def private(kind, par, v, c, a, r, n):
    scale, c, a, r = mpf(v), mpf(c) / mpf(v), mpf(a), mpf(r) / mpf(v)
    least, most, F, f = law(kind, par)
    G = lambda x: F(x) ** (n - 1)
    if c + a * r == 0:
        t = max(r, least)
    else:
        lo, hi = max(r, least), (most if most != inf else mpf(2) ** 40)
        for _ in range(200):
            mid = (lo + hi) / 2
            if G(mid) * (mid - r) < (1 - G(mid)) * (c + a * r):
                lo = mid
            else:
                hi = mid
        t = (lo + hi) / 2
    # Values beyond are below 1e-30 in weight, or the integrals' own map to infinity takes care of them.
    if most == inf:
        top = t + 90 if kind == "exponential" else inf
    else:
        top = most
    points = cells(t, top, 20) if top != inf else [t, *(t + mpf(2) ** k for k in range(-16, 60, 2)), inf]

    if kind in ("uniform", "power"):
        k = (1 if kind == "uniform" else mpf(par)) * (n - 1) + 1
        inner = lambda x: (x**k - t**k) / k
    elif kind == "exponential":
        # int (1 - e^-x)^m = x - sum_{j<=m} (1 - e^-x)^j/j
        part = lambda x: x - sum(F(x) ** j / j for j in range(1, n))
        inner = lambda x: part(x) - part(t)
    else:
        p = mpf(par)
        part = lambda x: sum(binomial(n - 1, j) * (-1) ** j * x ** (1 - j * p) / (1 - j * p) for j in range(n))
        inner = lambda x: part(x) - part(t)

    def bid(x):
        g = G(x)
        return (x * g - inner(x) - (1 - g) * c) / (g + a * (1 - g)) if g + a * (1 - g) else max(t, r)

    winner = quad(lambda x: n * bid(x) * G(x) * f(x), points)
    losers = quad(lambda x: n * (1 - G(x)) * (c + a * bid(x)) * f(x), points)
    profit = quad(lambda x: G(x) * (1 - F(x)), points)
    value = quad(lambda x: n * x * G(x) * f(x), points)
    whole = cells(least, top, 20) if top != inf else [mpf(1), *(1 + mpf(2) ** k for k in range(-16, 60, 2)), inf]
    largest = quad(lambda x: n * x * G(x) * f(x), whole)
    if value > largest:
        largest = value
    s = 1 - F(t)
    return {
        "threshold": t * scale,
        "served": 1 - (1 - s) ** n,
        "unserved": (1 - s) ** n,
        "bidders": n * s,
        "reverted": n * s - 1 + (1 - s) ** n,
        "payments": (winner + losers) * scale,
        "winner_payment": winner * scale,
        "losers_loss": losers * scale,
        "profit": profit * scale,
        "winner_value": value * scale,
        "largest_value": largest * scale,
        "bid": bid(2 * t if kind in ("exponential", "pareto") and t > 0 else (t + 1) / 2) * scale,
    }


def main():
    rows = []

    def put(kind, par, args, figures):
        for name, value in figures.items():
            rows.append([kind, par, *args, name, mp.nstr(value, 22)])

    for args in [
        (1.0, 1.0, 0.0, 0.0, 2),
        (1.0, 0.125, 0.5, 0.0625, 2),
        (10.0, 0.5, 0.25, 1.0, 3),
        (10.0, 0.5, 1.0, 1.0, 7),
        (1.0, 0.0, 1.0, 0.0, 4),
        (1.0, 0.0, 0.25, 0.0, 5),
        (1.0, 0.0, 0.25, 0.5, 5),
        (1.0, 2.0**-20, 0.0, 0.0, 30),
        (1.0, 2.0**20, 0.0, 0.0, 12),
        (1.0, 2.0**20, 0.5, 0.25, 1000),
        (1.0, 0.25, 0.0, 0.0, 1000000),
        (1.0, 0.25, 0.75, 1.0 - 2.0**-20, 20),
        (1.0, 2.0**-60, 2.0**-30, 0.0, 3),
    ]:
        put("common", 0, args, common(*args))
    costs = [
        (1.0, 0.0, 0.0, 0.0),
        (1.0, 0.0, 1.0, 0.0),
        (1.0, 0.125, 0.5, 0.0),
        (1.0, 0.125, 0.5, 0.25),
        (4.0, 0.0, 0.25, 1.0),
        (1.0, 0.0, 0.0, 0.5),
        (1.0, 2.0**-20, 1.0, 0.0),
        (1.0, 3.0, 0.25, 0.25),
    ]
    for kind, par in [("uniform", 0), ("power", 0.5), ("power", 3.0), ("exponential", 0), ("pareto", 2.5)]:
        for cost in costs:
            for n in (2, 5):
                args = (*cost, n)
                # All bid, however little the task is worth to them, and lose their bids: what is 0/0 at the least value.
                put(kind, par, args, private(kind, par, *args))
    put("uniform", 0, (*costs[3], 40), private("uniform", 0, *costs[3], 40))
    put("exponential", 0, (*costs[3], 20), private("exponential", 0, *costs[3], 20))
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "auctions.csv"), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["kind", "parameter", "value", "fixed", "share", "reserve", "keepers", "figure", "expected"])
        out.writerows(rows)


main()

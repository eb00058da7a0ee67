#!/usr/bin/env python3
"""Reference values for the value that an auction fills with the most valuable orders first.

Run it from the root of the crate (a few minutes, no arguments):

    python3 tests/reference/bids.py

It needs mpmath and writes bids.csv beside itself: law,parameter,x_plus,x_minus,gain, the gain being the expected value
filled with the most valuable orders first less that of random priority, in units of the mean value.

Method: sums over both Poisson counts with 60 digits, no integral over a rate as in the crate. The expected sum of the m
greatest of n values, S(n, m), is

    uniform [1-s, 1+s]   m + s m (n-m)/(n+1)
    exponential          m (1 + H_n - H_m)
    Pareto, c = 1/shape  sum_{i<=m} v_0 n!/Gamma(n+1-c) Gamma(i-c)/Gamma(i), term by term
    log-normal           n E[v; fewer than m of n-1 others above v], numerically over v

While both rates are at most 40 the double sum is taken as it stands. Above, S(n, m) = A(m) + B(m) C(n) makes it a single sum
over prefix sums, and the counts are those within 16 standard deviations (leaving less than 1e-50).
"""

import csv
import os
from mpmath import mp, mpf, exp, log, gamma, loggamma, quad, ncdf, npdf, binomial, sqrt, floor, ceil

mp.dps = 60


def poisson(x):
    """The lowest count and the probabilities from there on."""
    x = mpf(x)
    low = int(max(0, floor(x - 16 * sqrt(x) - 60)))
    high = int(ceil(x + 16 * sqrt(x) + 60))
    p = exp(low * log(x) - x - loggamma(low + 1))
    out = []
    for n in range(low, high + 1):
        out.append(p)
        p = p * x / (n + 1)
    return low, out


def excess_table(law, par, size):
    """S(n, m) - m for m <= n < size."""
    par = mpf(par)
    if law == "uniform":
        return lambda n, m: par * m * (n - m) / mpf(n + 1)
    if law == "exponential":
        h = [mpf(0)]
        for n in range(1, size):
            h.append(h[-1] + mpf(1) / n)
        return lambda n, m: m * (h[n] - h[m])
    c = 1 / par
    partial = [mpf(0)]
    for i in range(1, size):
        partial.append(partial[-1] + gamma(i - c) / gamma(i))
    front = [(1 - c) * gamma(n + 1) / gamma(n + 1 - c) for n in range(size)]
    return lambda n, m: front[n] * partial[m] - m


def double_sum(law, par, x, y):
    (lx, px), (ly, py) = poisson(x), poisson(y)
    e = excess_table(law, par, max(lx + len(px), ly + len(py)) + 1)
    total = mpf(0)
    for i, p in enumerate(px):
        for j, q in enumerate(py):
            n, m = max(lx + i, ly + j), min(lx + i, ly + j)
            if m > 0 and n > m:
                total += p * q * e(n, m)
    return total


def separated(law, par, x, y):
    """One side the longer: sum over n of p(n) sum over m < n of q(m) [S(n, m) - m], by prefix sums; then the other."""
    par = mpf(par)

    def longer(x, y):
        (lx, px), (ly, py) = poisson(x), poisson(y)
        low = min(lx, ly)
        if law == "exponential":
            # H_n up to a constant, which the difference does not see.
            u, step = (lambda m, r: m), (lambda r, n: r + mpf(1) / n)
            v, start = (lambda m, r: m * r), mpf(0)
            combine = lambda n, r, su, sv: r * su - sv
        elif law == "uniform":
            u, v = (lambda m, r: par * m), (lambda m, r: par * m * m)
            step, start = (lambda r, n: r), mpf(0)
            combine = lambda n, r, su, sv: (n * su - sv) / (n + 1)
        else:
            c = 1 / par
            start = mpf(1)
            step = lambda r, n: r * n / (n - c)
            u, v = (lambda m, r: m / r), (lambda m, r: mpf(m))
            combine = lambda n, r, su, sv: r * su - sv
        total, r, su, sv = mpf(0), start, mpf(0), mpf(0)
        for n in range(low, max(lx + len(px), ly + len(py))):
            if n > low:
                r = step(r, n)
            if lx <= n < lx + len(px):
                total += px[n - lx] * combine(n, r, su, sv)
            if ly <= n < ly + len(py):
                q = py[n - ly]
                su += q * u(n, r)
                sv += q * v(n, r)
        return total

    return longer(x, y) + longer(y, x)


def log_normal(sigma, x, y):
    mp.dps = 30
    sigma = mpf(sigma)

    def longer(x, y):
        (_, px), (_, py) = poisson(x), poisson(y)
        px, py = px[:60], py[:60]
        tail = [mpf(0)] * (len(py) + 1)  # P(M >= j)
        for j in reversed(range(len(py))):
            tail[j] = tail[j + 1] + py[j]

        def integrand(z):
            # An order of log-value sigma z - sigma^2/2: its value times the density is npdf(z - sigma).
            above = ncdf(-z)
            total = mpf(0)
            # j of the n - 1 others above it, more than j counterparts.
            for n in range(1, len(px)):
                inner = mpf(0)
                b = (1 - above) ** (n - 1)
                ratio = above / (1 - above)
                for j in range(min(n, len(py) - 1)):
                    inner += b * tail[j + 1]
                    b = b * ratio * (n - 1 - j) / (j + 1)
                total += px[n] * n * inner
            return total * (npdf(z - sigma) - npdf(z))

        return quad(integrand, [-9, -6, -4, -2, 0, 2, 4, 6, 9, 14])

    value = longer(x, y) + longer(y, x)
    mp.dps = 60
    return value


def main():
    rows = []
    small = [(1e-12, 1e-12), (1e-6, 0.25), (0.25, 0.25), (1.0, 3.0), (3.0, 1.0), (7.5, 7.5), (20.0, 30.0)]
    large = [(50.0, 50.0), (300.0, 240.0), (2.0, 900.0), (1e4, 1e4), (1e4, 1.01e4), (1e6, 1e6)]
    laws = [("uniform", 1.0), ("uniform", 0.25), ("exponential", 0.0), ("pareto", 1.125), ("pareto", 3.0)]
    for law, par in laws:
        for x, y in small:
            rows.append((law, par, x, y, double_sum(law, par, x, y)))
            # The prefix sums say the same.
            other = separated(law, par, x, y)
            assert abs(other - rows[-1][4]) < mpf(10) ** -40 * max(1, abs(other)), (law, par, x, y)
        for x, y in large:
            rows.append((law, par, x, y, separated(law, par, x, y)))
    for law, par in [("exponential", 0.0), ("pareto", 1.125)]:
        rows.append((law, par, 1e8, 1e8, separated(law, par, 1e8, 1e8)))
    for sigma in [0.25, 1.0, 2.0]:
        for x, y in [(0.25, 0.25), (1.0, 3.0), (5.0, 5.0)]:
            rows.append(("log-normal", sigma, x, y, log_normal(sigma, x, y)))
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bids.csv")
    with open(here, "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["law", "parameter", "x_plus", "x_minus", "gain"])
        for law, par, x, y, value in rows:
            out.writerow([law, repr(par), repr(x), repr(y), mp.nstr(value, 25)])


main()

#!/usr/bin/env python3
"""Reference values for pooltree, by enumeration and high precision.

Run it from the root of the crate (about one minute on one core, no arguments):

    python3 tests/reference/generate.py

It needs Python 3.11 or later and mpmath, nothing else, and writes beside itself

    special_functions.csv   function,a,b,value               (b = 0 where the function has one argument)
    skellam.csv             function,rate_plus,rate_minus,k,value
    latency.csv             statistic,quorum,gamma,depth,height,value   (quorum empty where there is none)
    welfare.jsonl           one scenario with its expected welfare per line

The output is deterministic. Every argument is written so that reading it as an IEEE double gives exactly the number
that was used; values carry 25 significant digits in the CSV files and 20 in the JSON strings (trailing zeros dropped).
A value below 1e-400 is written as 0.0; one between that and the smallest double is written as it is and reads as 0 in
double precision. Nothing here calls a Bessel function for a value that is written; Bessel functions only check.

Which method, and why it is another one than a closed form in scaled Bessel functions
-------------------------------------------------------------------------------------
E min(N+, N-)       The double Poisson sum  sum_{j>=1} P(N+ >= j) P(N- >= j)  while the smaller rate is at most 300:
                    straight from the definition, all terms positive.
E (N- - N+)^+       "The deficit", with E min = (smaller rate) - deficit: the positive sum
                    sum_j P(smaller >= j) P(larger < j)  for moderate rates; else the integral of the probability
                    generating function around a circle outside the unit circle, by the trapezoidal rule (which
                    converges geometrically), with the radius at the saddle point but kept away from the pole at 1.
g(x) = deficit/x    for equal rates: double Poisson sum up to x = 300, above it the trapezoidal rule on
                    g(x) = 2/(pi sqrt x) int_0^inf exp(-v^2) sqrt(1 - v^2/(4x)) dv  (error exp(-4x)).
Skellam pmf, cdf,   Convolution of the two Poisson laws while both rates are at most 1000, else the same circle
sf, E|K|            integral with the factor of the geometric series of the tail.
Ring latencies      Every operator of every pool is a proposer, distances along the circle, exact fractions; random
                    quorums by listing all subsets in small pools, else by the rank of the farthest chosen member.
Welfare             Operators, pools and swap classes are listed one by one (trees of up to 64 operators): for every
                    class the operators of either side, for every pool the share of each side that falls into it by
                    counting, then E min of the two Poisson counts in the window, summed over pools and classes. Rates,
                    windows and shares are exact fractions, so that identical terms of consecutive heights cancel
                    exactly, and a difference of two heights is taken in whichever of the two forms (E min, deficit)
                    loses fewer digits. Big trees count pools and classes instead of listing them; on every small
                    tree the count must reproduce the list exactly, term by term.

The self-checks run with every generation and abort it: two routes for each special function on overlapping ranges,
contour integrals against a halved step, enumeration against counting, filled plus unfilled share = 1, a simulation of
the mechanism itself over all outcomes of a truncated law, published constants.
"""

import csv
import itertools
import json
import math
import os
import sys
import time
import tomllib
from collections import Counter
from fractions import Fraction
from math import comb

from mpmath import mp, mpf

HERE = os.path.dirname(os.path.abspath(__file__))
DIGITS = 70  # working precision, decimal digits
mp.dps = DIGITS
ZERO = mpf(0)
CHECKS = Counter()


# ---------------------------------------------------------------------------------------------------------------------
# helpers


def to_mpf(value):
    """An int, double or Fraction as mpf, correctly rounded to the working precision."""
    if isinstance(value, Fraction):
        return mpf(value.numerator) / value.denominator
    return mpf(value)


def exact(value):
    """The exact rational value of a double, an int, a Fraction or an mpf."""
    if isinstance(value, mpf):
        sign, man, exp, _ = value._mpf_
        man = -int(man) if sign else int(man)
        return Fraction(man) * (Fraction(2) ** exp)
    return Fraction(value)


def check(name, got, want, tolerance=mpf(10) ** -45):
    """Relative agreement of two routes to the same number."""
    got, want = to_mpf(got), to_mpf(want)
    CHECKS[name] += 1
    scale = max(abs(got), abs(want))
    if not (scale == 0 or abs(got - want) <= tolerance * scale):
        raise AssertionError(f"{name}: {mp.nstr(got, 30)} against {mp.nstr(want, 30)}")


def ensure(name, condition, detail=""):
    CHECKS[name] += 1
    if not condition:
        raise AssertionError(f"{name}: {detail}")


def text(value, digits):
    value = to_mpf(value)
    if abs(value) < mpf(10) ** -400:
        return "0.0"
    return mp.nstr(value, digits)


# ---------------------------------------------------------------------------------------------------------------------
# Poisson sums


def last_term(m):
    """A j beyond which m^j / j! is below 1e-90 of its largest value (m > 0)."""
    log_m = float(mp.log(m))
    j = int(m) + 2
    step = max(1, j // 50)
    peak = float(m)
    while (j - 1) * log_m - math.lgamma(j + 1) - (peak if peak > 1 else 0.0) > -215.0:
        j += step
    return j


def poisson_tables(rate, top):
    """Lists P(N >= j) and P(N < j) for j = 0..top, each of full relative accuracy."""
    pmf = [mp.exp(-rate)]
    for j in range(1, top + 1):
        pmf.append(pmf[-1] * rate / j)
    below = [ZERO]
    for j in range(top):
        below.append(below[-1] + pmf[j])
    if rate < top:
        term, tail, j = pmf[top], ZERO, top
        while term > tail * mp.eps / 16:
            tail += term
            j += 1
            term = term * rate / j
    else:
        tail = 1 - below[top]
    at_least = [tail]
    for j in range(top - 1, -1, -1):
        at_least.append(at_least[-1] + pmf[j])
    at_least.reverse()
    return at_least, below


def double_sum(small, large, deficit):
    """sum_j P(small >= j) P(large >= j), and, if asked for, sum_j P(small >= j) P(large < j)."""
    top = last_term(mp.sqrt(small * large) if deficit else small)
    with mp.extradps(15):
        s_up, _ = poisson_tables(small, top)
        l_up, l_below = poisson_tables(large, top)
        least = mp.fsum(s_up[j] * l_up[j] for j in range(1, top + 1))
        short = mp.fsum(s_up[j] * l_below[j] for j in range(1, top + 1)) if deficit else None
    return least, short


# ---------------------------------------------------------------------------------------------------------------------
# circle integrals


def circle_integral(plus, minus, k, factor, side, step=0.16, clear=5.0):
    """(1/2pi) int exp(plus (e^w - 1) + minus (e^-w - 1) - k w) factor(w) dtheta over w = u + i theta.

    `side`: 0 for a factor without pole; +1 keeps u > 0 and -1 keeps u < 0, `clear` standard deviations from the pole
    of the factor at w = 0. The integrand is periodic, so the trapezoidal rule converges geometrically.
    """
    digits = mp.dps
    size = max(plus, minus, mpf(abs(k)), mpf(1))
    with mp.workdps(digits + 35 + int(mp.log10(size))):
        plus, minus, k = +plus, +minus, mpf(k)
        root = mp.sqrt(k * k + 4 * plus * minus)
        u = mp.log((k + root) / (2 * plus)) if k > 0 else mp.log(2 * minus / (root - k))
        width = mp.sqrt(root)
        away = clear / max(width, mpf(1))
        if side > 0:
            u = max(u, away)
        elif side < 0:
            u = min(u, -away)
        width = mp.sqrt(plus * mp.exp(u) + minus * mp.exp(-u))
        nodes = max(200, int(mp.ceil(2 * mp.pi * width / step)))
        h = 2 * mp.pi / nodes
        floor = mpf(10) ** -(digits + 20)

        def integrand(theta):
            w = mp.mpc(u, theta)
            e = mp.exp(w)
            return (mp.exp(plus * (e - 1) + minus * (1 / e - 1) - k * w) * factor(w, e)).real

        total = integrand(mpf(0))
        quiet = 0
        for i in range(1, nodes // 2 + 1):
            term = integrand(i * h)
            if 2 * i == nodes:
                total += term
                break
            total += 2 * term
            # the integrand oscillates: stop only after a stretch of negligible values
            quiet = quiet + 1 if abs(term) < floor * abs(total) else 0
            if quiet == 8:
                break
        result = total / nodes
    return +result


def circle_deficit(small, large, **options):
    """E (small - large)^+ as a circle integral: sum_{k>=1} k z^-k = z / (z - 1)^2."""
    return circle_integral(small, large, 0, lambda w, e: e / (e - 1) ** 2, +1, **options)


# ---------------------------------------------------------------------------------------------------------------------
# the unfilled share g and E min


def gaussian_unfilled(x):
    """g(x) for x >= 300 by the trapezoidal rule on exp(-v^2) sqrt(1 - v^2/(4x))."""
    reach = (mp.dps + 15) * mp.log(10)
    ensure("g: branch point out of reach", 4 * x > 2 * reach)
    with mp.extradps(15):
        h = mp.pi / mp.sqrt(reach)
        total = mpf(1) / 2
        for i in range(1, int(reach / mp.pi) + 3):
            v2 = (i * h) ** 2
            total += mp.exp(-v2) * mp.sqrt(1 - v2 / (4 * x))
        value = 2 * h * total / (mp.pi * mp.sqrt(x))
    return +value


PAIRS = {}


def pair(a, b):
    """(E min(N+, N-), E (smaller-rate side minus larger-rate side)^+), both of full relative accuracy."""
    small, large = (a, b) if a <= b else (b, a)
    key = (small, large)
    if key not in PAIRS:
        PAIRS[key] = compute_pair(to_mpf(small), to_mpf(large))
    return PAIRS[key]


def compute_pair(small, large):
    if small == 0:
        return ZERO, ZERO
    if small == large and small > 300:
        deficit = small * gaussian_unfilled(small)
        return small - deficit, deficit
    if small > 300:
        deficit = circle_deficit(small, large)
        return small - deficit, deficit
    if large <= 3000 and small * large <= 90000:
        return double_sum(small, large, True)
    return double_sum(small, large, False)[0], circle_deficit(small, large)


def filled_share(x):
    """1 - g(x)."""
    return ZERO if x == 0 else pair(exact(x), exact(x))[0] / to_mpf(x)


def unfilled_share(x):
    """g(x)."""
    return mpf(1) if x == 0 else pair(exact(x), exact(x))[1] / to_mpf(x)


def bessel_unfilled(x):
    """The textbook form, for checks only."""
    with mp.extradps(20):
        x = to_mpf(x)
        return +(mp.exp(-2 * x) * (mp.besseli(0, 2 * x) + mp.besseli(1, 2 * x)))


def catalan_filled(x):
    """1 - g(x) by the alternating power series, for checks only."""
    with mp.extradps(60):
        x = to_mpf(x)
        total, n = ZERO, 1
        while True:
            term = (-1) ** (n + 1) * mpf(comb(2 * n, n) // (n + 1)) * x**n / mp.factorial(n)
            total += term
            if abs(term) < abs(total) * mpf(10) ** -(DIGITS + 5):
                return +total
            n += 1


def check_kernels():
    for x in (1e-300, 1e-12, 1e-3, 0.1, 1.0, 3.5, 10.0):
        check("g: power series", filled_share(x), catalan_filled(x))
    for x in (1e-3, 0.7, 5.0, 44.0, 299.0, 301.0, 1e3, 1e4):
        check("g: Bessel functions", unfilled_share(x), bessel_unfilled(x))
    for x in (300.5, 500.0, 1500.0):
        least, short = double_sum(mpf(x), mpf(x), True)
        check("g: quadrature against Poisson sum", gaussian_unfilled(mpf(x)), short / x)
        check("g: filled plus unfilled", least + short, x)
        check("g: circle integral against quadrature", circle_deficit(mpf(x), mpf(x)), x * gaussian_unfilled(mpf(x)))
    check("g: circle integral against quadrature", circle_deficit(mpf(1e12), mpf(1e12)), 1e12 * gaussian_unfilled(mpf(1e12)))
    for x in (1e-6, 0.2, 1.0, 20.0, 250.0):
        check("E min: circle integral against Poisson sum", circle_deficit(mpf(x), mpf(x)), double_sum(mpf(x), mpf(x), True)[1])
    for a, b in ((1e-12, 5.0), (0.3, 0.7), (2.0, 90.0), (40.0, 41.0), (290.0, 310.0), (310.0, 311.0), (500.0, 1000.0), (1500.0, 1510.0)):
        least, short = double_sum(mpf(a), mpf(b), True)
        check("E min: Poisson sums add up", least + short, a)
        check("E min: circle integral against Poisson sum", circle_deficit(mpf(a), mpf(b)), short)
    for a, b in ((310.0, 311.0), (1e6, 1e6 + 1), (1e12, 1e12 * (1 + 1e-9)), (3e8, 3.1e8), (1e-9, 1e9), (1.0, 1e5)):
        check("circle integral: halved step", circle_deficit(mpf(a), mpf(b)), circle_deficit(mpf(a), mpf(b), step=0.08))
        check("circle integral: other radius", circle_deficit(mpf(a), mpf(b)), circle_deficit(mpf(a), mpf(b), step=0.11, clear=4.0))
    # E|K| from four tail probabilities (Skellam), against the definition
    for a, b in ((0.4, 0.4), (3.0, 1.25), (700.0, 650.0)):
        law = Skellam(a, b)
        four = mpf(a) * (law.sf(-1) - law.cdf(-2)) + mpf(b) * (law.cdf(0) - law.sf(1))
        check("E|K| from four tail probabilities", four, law.abs_moment())
        check("E|K| = a + b - 2 E min", law.abs_moment(), mpf(a) + b - 2 * pair(exact(a), exact(b))[0])
    # published constants
    check("filled share 1/2", filled_share(1.11782907632411), 0.5, mpf(10) ** -14)
    check("filled share 2/3", filled_share(2.73006527921466), mpf(2) / 3, mpf(10) ** -14)
    # a batch of exactly n: 1 - E|2B - n|/n, mean over nonempty batches at one order a side
    mean = mp.fsum(
        mp.exp(-2) * mpf(2) ** n / mp.factorial(n) * (1 - mp.fsum(abs(2 * i - n) * comb(n, i) for i in range(n + 1)) / (mpf(2) ** n * n))
        for n in range(1, 120)
    ) / (1 - mp.exp(-2))
    check("mean filled share of nonempty batches", mean, 0.365, mpf("2e-3"))
    check("ratio of expectations", filled_share(1.0), 0.476, mpf("1e-3"))


# ---------------------------------------------------------------------------------------------------------------------
# Skellam law


class Skellam:
    """K = N+ - N-, by convolution (rates up to 1000) or by circle integrals."""

    def __init__(self, plus, minus, convolve=None):
        self.plus, self.minus = to_mpf(plus), to_mpf(minus)
        self.convolve = max(plus, minus) <= 1000 if convolve is None else convolve
        self.cache = {}

    def tables(self):
        if "tables" not in self.cache:
            with mp.extradps(20):
                self.cache["tables"] = tuple(
                    self.poisson(rate, int(rate + 36 * math.sqrt(rate) * 1.3) + 420) for rate in (self.plus, self.minus)
                )
        return self.cache["tables"]

    @staticmethod
    def poisson(rate, top):
        pmf = [mp.exp(-rate)]
        for j in range(1, top + 1):
            pmf.append(pmf[-1] * rate / j)
        below = list(itertools.accumulate(pmf, initial=ZERO))  # below[j] = P(N < j)
        at_least = list(itertools.accumulate(reversed(pmf), initial=ZERO))
        at_least.reverse()  # at_least[j] = P(j <= N <= top)
        return pmf, below, at_least

    def pmf(self, k):
        if self.convolve:
            (p, _, _), (q, _, _) = self.tables()
            return mp.fsum(p[n + k] * q[n] for n in range(max(0, -k), min(len(q), len(p) - k)))
        return circle_integral(self.plus, self.minus, k, lambda w, e: 1, 0)

    def cdf(self, k):
        """P(K <= k) = sum_n P(N- = n) P(N+ <= n + k)."""
        if self.convolve:
            (p, below, _), (q, _, _) = self.tables()
            last = len(p) - 1
            return mp.fsum(q[n] * below[min(n + k, last) + 1] for n in range(max(0, -k), len(q)))
        if k > self.plus - self.minus:
            return 1 - self.sf(k)
        return circle_integral(self.plus, self.minus, k, lambda w, e: 1 / (1 - e), -1)

    def sf(self, k):
        """P(K > k) = sum_n P(N- = n) P(N+ > n + k)."""
        if self.convolve:
            (p, _, at_least), (q, _, _) = self.tables()
            return mp.fsum(q[n] * at_least[max(n + k + 1, 0)] for n in range(len(q)) if n + k + 1 < len(at_least))
        if k < self.plus - self.minus:
            return 1 - self.cdf(k)
        return circle_integral(self.plus, self.minus, k, lambda w, e: 1 / (e - 1), +1)

    def abs_moment(self):
        if self.convolve:
            (p, _, _), (q, _, _) = self.tables()
            reach = min(len(p), len(q), 250) if max(self.plus, self.minus) < 5 else None
            if reach:
                return mp.fsum(abs(n - m) * p[n] * q[m] for n in range(reach) for m in range(reach) if n != m and (n + m < reach))
            a, b = self.plus, self.minus
            # sum_k P(K > k) over k >= 0 and sum_k P(K <= k) over k < 0
            total, k = ZERO, 0
            while True:
                term = self.sf(k) + self.cdf(-k - 1)
                total += term
                if k > abs(a - b) and term < total * mp.eps:
                    return total
                k += 1
        small, large = min(self.plus, self.minus), max(self.plus, self.minus)
        return large - small + 2 * circle_deficit(small, large)


SKELLAM_RATES = [
    (1e-8, 1e-8), (1e-8, 3.0), (2.5, 1e-8), (1e-3, 2e-3), (0.25, 0.75), (1.0, 1.0), (7.5, 2.25), (60.0, 80.0),
    (1000.0, 1.0), (0.125, 950.0), (900.0, 880.0), (1e4, 1e4), (2e5, 1.99e5), (1e6, 50.0), (3.0, 1e7), (1e9, 1e9),
    (5e9, 4.9999e9), (1e12, 1e-8), (1e12, 7.0), (1e12, 1e12), (1e12, 999999000000.0), (1e-4, 1e12),
]  # fmt: skip


def write_skellam():
    rows = []
    for plus, minus in SKELLAM_RATES:
        law = Skellam(plus, minus)
        rows.append(("skellam_abs_moment", plus, minus, 0, law.abs_moment()))
        centre, spread = plus - minus, math.sqrt(plus + minus)
        if plus + minus < 50:
            points = [-30, -9, -2, -1, 0, 1, 3, 14, 40]
        else:
            points = [round(centre + z * spread) for z in (-33, -10, -1, 0, 2, 7, 34)]
        points = sorted(set(points))
        for name in ("pmf", "cdf", "sf"):
            for number, k in enumerate(points):
                # the distribution function from the lower tail up, its complement from the upper tail down
                skip = {"pmf": number % 2 == 1, "cdf": k > centre + spread + 3, "sf": k < centre - spread - 3}
                if skip[name]:
                    continue
                value = getattr(law, name)(k)
                if value >= mpf(10) ** -290:
                    rows.append((f"skellam_{name}", plus, minus, k, value))
    # checks: other route, halved step, normalisation
    for plus, minus, points in ((0.25, 0.75, (-6, 0, 3)), (7.5, 2.25, (-9, 4, 40)), (60.0, 80.0, (-150, -20, 100)), (900.0, 880.0, (-900, 0, 25, 1100)),
                                (1e-8, 3.0, (-20, -2, 0, 5)), (1000.0, 1.0, (300, 990, 1500))):  # fmt: skip
        one, two = Skellam(plus, minus, True), Skellam(plus, minus, False)
        for k in points:
            for name in ("pmf", "cdf", "sf"):
                check(f"skellam {name}: convolution against circle", getattr(one, name)(k), getattr(two, name)(k), mpf(10) ** -40)
            check("skellam: cdf + sf = 1", one.cdf(k) + one.sf(k), 1)
            check("skellam: pmf = step of the cdf", one.cdf(k) - one.cdf(k - 1), one.pmf(k), mpf(10) ** -40 if one.cdf(k) < mpf("1e-3") else mpf("1e-20") + mpf(10) ** -60 / one.pmf(k))
        check("skellam: E|K|, convolution against circle", one.abs_moment(), two.abs_moment())
    for plus, minus, k in ((1e12, 7.0, 1000030000000), (1e12, 1e12, -5000000), (5e9, 4.9999e9, 100000)):
        args = mpf(plus), mpf(minus), k
        check("skellam pmf: halved step", circle_integral(*args, lambda w, e: 1, 0), circle_integral(*args, lambda w, e: 1, 0, step=0.08))
        law = Skellam(plus, minus, False)
        for k2 in (k, k + 1):
            pmf = law.pmf(k2)
            tail = min(law.cdf(k2), law.sf(k2))
            low = law.cdf(k2) < law.sf(k2)
            step = law.cdf(k2) - law.cdf(k2 - 1) if low else law.sf(k2 - 1) - law.sf(k2)
            check("skellam pmf: step of the smaller tail, large rates", step, pmf, mpf(10) ** -35)
            ensure("skellam: tails positive", tail > 0)
    # few terms on one side: the convolution with log-gamma, at the largest rates
    for plus, minus, k in ((1e12, 1e-8, 1000010000000), (1e12, 7.0, 999999000000), (1e6, 50.0, 1001234)):
        with mp.extradps(30):
            small = last_term(mpf(minus)) + 60
            direct = mp.fsum(
                mp.exp(-mpf(plus) + (n + k) * mp.log(mpf(plus)) - mp.loggamma(n + k + 1) - mpf(minus) + n * mp.log(mpf(minus)) - mp.loggamma(n + 1))
                for n in range(small)
            )
        check("skellam pmf: short convolution at large rates", Skellam(plus, minus, False).pmf(k), direct)
    path = os.path.join(HERE, "skellam.csv")
    with open(path, "w", newline="\n") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["function", "rate_plus", "rate_minus", "k", "value"])
        for name, plus, minus, k, value in rows:
            writer.writerow([name, repr(plus), repr(minus), k, text(value, 25)])
    return len(rows)


# ---------------------------------------------------------------------------------------------------------------------
# special functions of one or two doubles


def arguments():
    powers = [1e-300, 1e-200, 1e-100, 1e-50, 1e-30, 1e-20, 1e-16, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3]
    middle = [0.003, 0.01, 0.03125, 0.1, 0.2, 0.25, 0.3, 0.5, 0.7, 1.0, 1.11782907632411, 1.5, 2.0, 2.5, 2.73006527921466, 3.0, 3.75, 4.0,
              5.0, 7.0, 7.5, 8.0, 10.0, 12.5, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 75.0, 100.0, 150.0, 200.0, 299.0, 350.0, 354.0, 356.0, 500.0, 1000.0]  # fmt: skip
    large = [3333.3, 1e4, 32768.0, 1e5, 1e6, 1.2345e7, 1e8, 1e9, 1e10, 3.7e11, 1e12, 1e15, 1e100, 1e300]
    return [0.0] + powers + middle + large


def difference_pairs():
    pairs = []
    for a in (1e-280, 1e-12, 1e-5, 0.01, 0.4, 1.0, 3.0, 9.0, 33.0, 250.0, 1e4, 1e7, 5e11):
        pairs += [(a, a * (1 + 1e-3)), (a, a * (1 + 1e-8)), (a, math.nextafter(a, math.inf)), (a, 2 * a)]
    pairs += [(0.0, 1e-300), (0.0, 1e-5), (0.0, 1.0), (0.0, 1e12), (1e-300, 1.0), (1e-300, 1e12), (1e-12, 1e12), (1e-3, 7.0), (0.5, 40.0),
              (1.0, 1e6), (7.0, 8.0), (15.0, 15.5), (30.0, 1e12), (1e6, 1e12), (1e11, 1e12), (0.9999999999999999, 1.0), (4.0, 16.0)]  # fmt: skip
    return pairs


def min_pairs():
    pairs = [(0.0, 0.0), (0.0, 1.0), (5.0, 0.0), (0.0, 1e12), (1e-300, 1.0), (1.0, 1e-300), (1e-300, 1e12), (1e-150, 1e-140), (1e-12, 1e12), (1e12, 1e-12),
             (1e-12, 1.0), (1e-5, 1e5), (1e5, 1e-5)]  # fmt: skip
    for x in (1e-12, 1e-9, 1e-6, 1e-3, 0.1, 0.5, 1.0, 2.0, 6.0, 20.0, 75.0, 300.0, 2500.0, 1e5, 1e7, 1e9, 1e11, 1e12):
        pairs.append((x, x))
        pairs.append((x, x * (1 + 1e-9)))
    pairs += [(1e12, 1e12 * (1 + 1e-6)), (1e12, 1.001e12), (1e12, 2e12), (1e8, 1.0001e8), (1e8, 1e8 + 1e4), (1e8, 1e8 + 1e5), (1e4, 1.01e4), (1e4, 1.1e4), (1e4, 2e4)]
    pairs += [(0.3, 0.7), (0.7, 0.3), (1.0, 3.0), (2.0, 9.0), (9.0, 2.0), (0.01, 10.0), (10.0, 0.01), (25.0, 31.0), (40.0, 10.0), (99.0, 101.0), (100.0, 300.0),
              (250.0, 240.0), (500.0, 600.0), (1000.0, 1.0), (3.0, 2000.0), (1e6, 7.0), (12.0, 1e9), (299.0, 1e6), (301.0, 1e6), (800.0, 1e12), (1e3, 1.05e3), (1e9, 3e9), (5e5, 4.99e5),
              (1e-3, 1e3), (1e-7, 1e-2), (1e-9, 2e-9), (0.25, 1e-6), (1e12, 1.0), (1e12, 1e6)]  # fmt: skip
    return pairs


def share_pairs():
    pairs = [(x, x) for x in (1e-12, 1e-6, 1e-3, 0.1, 1.0, 4.0, 30.0, 1e3, 1e6, 1e9, 1e12)]
    pairs += [(1e-12, 1.0), (1e-6, 3e-6), (1e-3, 0.5), (0.2, 0.3), (0.05, 4.0), (1.0, 2.0), (6.0, 1.5), (10.0, 11.0), (50.0, 40.0), (90.0, 110.0), (5.0, 70.0),
              (400.0, 410.0), (1000.0, 900.0), (3000.0, 3300.0), (1e5, 1.001e5), (1e6, 1.002e6), (1e7, 1e7 + 1e3), (1e9, 1.00001e9), (1e12, 1e12 + 1e6),
              (1e12, 1e12 + 5e6), (1e-8, 20.0), (100.0, 1e-5)]  # fmt: skip
    return pairs


def share_difference(a, b, t):
    """m(t) - m(1) with m(t) = 2 E min(t a, t b) / (t (a + b)), in the form that loses fewer digits."""
    a, b, t = exact(a), exact(b), exact(t)
    e1, d1 = pair(a, b)
    et, dt = pair(t * a, t * b)
    direct, lost_direct = et / to_mpf(t) - e1, max(et, e1)
    mirror, lost_mirror = d1 - dt / to_mpf(t), max(d1, dt)
    value, lost = (direct, lost_direct) if lost_direct < lost_mirror else (mirror, lost_mirror)
    ensure("share difference keeps 30 digits", abs(value) > lost * mpf(10) ** -35, f"{a} {b} {t}")
    if min(abs(direct) / lost_direct, abs(mirror) / lost_mirror) > mpf(10) ** -20:
        check("share difference: both forms", direct, mirror, mpf(10) ** -35)
    return 2 * value / to_mpf(a + b)


def solve_filled_share(share):
    """x with 1 - g(x) = share, by bisection on log x and the secant method."""
    target = to_mpf(share)

    def residual(log_x):
        x = exact(mp.exp(log_x))
        least, short = compute_pair(to_mpf(x), to_mpf(x))
        return least / to_mpf(x) - target if share < 0.5 else (1 - target) - short / to_mpf(x)

    low, high = mp.log(target) - 1, max(mp.log(1 / (mp.pi * (1 - target) ** 2)) + 1, mp.log(target) + 2)
    ensure("inverse: bracket", residual(low) < 0 < residual(high))
    for _ in range(12):
        mid = (low + high) / 2
        low, high = (mid, high) if residual(mid) < 0 else (low, mid)
    x0, x1 = low, high
    f0, f1 = residual(x0), residual(x1)
    for _ in range(40):
        if f1 == f0 or abs(x1 - x0) < mpf(10) ** -50:
            break
        x0, x1, f0 = x1, x1 - f1 * (x1 - x0) / (f1 - f0), f1
        f1 = residual(x1)
    root = mp.exp(x1)
    check("inverse: filled share of the root", target + residual(x1), target, mpf(10) ** -45)
    return root


def batch_filling_rate(n):
    """Filled share of a batch of exactly n orders with fair sides: the sum over all binomial outcomes, exact; for
    large n by the absolute moment n C(n-1, floor(n/2)) / 2^(n-1), which the sum confirms where both are taken."""
    moment = mpf(n) * mp.binomial(n - 1, n // 2) / mpf(2) ** (n - 1)
    if n <= 2500:
        outcomes = Fraction(sum(abs(2 * i - n) * comb(n, i) for i in range(n + 1)), 2**n)
        check("batch: absolute binomial moment", moment, exact(outcomes))
    return 1 - moment / n


def mean_batch_filling_rate(x):
    """Its mean over nonempty Poisson batches: a plain sum over the batch size, far beyond twenty standard deviations."""
    rate = 2 * mpf(x)
    spread = int(20 * math.sqrt(2 * x)) + 60
    first, last = max(1, int(2 * x) - spread), int(2 * x) + spread
    total = mpf(0)
    weight = mp.exp(-rate + first * mp.log(rate) - mp.loggamma(first + 1))
    moment = mpf(first) * mp.binomial(first - 1, first // 2) / mpf(2) ** (first - 1)
    for n in range(first, last + 1):
        total += weight * (1 - moment / n)
        weight *= rate / (n + 1)
        # E|2B - n| stays for odd n and grows by (n + 1)/n for even n
        moment *= mpf(n + 1) / n if n % 2 == 0 else 1
    return total / (1 - mp.exp(-rate))


def mean_over_wait(factor, period):
    """Mean of factor^u over a wait u uniform on (0, period), by quadrature in pieces of at most one e-folding."""
    slope = -mp.log(mpf(factor)) * mpf(period)
    pieces = int(min(slope, mpf(160))) + 1
    edge = min(mpf(1), mpf(160) / slope) if slope > 0 else mpf(1)
    return mp.quad(lambda v: mp.exp(-slope * v), [edge * i / pieces for i in range(pieces + 1)])


def write_special():
    rows = []
    for n in (*range(1, 13), 100, 999, 1998, 1999, 2000, 2001, 2002, 2003, 10**4, 10**6 + 1, 10**9):
        rows.append(("batch_filling_rate", float(n), 0.0, batch_filling_rate(n)))
    for x in (1e-9, 1e-3, 0.1, 0.5, 1.0, 3.0, 30.0, 999.5, 1000.0, 1e4, 1e5):
        rows.append(("mean_batch_filling_rate", x, 0.0, mean_batch_filling_rate(x)))
    for factor in (1.0, 1 - 2.0**-53, 0.999999, 0.9, 0.5, 0.1, 1e-30):
        for period in (1e-12, 1e-3, 0.3, 1.0, 40.0, 1e6):
            rows.append(("mean_over_wait", factor, period, mean_over_wait(factor, period)))
    for x in arguments():
        rows.append(("unfilled_share", x, 0.0, unfilled_share(x)))
    for x in arguments():
        rows.append(("filled_share", x, 0.0, filled_share(x)))
    for a, b in difference_pairs():
        with mp.extradps(25):
            PAIRS.clear()
            gap = unfilled_share(a) - unfilled_share(b) if a > 1 else filled_share(b) - filled_share(a)
        PAIRS.clear()
        rows.append(("unfilled_share_difference", a, b, gap))
    # the derivative: g' = -int-free identity  (x g)' = e^-2x I0(2x), checked on the closest pairs
    for a in (0.4, 9.0, 250.0):
        b = math.nextafter(a, math.inf)
        gap = [value for name, p, q, value in rows if name == "unfilled_share_difference" and (p, q) == (a, b)][0]
        middle = (mpf(a) + mpf(b)) / 2
        slope = (mp.exp(-2 * middle) * mp.besseli(0, 2 * middle) - bessel_unfilled(middle)) / middle
        check("difference of neighbours: derivative", gap, -slope * (mpf(b) - mpf(a)), mpf(10) ** -25)
    for a, b in min_pairs():
        rows.append(("expected_min", a, b, pair(exact(a), exact(b))[0]))
    for a, b in share_pairs():
        rows.append(("expected_min_share_difference", a, b, share_difference(a, b, 2)))
    for a, b in share_pairs():
        rows.append(("expected_min_share_difference_close", a, b, share_difference(a, b, 1 + 2.0**-20)))
    for share in (1e-300, 1e-12, 1e-6, 1e-3, 0.1, 0.25, 1 - math.sqrt(0.5), 0.4, 0.5, 0.6, 2 / 3, 0.75, 0.9, 0.99, 0.999, 1 - 1e-6, 1 - 1e-9, 1 - 2.0**-53):
        rows.append(("inverse_filled_share", share, 0.0, solve_filled_share(share)))
    path = os.path.join(HERE, "special_functions.csv")
    with open(path, "w", newline="\n") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["function", "a", "b", "value"])
        for name, a, b, value in rows:
            ensure("argument survives the text", float(repr(a)) == a and float(repr(b)) == b)
            ensure("value in the range of a double", value == 0 or abs(value) > mpf(10) ** -305, f"{name} {a} {b}")
            writer.writerow([name, repr(a), repr(b), text(value, 25)])
    return len(rows)


# ---------------------------------------------------------------------------------------------------------------------
# ring latencies by brute force


def quorum_size(quorum, members):
    return min(members, math.floor(Fraction(quorum) * members + Fraction(1, 10**9)) + 1)


POOL_LATENCY = {}


def ring_pool_latency(statistic, quorum, circumference, members):
    """Latency of the pool of the operators `members` (a range) on a circle of `circumference` operators, exact."""
    size = len(members)
    # a pool that is not the whole circle is an arc, and where the arc starts does not matter: cache by shape
    shape = (statistic, quorum, size, size == circumference)
    if shape in POOL_LATENCY:
        return POOL_LATENCY[shape]
    count = quorum_size(quorum, size) if quorum is not None else None
    subsets = comb(size, count) if count is not None else None
    values = []
    for proposer in members:
        distances = sorted(min(abs(proposer - other), circumference - abs(proposer - other)) for other in members)
        if statistic in ("diameter", "mean-farthest"):
            values.append(Fraction(distances[-1]))
        elif statistic == "fastest-quorum":
            values.append(Fraction(distances[count - 1]))
        elif subsets <= 300:
            chosen = [max(subset) for subset in itertools.combinations(distances, count)]
            values.append(Fraction(sum(chosen), len(chosen)))
        else:
            # the farthest chosen member has rank i (1-based) in comb(i - 1, count - 1) of the subsets
            weights, weight = [], 1  # comb(i - 1, count - 1) for i = count, count + 1, ...
            for i in range(count, size + 1):
                weights.append(weight)
                weight = weight * i // (i - count + 1)
            values.append(Fraction(sum(d * w for d, w in zip(distances[count - 1 :], weights)), subsets))
    result = max(values) if statistic == "diameter" else sum(values) / size
    POOL_LATENCY[shape] = result
    return result


def ring_latency(statistic, quorum, gamma, depth, height):
    """All pools of the height must agree; the first and the last are computed (all of them in small trees)."""
    operators, size = gamma**depth, gamma**height
    starts = range(0, operators, size) if operators <= 64 else sorted({0, operators - size})
    found = set()
    for start in starts:
        POOL_LATENCY.pop((statistic, quorum, size, size == operators), None) if operators <= 64 else None
        found.add(ring_pool_latency(statistic, quorum, operators, range(start, start + size)))
    ensure("ring: every pool of a height alike", len(found) == 1)
    return found.pop()


def ring_formula(statistic, gamma, depth, height):
    """Diameter and mean-farthest in closed form, for trees too big to list; checked on all of latency.csv."""
    operators, m = gamma**depth, gamma**height
    if height == depth:
        return Fraction(operators // 2)
    if statistic == "diameter":
        return Fraction(m - 1)
    return Fraction(3 * m - 2, 4) if m % 2 == 0 else Fraction((3 * m + 1) * (m - 1), 4 * m)


def write_latency():
    rows = []
    trees = [(2, k) for k in range(9)] + [(3, k) for k in range(6)] + [(4, k) for k in range(5)] + [(5, k) for k in range(4)] + [(7, 2), (10, 2), (16, 2), (200, 1)]
    for gamma, depth in trees:
        for height in range(depth + 1):
            for statistic, quorums in (("diameter", [None]), ("mean-farthest", [None]), ("random-quorum", [1e-6, 0.3, 0.5, 0.6667, 0.99, 1.0]), ("fastest-quorum", [1e-6, 0.3, 0.5, 0.6667, 1.0])):
                for quorum in quorums:
                    value = ring_latency(statistic, quorum, gamma, depth, height)
                    if quorum is None:
                        check("ring: closed form", ring_formula(statistic, gamma, depth, height), value)
                    if quorum == 1.0:
                        check("ring: full quorum is the mean farthest", ring_latency("mean-farthest", None, gamma, depth, height), value)
                    rows.append((statistic, quorum, gamma, depth, height, value))
    # the three ways to the random quorum agree: subsets, ranks, counts within a distance
    for distances, count in (([0, 1, 1, 2, 2, 3, 3, 4], 3), ([0, 1, 2, 3, 4, 5, 6], 5)):
        size = len(distances)
        listed = Fraction(sum(max(s) for s in itertools.combinations(distances, count)), comb(size, count))
        ranked = Fraction(sum(d * comb(i, count - 1) for i, d in enumerate(distances)), comb(size, count))
        within = [sum(1 for x in distances if x <= d) for d in range(distances[-1] + 1)]
        counted = Fraction(sum(d * (comb(within[d], count) - comb(within[d - 1], count)) for d in range(1, distances[-1] + 1)), comb(size, count))
        ensure("random quorum: three ways", listed == ranked == counted)
    path = os.path.join(HERE, "latency.csv")
    with open(path, "w", newline="\n") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["statistic", "quorum", "gamma", "depth", "height", "value"])
        for statistic, quorum, gamma, depth, height, value in rows:
            writer.writerow([statistic, "" if quorum is None else repr(quorum), gamma, depth, height, text(value, 25)])
    return len(rows)


# ---------------------------------------------------------------------------------------------------------------------
# swap classes, listed one by one


def list_classes(gamma, depth, kind, parameter, assets):
    """Every swap class as (operators of the first side, operators of the second side), each side even over its own."""
    operators = gamma**depth
    pairs = list(itertools.combinations(range(assets), 2))
    classes = []
    for _pair in pairs:
        if kind == "uniform":
            classes.append((range(operators), range(operators)))
        elif kind == "single-site":
            classes.append((range(parameter, parameter + 1),) * 2)
        elif kind == "meet-at" and parameter == 0:
            classes += [(range(i, i + 1), range(i, i + 1)) for i in range(operators)]
        elif kind == "meet-at":
            size, child = gamma**parameter, gamma ** (parameter - 1)
            for start in range(0, operators, size):
                children = [range(c, c + child) for c in range(start, start + size, child)]
                classes += list(itertools.permutations(children, 2))
        elif kind == "circle-distance":
            for i in range(operators):
                for j in {(i + parameter) % operators, (i - parameter) % operators}:
                    classes.append((range(i, i + 1), range(j, j + 1)))
        else:
            raise ValueError(kind)
    return classes


def listed_masses(gamma, depth, kind, parameter, assets, heights):
    """Number of classes, and per height a Counter of (first side's mass, second side's mass) over pools and classes."""
    classes = list_classes(gamma, depth, kind, parameter, assets)
    found = {}
    for height in heights:
        size = gamma**height
        counter = Counter()
        for first, second in classes:
            in_first = Counter(i // size for i in first)
            in_second = Counter(i // size for i in second)
            for pool, n in in_first.items():
                if pool in in_second:
                    counter[(n, len(first), in_second[pool], len(second))] += 1
        merged = Counter()
        for (n, of_n, m, of_m), times in counter.items():
            merged[(Fraction(n, of_n), Fraction(m, of_m))] += times
        found[height] = merged
    return len(classes), found


def counted_masses(gamma, depth, kind, parameter, assets, heights):
    """The same by counting instead of listing."""
    kinds = assets * (assets - 1) // 2
    operators = gamma**depth
    one = Fraction(1)
    if kind == "uniform":
        return kinds, {h: Counter({(Fraction(1, gamma ** (depth - h)),) * 2: gamma ** (depth - h) * kinds}) for h in heights}
    if kind == "single-site":
        return kinds, {h: Counter({(one, one): kinds}) for h in heights}
    if kind == "meet-at":
        number = kinds * (operators if parameter == 0 else gamma ** (depth - parameter) * gamma * (gamma - 1))
        return number, {h: Counter({(one, one): number}) if h >= parameter else Counter() for h in heights}
    if kind == "circle-distance":
        number = kinds * operators * (1 if 2 * parameter == operators else 2)
        found = {}
        for h in heights:
            inside = number if h == depth else kinds * gamma ** (depth - h) * 2 * max(0, gamma**h - parameter)
            found[h] = Counter({(one, one): inside}) if inside else Counter()
        return number, found
    raise ValueError(kind)


def scale_free_shares(gamma, depth, exponent):
    """Shares of meet-at 1..depth, exact for an integer exponent, else from 200 digits; they sum to 1 exactly."""
    with mp.workdps(200):
        weights = []
        for j in range(1, depth + 1):
            places = gamma**j - gamma ** (j - 1)
            if exponent == int(exponent):
                weights.append(places * Fraction(gamma) ** (-int(exponent) * j))
            else:
                weights.append(places * exact(mp.power(gamma, -mpf(exponent) * j)))
    total = sum(weights)
    return [w / total for w in weights]


def flow_terms(scenario, heights, listed):
    """Per height a Counter of (expected first-side orders, expected second-side orders, rate) -> number of such terms.

    Here the rates are per unit time; the window is applied later. The third entry tells classes of different rates
    apart when their expectations coincide.
    """
    gamma, depth = scenario["tree"]["arity"], scenario["tree"]["depth"]
    flow = scenario["flow"]
    assets = flow.get("assets", 2)
    rate = exact(flow["rate"])
    masses = listed_masses if listed else counted_masses
    terms = {h: Counter() for h in heights}
    for component in flow.get("components", [{"kind": "uniform", "share": 1.0}]):
        kind, share = component["kind"], exact(component["share"])
        side = exact(component.get("side_share", 0.5))
        if kind == "scale-free":
            shares = scale_free_shares(gamma, depth, component["exponent"])
            parts = [("meet-at", j, share * s) for j, s in enumerate(shares, start=1)]
        elif kind == "opposite":
            parts = [("meet-at", depth, share)]
        elif kind == "nearby":
            parts = [("meet-at", component["height"], share)]
        elif kind == "meet-at":
            parts = [("meet-at", component["height"], share)]
        elif kind == "circle-distance":
            parts = [(kind, component["distance"], share)]
        elif kind == "single-site":
            parts = [(kind, component["operator"], share)]
        else:
            parts = [(kind, None, share)]
        for part, parameter, part_share in parts:
            number, by_height = masses(gamma, depth, part, parameter, assets, heights)
            each = rate * part_share / number
            for h in heights:
                for (first, second), times in by_height[h].items():
                    terms[h][(side * each * first, (1 - side) * each * second)] += times
    return terms


# ---------------------------------------------------------------------------------------------------------------------
# timing


def latencies(scenario):
    """L_h for all heights, exact where the model is rational."""
    gamma, depth = scenario["tree"]["arity"], scenario["tree"]["depth"]
    timing = scenario["timing"]
    model = timing["latency"]
    solving = exact(timing.get("solving", 0.0))
    values = []
    for h in range(depth + 1):
        if model["model"] == "proportional":
            power = exact(model.get("exponent", 1.0)) * h
            if power.denominator == 1:
                value = Fraction(gamma) ** int(power)
            else:
                with mp.workdps(200):
                    value = exact(mp.power(gamma, to_mpf(power)))
            value *= exact(model["scale"])
        elif model["model"] == "table":
            value = exact(model["values"][h])
        else:
            statistic, quorum = model["statistic"], model.get("quorum")
            if gamma**depth <= 256:
                value = ring_latency(statistic, quorum, gamma, depth, h)
            else:
                value = ring_formula(statistic, gamma, depth, h)
            value *= exact(model.get("spacing", 1.0))
        values.append(value + solving)
    return values


def periods(scenario, heights, latency):
    model = scenario["timing"]["period"]
    found, previous = {}, None
    for h in heights:
        if model["model"] == "ratio":
            found[h] = exact(model["base"]) * model["ratio"] ** h
        elif model["model"] == "table":
            found[h] = exact(model["values"][h])
        else:
            ensure("back-to-back needs a positive latency", latency[h] > 0)
            if previous is None:
                found[h] = latency[h]
            else:
                found[h] = previous * max(1, math.ceil(latency[h] / previous - Fraction(1, 10**9)))
            previous = found[h]
    for low, high in zip(heights, heights[1:]):
        ratio = found[high] / found[low]
        ensure("periods nested", ratio >= 1 and abs(ratio - round(ratio)) <= ratio / 10**9, f"{ratio}")
    return found


def log_discount(scenario):
    discount = scenario["discount"]
    if "factor" in discount:
        return mp.log(mpf(discount["factor"]))
    if "rate" in discount:
        return -mpf(discount["rate"])
    return -mp.log(2) / mpf(discount["half_life"])


# ---------------------------------------------------------------------------------------------------------------------
# welfare


class Height:
    """Everything filled up to one height: exact terms, so that two heights can be subtracted."""

    def __init__(self, terms, period):
        self.terms = Counter()
        for (first, second), times in terms.items():
            if first and second:
                self.terms[(first * period, second * period, period)] += times
        self.bound = sum((2 * times * min(p, m) / t for (p, m, t), times in self.terms.items()), Fraction(0))

    def filled(self, form):
        """form 0: rate of fills from E min; form 1: bound minus this is the rate of fills."""
        return mp.fsum(2 * times * pair(p, m)[form] / to_mpf(t) for (p, m, t), times in self.terms.items())


def rate_between(lower, upper):
    """M of `upper` minus M of `lower` (None: nothing below), in the form that loses fewer digits."""
    gained, lost = Counter(upper.terms), Counter()
    if lower is not None:
        gained, lost = upper.terms - lower.terms, lower.terms - upper.terms
    if not gained and not lost:
        return ZERO
    parts = []
    for form in (0, 1):
        plus = [2 * times * pair(p, m)[form] / to_mpf(t) for (p, m, t), times in gained.items()]
        minus = [2 * times * pair(p, m)[form] / to_mpf(t) for (p, m, t), times in lost.items()]
        parts.append((mp.fsum(plus), mp.fsum(minus)))
    direct = parts[0][0] - parts[0][1]
    linear = to_mpf(upper.bound - (lower.bound if lower is not None else 0))
    mirror = linear - (parts[1][0] - parts[1][1])
    scale_direct, scale_mirror = max(parts[0]), max(abs(linear), *parts[1])
    value, scale = (direct, scale_direct) if scale_direct <= scale_mirror else (mirror, scale_mirror)
    ensure("fills at a height keep 30 digits", abs(value) > scale * mpf(10) ** -35, mp.nstr(value / scale, 5))
    if abs(direct) > scale_direct * mpf(10) ** -15 and abs(mirror) > scale_mirror * mpf(10) ** -15:
        check("fills at a height: both forms", direct, mirror, mpf(10) ** -40)
    return value


def evaluate(scenario, heights):
    gamma, depth = scenario["tree"]["arity"], scenario["tree"]["depth"]
    rate = exact(scenario["flow"]["rate"])
    small = gamma**depth <= 64
    terms = flow_terms(scenario, heights, listed=small)
    if small:
        ensure("listed classes equal counted classes", terms == flow_terms(scenario, heights, listed=False))
    latency = latencies(scenario)
    period = periods(scenario, heights, latency)
    log_beta = log_discount(scenario)
    mean = mpf(scenario.get("utility", {}).get("mean", 1.0))
    message = exact(scenario.get("cost", {}).get("per_message", 0.0))
    delay = scenario["timing"]["delay"]

    by_height, gross, filled = [], ZERO, ZERO
    offset, below, reaching = Fraction(0), None, to_mpf(rate)
    for h in heights:
        here = Height(terms[h], period[h])
        rate_here = rate_between(below, here)
        wait = latency[h] if delay == "idealised" else offset + latency[h]
        discount = mp.exp(log_beta * to_mpf(wait))
        if delay == "batched" and log_beta != 0:
            exponent = log_beta * to_mpf(period[h])
            discount *= mp.expm1(exponent) / exponent
        ensure("nothing is filled negatively", rate_here >= 0)
        by_height.append(
            {
                "height": h,
                "latency": latency[h],
                "period": period[h],
                "offset": Fraction(0) if delay == "idealised" else offset,
                "filling_rate": rate_here / reaching if reaching else ZERO,
                "filled_share": rate_here / to_mpf(rate),
                "expected_discount": discount,
                "gross": mean * rate_here * discount,
            }
        )
        gross += by_height[-1]["gross"]
        filled += rate_here
        reaching = to_mpf(rate - here.bound) + here.filled(1)
        offset += latency[h]
        below = here
    check("sum of the heights = fills up to the last", filled, below.filled(0), mpf(10) ** -40)
    check("filled plus unfilled", (filled + reaching) / to_mpf(rate), 1, mpf(10) ** -40)
    cost = to_mpf(sum((message * gamma ** (depth + h) / period[h] for h in heights), Fraction(0)))
    return {
        "gross": gross,
        "cost": cost,
        "net": gross - cost,
        "gross_per_order": gross / to_mpf(rate),
        "filled_share": filled / to_mpf(rate),
        "unfilled_share": reaching / to_mpf(rate),
        "by_height": by_height,
    }


def check_mechanism():
    """Fills at each height from the mechanism, over all outcomes of a truncated law: two operators, heights 0 and 1.

    Two lower windows in one window of the root. Every outcome of the eight counts is played: each operator matches
    inside each lower window, what is left meets at the root. No formula for E min enters.
    """
    law = [math.exp(-0.04) * 0.04**n / math.factorial(n) for n in range(4)]
    lower_mean = root_mean = mass = 0.0
    for counts in itertools.product(range(4), repeat=8):
        weight = math.prod(law[n] for n in counts)
        lower = plus = minus = 0
        for i in range(0, 8, 2):
            m = min(counts[i], counts[i + 1])
            lower, plus, minus = lower + 2 * m, plus + counts[i] - m, minus + counts[i + 1] - m
        lower_mean += weight * lower
        root_mean += weight * 2 * min(plus, minus)
        mass += weight
    at_leaf = 4 * 2 * pair(exact(0.04), exact(0.04))[0]
    in_all = 2 * pair(exact(0.16), exact(0.16))[0]
    check("mechanism: lower height", lower_mean, at_leaf, mpf("2e-4"))
    check("mechanism: root", root_mean, in_all - at_leaf, mpf("2e-4"))
    ensure("mechanism: truncation", mass > 1 - 2e-6)


# ---------------------------------------------------------------------------------------------------------------------
# the scenarios


def toml_value(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(v) for v in value) + "]"
    if isinstance(value, str):
        return json.dumps(value)
    return repr(value)


def toml_text(scenario):
    lines = []
    for section, content in scenario.items():
        lines.append(f"[{section}]")
        for key, value in content.items():
            if key == "components":
                lines.append("components = [")
                lines += [f"  {toml_value(c)}," for c in value]
                lines.append("]")
            else:
                lines.append(f"{key} = {toml_value(value)}")
        lines.append("")
    return "\n".join(lines)


def scenario_of(gamma, depth, rate, components, latency, period, delay, discount, assets=None, mean=None, message=None, solving=None):
    scenario = {"tree": {"arity": gamma, "depth": depth}, "flow": {"rate": rate}}
    if assets is not None:
        scenario["flow"]["assets"] = assets
    if components is not None:
        scenario["flow"]["components"] = components
    scenario["timing"] = {"latency": latency, "period": period, "delay": delay}
    if solving is not None:
        scenario["timing"]["solving"] = solving
    scenario["discount"] = discount
    if mean is not None:
        scenario["utility"] = {"mean": mean}
    if message is not None:
        scenario["cost"] = {"per_message": message}
    return scenario


def proportional(scale, exponent=None):
    return {"model": "proportional", "scale": scale} | ({} if exponent is None else {"exponent": exponent})


def ring(statistic, quorum=None, spacing=None):
    return {"model": "ring", "statistic": statistic} | ({} if quorum is None else {"quorum": quorum}) | ({} if spacing is None else {"spacing": spacing})


def table(values):
    return {"model": "table", "values": values}


def ratio(base, r):
    return {"model": "ratio", "base": base, "ratio": r}


BACK_TO_BACK = {"model": "back-to-back"}


def part(kind, share=1.0, side=None, **parameters):
    return {"kind": kind, "share": share} | parameters | ({} if side is None else {"side_share": side})


class Pick:
    """A small congruential generator: the same choices on every Python."""

    def __init__(self, seed):
        self.state = seed

    def __call__(self, items):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return items[(self.state >> 33) % len(items)]


def tree_heights(depth):
    return list(range(1, depth + 1)) if depth else [0]


def height_sets(depth):
    sets = [tree_heights(depth), [depth], list(range(depth + 1)), [0]]
    sets += [[j] for j in range(1, depth)]
    if depth >= 2:
        sets += [[0, 2], [0, depth], [1, depth]]
    if depth >= 3:
        sets += [[1, 3], [0, 1, 3], [2, 3]]
    return sets


LATENCY_TABLE = [0.05, 0.11, 0.3, 0.71, 1.0, 1.9, 2.0]
PERIOD_TABLES = [[0.1, 0.2, 0.6, 0.6, 2.4, 2.4, 4.8], [1.0] * 7, [0.25, 0.25, 1.25, 2.5, 5.0, 10.0, 30.0], [3.0, 6.0, 6.0, 12.0, 24.0, 24.0, 48.0]]
DISCOUNTS = [{"factor": 0.5}, {"rate": 0.7}, {"half_life": 1.5}, {"factor": 1.0}, {"factor": 0.9}, {"rate": 0.01}, {"half_life": 0.2}, {"factor": 0.999999}]
DELAYS = ["batched", "cumulative", "idealised"]


def pick_latency(pick, gamma, depth):
    return pick(
        [
            proportional(0.125),
            proportional(0.25, 1.0),
            proportional(0.3, 0.5),
            proportional(0.2, 1 / 3),
            ring("diameter", spacing=0.01),
            ring("mean-farthest", spacing=0.05),
            ring("random-quorum", 0.6667, 0.125),
            ring("fastest-quorum", 0.6667, 0.125),
            table(LATENCY_TABLE[: depth + 1]),
        ]
    )


def pick_period(pick, depth, heights, latency):
    free = [ratio(0.125, 2), ratio(1.0, 1), ratio(0.5, 3), table(pick(PERIOD_TABLES)[: depth + 1]), BACK_TO_BACK]
    if latency["model"] == "ring" and 0 in heights:
        free.pop()
    if latency.get("statistic") in ("random-quorum", "fastest-quorum", "diameter", "mean-farthest") and depth == 0:
        free = free[:4]
    return pick(free)


def component_list(gamma, depth):
    operators = gamma**depth
    parts = [part("uniform")]
    parts += [part("meet-at", height=j) for j in range(depth + 1)]
    parts.append(part("opposite"))
    if depth:
        parts.append(part("nearby", height=1))
        parts += [part("circle-distance", distance=d) for d in sorted({1, 2, 3, operators // 3, operators // 2} & set(range(1, operators // 2 + 1)))]
    parts += [part("single-site", operator=i) for i in sorted({0, operators - 1})]
    return parts


def small_scenarios():
    """(id, scenario, heights) for trees of at most 64 operators."""
    rows = []
    pick = Pick(20240229)

    # 1. every component on every tree, everything else drawn
    trees = [(2, k) for k in range(7)] + [(3, k) for k in range(4)] + [(4, k) for k in range(4)] + [(5, k) for k in range(3)]
    for gamma, depth in trees:
        for component in component_list(gamma, depth):
            heights = pick(height_sets(depth))
            if component["kind"] in ("meet-at", "circle-distance", "opposite", "nearby") and pick([0, 1]):
                heights = tree_heights(depth)
            latency = pick_latency(pick, gamma, depth)
            name = component["kind"] + "".join(f"-{v}" for k, v in component.items() if k in ("height", "distance", "operator"))
            component = dict(component)
            side = pick([None, None, None, 0.25, 0.7, 0.999])
            if side is not None:
                component["side_share"] = side
            scenario = scenario_of(
                gamma, depth, pick([0.5, 3.0, 16.0, 64.0, 64.0, 200.0, 1000.0]), [component], latency, pick_period(pick, depth, heights, latency),
                pick(DELAYS), pick(DISCOUNTS), pick([None, 2, 3, 4, 5]), pick([None, 1.0, 2.5]), pick([None, 0.0, 1e-3]), pick([None, None, 0.01]),
            )  # fmt: skip
            rows.append((f"component/{gamma}^{depth}/{name}", scenario, heights))

    # 2. scale-free mixtures
    for number, s in enumerate((-3.0, 0.0, 0.5, 1.0, 2.0, 8.0)):
        for gamma, depth in ((2, 4), (3, 3), (5, 2)) if number % 2 else ((2, 5), (4, 3), (3, 1)):
            heights = pick([tree_heights(depth), list(range(depth + 1)), [depth]])
            latency = pick_latency(pick, gamma, depth)
            scenario = scenario_of(
                gamma, depth, pick([8.0, 64.0, 400.0]), [part("scale-free", side=pick([None, 0.4]), exponent=s)], latency,
                pick_period(pick, depth, heights, latency), pick(DELAYS), pick(DISCOUNTS), pick([None, 3]), None, pick([None, 1e-4]),
            )  # fmt: skip
            rows.append((f"scale-free/{gamma}^{depth}/{s}", scenario, heights))

    # 3. every latency model under every delay model
    models = [
        ("proportional-1", proportional(0.125)), ("proportional-half", proportional(0.125, 0.5)), ("proportional-third", proportional(0.5, 1 / 3)),
        ("proportional-0", proportional(0.5, 0.0)), ("diameter", ring("diameter")), ("mean-farthest", ring("mean-farthest", spacing=0.25)),
        ("random-quorum-.6667", ring("random-quorum", 0.6667, 0.5)), ("random-quorum-.5", ring("random-quorum", 0.5, 0.5)),
        ("random-quorum-1", ring("random-quorum", 1.0, 0.5)), ("random-quorum-tiny", ring("random-quorum", 1e-6, 0.5)),
        ("fastest-quorum-.6667", ring("fastest-quorum", 0.6667, 0.5)), ("fastest-quorum-.3", ring("fastest-quorum", 0.3)),
        ("fastest-quorum-1", ring("fastest-quorum", 1.0)), ("fastest-quorum-tiny", ring("fastest-quorum", 1e-6)), ("table", table([0.0, 0.25, 0.2, 1.0])),
    ]  # fmt: skip
    for number, (name, model) in enumerate(models):
        for offset, delay in enumerate(DELAYS):
            gamma = (2, 3, 4)[(number + offset) % 3]
            heights = ([1, 2, 3], [0, 1, 2, 3], [1, 3], [0, 2])[(number + 2 * offset) % 4]
            scenario = scenario_of(gamma, 3, 96.0, None, model, ratio(0.25, 1 + (number + offset) % 3), delay, DISCOUNTS[(number + offset) % 3])
            rows.append((f"latency/{name}/{delay}", scenario, heights))

    # 4. back-to-back periods: ceilings, gaps, latencies that fall with the height
    for number, (gamma, values, heights) in enumerate(
        [
            (2, [0.1, 0.25, 0.6, 1.0], [0, 1, 2, 3]), (2, [0.1, 0.25, 0.6, 1.0], [0, 2]), (2, [0.1, 0.25, 0.6, 1.0], [1, 3]), (2, [0.1, 0.3, 0.6, 0.9], [0, 1, 2, 3]),
            (3, [0.5, 0.2, 0.7, 0.6], [0, 1, 2, 3]), (3, [0.5, 0.2, 0.7, 0.6], [1, 2, 3]), (4, [0.01, 0.07, 0.5, 2.0], [0, 3]), (4, [0.01, 0.07, 0.5, 2.0], [3]),
        ]
    ):  # fmt: skip
        parts = [part("uniform", 0.5), part("nearby", 0.5, height=1)]
        for delay in ("batched", "cumulative") if number % 2 else ("batched",):
            rows.append((f"back-to-back/table-{number}/{delay}", scenario_of(gamma, 3, 50.0, parts, table(values), BACK_TO_BACK, delay, {"factor": 0.6}), heights))
    for number, (gamma, depth, model, solving) in enumerate(
        [
            (2, 4, ring("diameter", spacing=0.1), 0.03), (2, 4, ring("mean-farthest", spacing=0.1), None), (3, 3, ring("random-quorum", 0.6667, 0.1), None),
            (3, 3, ring("fastest-quorum", 0.6667, 0.1), 0.01), (5, 2, proportional(0.1, 0.5), None), (4, 3, proportional(0.1, 0.5), None), (2, 6, proportional(0.1, 1 / 3), 0.005),
            (3, 2, proportional(0.1, 0.7), None),
        ]
    ):  # fmt: skip
        heights = tree_heights(depth) if number != 3 else [0, 1, 3]
        rows.append((f"back-to-back/model-{number}", scenario_of(gamma, depth, 120.0, None, model, BACK_TO_BACK, "batched", {"rate": 0.3}, solving=solving), heights))

    # 5. mixtures, unequal sides, several assets
    mixtures = [
        [part("uniform", 0.5), part("meet-at", 0.25, height=1), part("scale-free", 0.25, exponent=1.0)],
        [part("opposite", 0.5), part("nearby", 0.5, height=1)],
        [part("uniform", 0.25, 0.1), part("meet-at", 0.25, 0.9, height=2), part("circle-distance", 0.25, 0.4, distance=3), part("single-site", 0.25, 0.6, operator=5)],
        [part("uniform", 0.5, 0.0), part("uniform", 0.5, 1.0)],
        [part("meet-at", 0.5, 0.0, height=1), part("meet-at", 0.5, height=2)],
        [part("single-site", 0.75, 0.3, operator=0), part("opposite", 0.25, 0.2)],
        [part("scale-free", 0.5, 0.35, exponent=-1.5), part("scale-free", 0.5, exponent=3.0)],
        [part("uniform", 0.125 * i, 0.5 + i / 16) for i in (1, 2, 5)],
    ]
    for number, parts in enumerate(mixtures):
        for gamma, depth in ((2, 3), (3, 2) if number % 2 else (4, 2)):
            for rate in (6.0, 300.0):
                heights = pick([tree_heights(depth), list(range(depth + 1))])
                scenario = scenario_of(gamma, depth, rate, parts, proportional(0.125, pick([1.0, 0.5])), pick([ratio(0.125, 2), ratio(0.5, 1), BACK_TO_BACK]), pick(DELAYS), pick(DISCOUNTS), pick([2, 3, 5]))
                rows.append((f"mixture/{number}/{gamma}^{depth}/{rate}", scenario, heights))
    for side in (0.0, 1.0, 1e-9, 0.49999, 0.5000001, 0.3, 0.95):
        for kind in ("uniform", "opposite", "meet-at"):
            component = part(kind, 1.0, side, **({"height": 1} if kind == "meet-at" else {}))
            rows.append((f"side/{kind}/{side}", scenario_of(2, 3, 40.0, [component], proportional(0.125), ratio(0.5, 2), "batched", {"factor": 0.5}, pick([None, 3])), [1, 2, 3]))

    # 6. rates and discounts at the ends
    for number, rate in enumerate((1e-6, 1e-3, 1.0, 1e3, 1e5, 1e6)):
        for kind, side in (("uniform", None), ("uniform", 0.45), ("nearby", None), ("opposite", 0.4999)):
            component = part(kind, 1.0, side, **({"height": 1} if kind == "nearby" else {}))
            latency = proportional(0.125, (1.0, 0.5)[number % 2])
            scenario = scenario_of(2, 3, rate, [component], latency, ratio(0.125, 1 + number % 3), DELAYS[number % 3], DISCOUNTS[number], message=(1e-4, None)[number % 2])
            rows.append((f"rate/{kind}/{side}/{rate}", scenario, [1, 2, 3]))
    discounts = [{"factor": 1.0}, {"factor": 1e-300}, {"factor": 5e-324}, {"factor": 1 - 2.0**-53}, {"factor": 1 - 1e-10}, {"rate": 0.0}, {"rate": 1e-12}, {"rate": 500.0}, {"half_life": 1e12}, {"half_life": 1e-3}]
    for number, discount in enumerate(discounts):
        for latency in (proportional(0.125), table([0.0, 0.0, 0.001, 2.0])):
            key, value = next(iter(discount.items()))
            scenario = scenario_of(2, 3, 64.0, [part("uniform")], latency, ratio(0.125, 2), DELAYS[(number * (1 if latency["model"] == "table" else 2)) % 3], discount, mean=7.25)
            rows.append((f"discount/{key}/{value}/{latency['model']}", scenario, [1, 2, 3] if number % 2 else [0, 1, 3]))

    # 7. the eight operators: all architectures, with cost, solving time and another utility
    for heights in ([1, 2, 3], [3], [1], [2], [0], [0, 2], [1, 3], [0, 1, 2, 3]):
        for delay in DELAYS:
            scenario = scenario_of(2, 3, 64.0, None, proportional(0.125), ratio(0.125, 2), delay, {"factor": 0.5})
            rows.append((f"eight/{'-'.join(map(str, heights))}/{delay}", scenario, heights))
    for number, solving in enumerate((1e-9, 0.0125, 0.125, 4.0)):
        for period in (ratio(0.125, 2), BACK_TO_BACK):
            scenario = scenario_of(2, 3, 64.0, None, proportional(0.125), period, DELAYS[number % 2], {"half_life": 1.0}, solving=solving, mean=0.25, message=2.0 ** -(2 * number))
            rows.append((f"solving/{period['model']}/{solving}", scenario, [1, 2, 3] if number % 2 else [0, 1, 2, 3]))
    return rows


def big_scenarios():
    """Trees that nobody lists: pools and classes are counted."""
    far = proportional(1.0, 0.01)
    half = {"half_life": 1000.0}
    rows = [
        # one window for all: the unfilled share falls as the square root of the pool
        ("2^1000/uniform", scenario_of(2, 1000, 1e300, None, far, ratio(1.0, 1), "cumulative", half), [1, 10, 500, 990, 999, 1000]),
        ("2^1000/uniform-ideal", scenario_of(2, 1000, 1e300, None, proportional(9.332636185032189e-302), ratio(1.0, 1), "idealised", {"factor": 0.5}), [995, 996, 997, 998, 999, 1000]),
        ("2^1000/uniform-ratio", scenario_of(2, 1000, 1e-290, None, proportional(9.332636185032189e-302), ratio(1.0, 2), "batched", {"rate": 1e-301}, message=1e-300), [900, 950, 990, 1000]),
        ("2^1000/uniform-thick", scenario_of(2, 1000, 0.1, [part("uniform", 1.0)], far, ratio(1.0, 2), "cumulative", half, assets=5, message=1e-305), list(range(1, 1000, 37)) + [1000]),
        ("2^1000/root", scenario_of(2, 1000, 1e6, None, far, ratio(1.0, 1), "batched", half), [1000]),
        ("2^1000/opposite", scenario_of(2, 1000, 1e6, [part("opposite", 1.0, 0.499)], far, ratio(1.0, 1), "batched", half), [1, 500, 999, 1000]),
        ("2^1000/meet-at-500", scenario_of(2, 1000, 1e155, [part("meet-at", height=500)], far, ratio(0.5, 1), "batched", half), [499, 500, 501, 1000]),
        ("2^1000/meet-at-0", scenario_of(2, 1000, 1e302, [part("meet-at", height=0)], far, ratio(0.5, 1), "batched", half), [0, 1, 1000]),
        ("2^1000/scale-free--3", scenario_of(2, 1000, 1e3, [part("scale-free", exponent=-3.0)], far, ratio(1.0, 1), "cumulative", half), [900, 990, 999, 1000]),
        ("2^1000/scale-free-8", scenario_of(2, 1000, 1e301, [part("scale-free", exponent=8.0)], far, ratio(1.0, 1), "cumulative", half), [1, 2, 5, 1000]),
        ("2^1000/mixture", scenario_of(2, 1000, 1e300, [part("uniform", 0.5, 0.25), part("nearby", 0.25, height=1), part("opposite", 0.25)], far, ratio(8.0, 1), "batched", half), [1, 700, 1000]),
        ("3^300/uniform", scenario_of(3, 300, 1e140, None, proportional(1e-140), ratio(1.0, 1), "batched", {"factor": 0.5}), [250, 280, 290, 300]),
        ("3^300/scale-free-1", scenario_of(3, 300, 1e143, [part("scale-free", exponent=1.0)], far, ratio(1.0, 1), "idealised", half), [1, 150, 300]),
        ("3^300/scale-free-.5", scenario_of(3, 300, 1e80, [part("scale-free", exponent=0.5)], far, ratio(2.0, 2), "cumulative", half), [100, 200, 300]),
        ("3^300/mixture", scenario_of(3, 300, 1e143, [part("uniform", 0.5), part("meet-at", 0.5, 0.3, height=2)], far, ratio(1.0, 3), "cumulative", half, message=1e-140), [1, 2, 3, 300]),
        ("2^60/tree", scenario_of(2, 60, 1e18, None, proportional(1e-18), ratio(1.0, 1), "cumulative", {"factor": 0.5}, assets=3), list(range(1, 61))),
        ("2^60/even-load", scenario_of(2, 60, 1e18, None, proportional(1e-18), ratio(1e-18, 2), "batched", {"factor": 0.5}, message=1e-19), list(range(20, 61, 4))),
        ("2^60/back-to-back", scenario_of(2, 60, 1e18, None, proportional(0.01, 0.25), BACK_TO_BACK, "batched", {"factor": 0.5}), [1, 7, 20, 33, 60]),
        ("2^60/ring-diameter", scenario_of(2, 60, 1e19, [part("scale-free", exponent=2.0)], ring("diameter", spacing=1e-18), ratio(0.5, 1), "batched", {"rate": 0.5}), [1, 2, 3, 30, 59, 60]),
        ("2^60/circle-distance-1", scenario_of(2, 60, 1e19, [part("circle-distance", distance=1)], ring("mean-farthest", spacing=1e-18), ratio(0.5, 1), "cumulative", {"rate": 0.5}), [1, 2, 3, 59, 60]),
        ("2^60/circle-distance-far", scenario_of(2, 60, 1e19, [part("circle-distance", 1.0, 0.4, distance=2**52)], proportional(1e-18), ratio(0.5, 2), "batched", {"rate": 0.5}), [51, 52, 53, 60]),
        ("2^60/circle-distance-half", scenario_of(2, 60, 1e19, [part("circle-distance", distance=2**59)], proportional(1e-18), ratio(0.5, 1), "batched", {"rate": 0.5}), [58, 59, 60]),
        ("2^60/single-site", scenario_of(2, 60, 77.0, [part("single-site", operator=123456789)], proportional(1e-18), ratio(0.5, 1), "batched", {"rate": 0.5}), [0, 30, 60]),
        ("3^40/scale-free-0", scenario_of(3, 40, 1e19, [part("scale-free", exponent=0.0)], proportional(1e-18), ratio(1.0, 1), "cumulative", {"rate": 0.5}), [36, 37, 38, 39, 40]),
        ("5^20/mixture", scenario_of(5, 20, 1e14, [part("uniform", 0.5, 0.499), part("scale-free", 0.25, exponent=0.5), part("circle-distance", 0.25, distance=1000003)], proportional(1e-3, 1 / 3), ratio(0.125, 2), "batched", {"factor": 0.5}, assets=4, message=1e-15), list(range(1, 21))),
        ("1000^2/uniform", scenario_of(1000, 2, 1e6, None, ring("mean-farthest", spacing=1e-6), ratio(0.5, 1), "batched", {"factor": 0.5}, message=1e-13), [0, 1, 2]),
        ("10^300/uniform", scenario_of(10, 300, 1e299, None, far, ratio(1.0, 1), "cumulative", half), [298, 299, 300]),
    ]  # fmt: skip
    return [(f"big/{name}", scenario, heights) for name, scenario, heights in rows]


def as_text(value):
    return value if isinstance(value, int) else text(value, 20)


def finite(value):
    return abs(to_mpf(value)) < mpf(1.7e308)


def write_welfare():
    rows = small_scenarios() + big_scenarios()
    seen = Counter()
    path = os.path.join(HERE, "welfare.jsonl")
    with open(path, "w", newline="\n") as out:
        for name, scenario, heights in rows:
            seen[name] += 1
            if seen[name] > 1:
                name = f"{name}/{seen[name]}"
            written = toml_text(scenario)
            read = tomllib.loads(written)
            ensure("scenario survives the text", read == scenario, name)
            ensure("heights ascend", heights == sorted(set(heights)) and set(heights) <= set(range(read["tree"]["depth"] + 1)), name)
            ensure("shares sum to 1 exactly", sum(exact(c["share"]) for c in read["flow"].get("components", [{"share": 1.0}])) == 1, name)
            try:
                expected = evaluate(read, heights)
            except AssertionError as error:
                raise AssertionError(f"{name} {heights}: {error}\n{written}") from error
            degenerate_checks(read, heights, expected)
            expected["by_height"] = [{k: as_text(v) for k, v in row.items()} for row in expected["by_height"] if all(finite(v) for v in row.values())]
            ensure("finite in double precision", len(expected["by_height"]) == len(heights) and all(finite(v) for k, v in expected.items() if k != "by_height"), name)
            expected = {k: v if k == "by_height" else as_text(v) for k, v in expected.items()}
            line = {"id": name, "scenario": written, "heights": heights, "expected": expected}
            out.write(json.dumps(line, separators=(",", ":")) + "\n")
    return len(rows)


def degenerate_checks(scenario, heights, expected):
    """Identities that hold in special cases."""
    depth, gamma = scenario["tree"]["depth"], scenario["tree"]["arity"]
    parts = scenario["flow"].get("components", [{"kind": "uniform", "share": 1.0}])
    delay, period = scenario["timing"]["delay"], scenario["timing"]["period"]
    by_height = {row["height"]: row for row in expected["by_height"]}
    if len(parts) != 1:
        return
    kind = parts[0]["kind"]
    if kind == "opposite" and heights[-1] == depth and period["model"] != "back-to-back":
        for h in heights[:-1]:
            ensure("opposite: nothing below the root", by_height[h]["filled_share"] == 0)
        alone = evaluate(scenario, [depth])
        lower = sum((row["latency"] for row in expected["by_height"][:-1]), Fraction(0))
        factor = mpf(1) if delay == "idealised" else mp.exp(log_discount(scenario) * to_mpf(lower))
        check("opposite: tree = global times the lower latencies", expected["gross"], alone["gross"] * factor, mpf(10) ** -40)
    if kind == "nearby" and period.get("ratio") == 1:
        meeting = [h for h in heights if h >= parts[0]["height"]]
        for h in meeting[1:]:
            ensure("nearby, one window: nothing above", by_height[h]["filled_share"] == 0)
    if kind == "uniform" and "side_share" not in parts[0]:
        kinds = scenario["flow"].get("assets", 2)
        kinds = kinds * (kinds - 1) // 2
        before = mpf(1)
        for h in heights:
            x = exact(scenario["flow"]["rate"]) / (2 * kinds) * Fraction(gamma) ** (h - depth) * by_height[h]["period"]
            now = pair(x, x)[1] / to_mpf(x)
            if before - now > mpf(10) ** -20:
                check("uniform: filling rate = 1 - g(x_h)/g(x_h')", by_height[h]["filling_rate"], 1 - now / before, mpf(10) ** -35)
            before = now
        check("uniform: unfilled share = g", expected["unfilled_share"], before, mpf(10) ** -40)
    if kind == "circle-distance":
        distance, rate = parts[0]["distance"], exact(scenario["flow"]["rate"])
        terms = flow_terms(scenario, heights, listed=gamma**depth <= 64)
        for h in heights:
            inside = sum((times * (first + second) for (first, second), times in terms[h].items()), Fraction(0)) / rate
            ensure("circle-distance: share inside the pools", inside == (1 if h == depth else max(0, 1 - Fraction(distance, gamma**h))))


def main():
    start = time.time()
    for name, job in (
        ("kernels", lambda: check_kernels() or 0),
        ("mechanism", lambda: check_mechanism() or 0),
        ("special_functions.csv", write_special),
        ("skellam.csv", write_skellam),
        ("latency.csv", write_latency),
        ("welfare.jsonl", write_welfare),
    ):
        begin = time.time()
        rows = job()
        print(f"{name}: {rows} rows, {time.time() - begin:.1f} s", file=sys.stderr)
    print(f"{sum(CHECKS.values())} checks of {len(CHECKS)} kinds passed in {time.time() - start:.0f} s", file=sys.stderr)
    for name, count in sorted(CHECKS.items()):
        print(f"  {count:6d}  {name}", file=sys.stderr)


if __name__ == "__main__":
    main()

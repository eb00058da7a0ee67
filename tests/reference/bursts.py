#!/usr/bin/env python3
"""Reference values of kernels::bursts, by direct sums over the laws and high precision.

Run it from the root of the crate (a few minutes on one core, no arguments):

    python3 tests/reference/bursts.py

It needs mpmath and writes bursts.csv beside itself:

    function,shape,a,b,value

    sum_unfilled, sum_filled      1 - E/m and E/m, m = (a + b)/2, E = E min(N+, N-) = sum_j P(N+ >= j) P(N- >= j): the
                                  sum straight from the two negative binomial laws, all terms positive
    far_unfilled, far_filled      the same where the sum is too long: E|N+ - N-| by Fejer's integral over the
                                  characteristic function, trapezoidal rule in ln tan(t/2)
    sum_difference                filled share of the sides (2a, 2b) minus that of (a, b), from the sums
    far_difference                likewise from the Fejer integrals
    floor                         E|G+ - G-|/2 by quadrature over the Beta law of G+/(G+ + G-) (a = b = 0)

Arguments are exact doubles; values have 25 digits. A far value is kept if two steps of the rule agree to 27 digits, and
some of them are checked against the sums.
"""

import os
from multiprocessing import Pool

from mpmath import mp, mpf

mp.dps = 50
LONGEST = 6_000


def terms(shape, x):
    """Number of terms after which P(N >= j) is below 1e-45 of what matters."""
    r = x / shape
    return int(x + 110 * (r + 1) + 16 * mp.sqrt(x) + 200 + 110 / (1 + shape / (1 + r))) if x > 0 else 0


def tails(shape, x, top):
    """P(N >= j) for j = 0..top."""
    last = max(top, terms(shape, mpf(x)))
    shape, x = mpf(shape), mpf(x)
    r = x / shape
    q = r / (1 + r)
    pmf = [(1 + r) ** (-shape)]
    for n in range(last + 400):
        pmf.append(pmf[-1] * (shape + n) / (n + 1) * q)
    n = len(pmf) - 1
    # what is left beyond, by its ratio
    tail = pmf[-1] * (shape + n) / (n + 1) * q / (1 - q * max(1, (shape + n + 1) / (n + 2)))
    out = [mpf(0)] * (n + 2)
    out[n + 1] = tail
    for j in range(n, -1, -1):
        out[j] = out[j + 1] + pmf[j]
    return out[: top + 1]


def direct(shape, a, b):
    """E min."""
    top = min(terms(shape, mpf(a)), terms(shape, mpf(b)))
    with mp.extradps(20):
        ta, tb = tails(shape, a, top), tails(shape, b, top)
        return mp.fsum(ta[j] * tb[j] for j in range(1, top + 1))


def fejer(shape, a, b, step):
    """E|N+ - N-| = (1/pi) int_0^pi (1 - Re phi)/(1 - cos t) dt, t = 2 atan(e^s), by the trapezoidal rule in s."""
    with mp.workdps(80):  # the real part of 1 - phi is t^2 where the imaginary one is t
        shape, a, b = mpf(shape), mpf(a), mpf(b)
        ra, rb = a / shape, b / shape
        low = int((-mp.log(1 + (a + b) * (1 + 1 / shape)) - 66) / step)
        total = mpf(0)
        for k in range(low, int(66 / step)):
            u = mp.exp(k * step)
            y, sine = 2 * u * u / (1 + u * u), 2 * u / (1 + u * u)
            gone = mp.mpc(y, -sine)  # 1 - z; 1 - 1/z is its conjugate
            log = -shape * mp.log((1 + ra * gone) * (1 + rb * mp.conj(gone)))
            total += -mp.re(mp.expm1(log)) / y * sine
        return total * step / mp.pi


def far(shape, a, b):
    """The same if two steps agree."""
    # A steady characteristic function is a Gaussian, whose strip of decay is half as wide.
    steps = (8, 11) if shape < 50 else (15, 19)
    found, again = (fejer(shape, a, b, mpf(1) / n) for n in steps)
    return again if abs(found - again) < mpf(10) ** -27 * again else None


def floor(shape):
    shape = mpf(shape)
    # G+ - G- = S (2B - 1), S of mean 2: E|2B - 1| over Beta(shape, shape), in the logit.
    f = lambda s: mp.tanh(s / 2) * mp.exp(-2 * shape * mp.log(mp.cosh(s / 2)))
    points = [0] + [mpf(w) / mp.sqrt(shape) for w in (1, 2, 4, 8, 14, 24)] + [mpf(w) / shape + 25 / mp.sqrt(shape) for w in (1, 4, 16, 64, 256)]
    # Scaled by its peak: the quadrature stops at an absolute error.
    beta = 2 * mp.loggamma(shape) - mp.loggamma(2 * shape)
    return 2 * mp.quad(f, points) * mp.exp(-2 * shape * mp.log(2) - beta)


def values(shape):
    """All rows of one shape."""
    mp.dps = 50
    rows = []
    add = lambda name, a, b, value: rows.append(f"{name},{shape!r},{a!r},{b!r},{mp.nstr(value, 25)}")
    for x in [1e-12, 1e-3, 0.02, 0.3, 1.0, 3.0, 45.0, 300.0]:
        for ratio in [1.0, 1.0 + 2.0**-20, 1.2, 30.0]:
            a, b = x, x * ratio
            if terms(shape, mpf(2 * a)) > LONGEST:
                continue
            least, mean = direct(shape, a, b), (mpf(a) + mpf(b)) / 2
            add("sum_filled", a, b, least / mean)
            add("sum_unfilled", a, b, 1 - least / mean)
            twice = direct(shape, 2 * a, 2 * b) / (2 * mean)
            if twice - least / mean > mpf(10) ** -20:  # else the subtraction has too few digits left
                add("sum_difference", a, b, twice - least / mean)
            if x == 0.3 and ratio == 1.2:
                other = (2 * mean - far(shape, a, b)) / 2
                assert abs(other - least) < mpf(10) ** -22 * mean, (shape, a, b)
    for x in [12.0, 1e6, 1e9]:
        for ratio in [1.0, 1.2]:
            a, b = x, x * ratio
            mean = (mpf(a) + mpf(b)) / 2
            distance = far(shape, a, b)
            if distance is None:
                continue
            odd = distance / (2 * mean)
            add("far_unfilled", a, b, odd)
            add("far_filled", a, b, 1 - odd)
            double = far(shape, 2 * a, 2 * b)
            difference = 0 if double is None else odd - double / (4 * mean)
            if difference > mpf(10) ** -12 * odd:
                add("far_difference", a, b, difference)
    add("floor", 0.0, 0.0, floor(shape))
    return rows


def main():
    shapes = [1e-3, 0.3, 0.5, 0.74, 0.76, 1.7, 4.0, 79.0, 1e4, 1e9, 1e12]
    with Pool(2) as pool:
        rows = [row for part in pool.imap(values, shapes, chunksize=1) for row in part]
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "bursts.csv"), "w") as file:
        file.write("function,shape,a,b,value\n" + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Prints the minimax polynomials of compiler/scalars (needs mpmath).

Each case approximates f on [low, high] by sum c[k] x^k with the least maximal |error| * weight, by Remez' exchange in 60 digits.
`python3 scripts/minimax.py [NAME…]` prints the coefficients, lowest first, and the error in bits.
"""
import sys

from mpmath import mp, mpf, matrix, lu_solve, exp, expm1, log, log1p, sin, cos, tanh, atan, erf, erfc, sqrt, pi

mp.dps = 60


def remez(f, weight, low, high, degree, rounds=12, samples=600):
    """Coefficients and the maximal weighted error."""
    n = degree + 2
    nodes = [(low + high) / 2 - (high - low) / 2 * mp.cos(pi * k / (n - 1)) for k in range(n)]
    for _ in range(rounds):
        a = matrix(n, n)
        b = matrix(n, 1)
        for i, x in enumerate(nodes):
            for k in range(degree + 1):
                a[i, k] = x**k
            a[i, degree + 1] = (-1) ** i / weight(x)
            b[i] = f(x)
        solution = lu_solve(a, b)
        c = [solution[k] for k in range(degree + 1)]

        def error(x):
            return (mp.polyval(c[::-1], x) - f(x)) * weight(x)

        # One extremum between neighbouring sign changes of the error, refined by a parabola-free grid search.
        grid = [(low + high) / 2 - (high - low) / 2 * mp.cos(pi * k / samples) for k in range(samples + 1)]
        values = [error(x) for x in grid]
        groups, current = [], [0]
        for k in range(1, len(grid)):
            if values[k] * values[current[-1]] < 0:
                groups.append(current)
                current = [k]
            else:
                current.append(k)
        groups.append(current)
        peaks = [max(g, key=lambda k: abs(values[k])) for g in groups]
        if len(peaks) < n:
            break  # rounding of the samples, or already level
        while len(peaks) > n:
            peaks.pop(0 if abs(values[peaks[0]]) < abs(values[peaks[-1]]) else -1)
        nodes = [grid[k] for k in peaks]
        largest, least = (g(abs(values[k]) for k in peaks) for g in (max, min))
        if largest / least < mpf("1.01"):
            break
    return c, max(abs(v) for v in values)


def series(f, near=mpf("1e-8"), taylor=None):
    """f with its limit at 0 taken from the Taylor coefficients, where the formula cancels."""
    return lambda x: mp.polyval(taylor[::-1], x) if abs(x) < near else f(x)


half_log2 = log(2) / 2
root2 = sqrt(mpf(2))


def exp_tail(r):  # (e^r - 1 - r) / r^2
    return series(lambda r: (expm1(r) - r) / r**2, taylor=[mpf(1) / mp.factorial(k + 2) for k in range(8)])(r)


def log_tail(f):  # (log(1 + f) - f + f^2 / 2) / f^3
    return series(lambda f: (log1p(f) - f + f * f / 2) / f**3, taylor=[mpf(-1) ** k / (k + 3) for k in range(8)])(f)


def log_of_square(z):  # (2 atanh(s) - 2 s) / s^3 with z = s^2
    g = lambda z: (log((1 + sqrt(z)) / (1 - sqrt(z))) - 2 * sqrt(z)) / (z * sqrt(z))
    return series(g, near=mpf("1e-12"), taylor=[mpf(2) / (2 * k + 3) for k in range(8)])(z)


def odd_tail(function, taylor):  # (function(s) - s) / s^3 with z = s^2
    g = lambda z: (function(sqrt(z)) - sqrt(z)) / (z * sqrt(z))
    return series(g, near=mpf("1e-12"), taylor=taylor)


sin_tail = odd_tail(sin, [(-1) ** (k + 1) / mp.factorial(2 * k + 3) for k in range(8)])
atan_tail = odd_tail(atan, [mpf(-1) ** (k + 1) / (2 * k + 3) for k in range(8)])
tanh_tail = odd_tail(tanh, [mpf(-1) / 3, mpf(2) / 15, mpf(-17) / 315, mpf(62) / 2835])


def cos_tail(z):  # (cos(s) - 1 + s^2 / 2) / s^4 with z = s^2
    g = lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2
    return series(g, near=mpf("1e-12"), taylor=[(-1) ** k / mp.factorial(2 * k + 4) for k in range(8)])(z)


def erf_ratio(z):  # erf(s) / s - 1 with z = s^2
    g = lambda z: erf(sqrt(z)) / sqrt(z) - 1
    return series(g, near=mpf("1e-12"), taylor=[2 / sqrt(pi) - 1, -2 / sqrt(pi) / 3, 2 / sqrt(pi) / 10])(z)


def erfc_scaled(q):  # (1 + 2 x) e^(x^2) erfc(x) with q = (x - 4) / (x + 4)
    x = 4 * (1 + q) / (1 - q)
    return (1 + 2 * x) * exp(x * x) * erfc(x)


one = lambda x: mpf(1)
octant = mpf("0.86") ** 2  # pi / 4 and what the reduction may exceed it by
CASES = {
    # name: (f, weight, low, high, degree).  The weight makes the error relative to the whole function, not to the tail.
    "exp_single": (exp_tail, lambda r: r * r / exp(r), -half_log2, half_log2, 4),
    "expm1_single": (exp_tail, lambda r: abs(r) + mpf("1e-9"), -half_log2, half_log2, 5),
    "exp_double": (exp_tail, lambda r: abs(r) + mpf("1e-9"), -half_log2, half_log2, 10),
    "log_single": (log_tail, lambda f: abs(f * f) + mpf("1e-9"), 1 / root2 - 1, root2 - 1, 8),
    "log_double": (log_of_square, lambda z: z + mpf("1e-12"), mpf(0), ((root2 - 1) / (root2 + 1)) ** 2, 6),
    "tanh_single": (tanh_tail, lambda z: z + mpf("1e-9"), mpf(0), mpf("0.625") ** 2, 4),
    "cos_single": (cos_tail, lambda z: z * z + mpf("1e-9"), mpf(0), octant, 2),
    "sin_30_bits": (sin_tail, lambda z: z + mpf("1e-9"), mpf(0), octant, 3),
    "cos_30_bits": (cos_tail, lambda z: z * z + mpf("1e-9"), mpf(0), octant, 3),
    "atan_30_bits": (atan_tail, lambda z: z + mpf("1e-6"), mpf(0), mpf(1), 10),
    "erf_small": (erf_ratio, one, mpf(0), mpf("0.95") ** 2, 6),
    "erf_large": (lambda x: -log(erfc(x)), erfc, mpf("0.9"), mpf(4), 6),
    "erfc_scaled": (erfc_scaled, lambda q: 1 / erfc_scaled(q), mpf(-1), (mpf(11) - 4) / (11 + 4), 12),
}


def main():
    for name in sys.argv[1:] or CASES:
        f, weight, low, high, degree = CASES[name]
        c, error = remez(f, weight, low, high, degree)
        print(f"{name}: error 2^{mp.nstr(log(error, 2), 4)} on [{mp.nstr(low, 6)}, {mp.nstr(high, 6)}]")
        print("    " + ", ".join(mp.nstr(x, 18) for x in c))


if __name__ == "__main__":
    main()

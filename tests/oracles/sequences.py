"""Numbers that look random and are the same to the last bit wherever they are made: a linear congruence, scaled by a power of two."""


def numbers(seed, count, scale=1.0):
    """`count` multiples of 2^-20 in [-1, 1), times `scale`, a power of two."""
    state, out = seed * 7919 + 12345, []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out.append(((state >> 43) - 2**20) / 2**20 * scale)
    return out


def labels(seed, count, classes):
    return [int((value + 1) / 2 * classes) for value in numbers(seed, count)]

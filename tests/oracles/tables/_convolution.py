"""Convolutions in PyTorch's terms: any padding is made by `pad`, transposed ones are cropped from the largest."""

from torch.nn import functional as f

from tables._axes import both_sides, by_position, listed

CONV = {1: f.conv1d, 2: f.conv2d, 3: f.conv3d}
TRANSPOSED = {1: f.conv_transpose1d, 2: f.conv_transpose2d, 3: f.conv_transpose3d}


def zeros(spans, pad, after, padding):
    """How many zeros before and behind each axis, where the kernel reaches `spans` elements beyond its first."""
    pad = listed(pad, len(spans))
    after = pad if after is None else listed(after, len(spans))
    share = {"valid": lambda s: (0, 0), "same": lambda s: (s // 2, s - s // 2), "full": lambda s: (s, s)}[padding]
    return ([p if p >= 0 else share(s)[0] for p, s in zip(pad, spans)], [a if a >= 0 else share(s)[1] for a, s in zip(after, spans)])


def padded(x, kernel, pad, after, dilation, padding):
    spans = [d * (k - 1) for d, k in zip(listed(dilation, len(kernel)), kernel)]
    return f.pad(x, both_sides(*zeros(spans, pad, after, padding), len(spans)))


def conv(x, w, b=None, stride=1, pad=-1, after=None, dilation=1, padding="valid", flip=False):
    axes = x.dim() - 2
    if flip:
        w = w.flip(list(range(2, 2 + axes)))
    x = padded(x, w.shape[2:], pad, after, dilation, padding)
    return CONV[axes](x, w, b, stride=stride, dilation=dilation, groups=x.shape[1] // w.shape[1])


def conv_transpose(x, w, b=None, stride=1, pad=-1, groups=1, extra=0, after=None, dilation=1, padding="valid"):
    axes = x.dim() - 2
    spans = [d * (k - 1) for d, k in zip(listed(dilation, axes), w.shape[2:])]
    before, behind = zeros(spans, pad, after, padding)
    same = [padding == "same" and p < 0 for p in listed(pad, axes)]
    more = [e + (s - 1 if whole else 0) for e, s, whole in zip(listed(extra, axes), listed(stride, axes), same)]
    y = TRANSPOSED[axes](x, w, None, stride=stride, dilation=dilation, groups=groups)
    y = f.pad(y, both_sides([-n for n in before], [m - n for m, n in zip(more, behind)], axes))
    return y if b is None else y + b.reshape(-1, *[1] * axes)


def separable_conv(x, depthwise, pointwise, b=None, **settings):
    h = conv(x, depthwise, **settings)
    return conv(h, pointwise.reshape(*pointwise.shape, *[1] * (x.dim() - 2)), b)


def tiled_conv(x, w, b, stride=1, pad=-1, after=None, dilation=1, padding="valid"):
    """Equation 9.10, position by position."""
    axes = x.dim() - 2
    tiles = b.shape[1:]
    kernel = [size // t for size, t in zip(w.shape[2:], tiles)]
    stride, dilation = listed(stride, axes), listed(dilation, axes)
    x = padded(x, kernel, pad, after, dilation, padding)
    sizes = [(n - d * (k - 1) - 1) // s + 1 for n, d, k, s in zip(x.shape[2:], dilation, kernel, stride)]

    def at(i):
        seen = x[(..., *[slice(p * s, p * s + d * (k - 1) + 1, d) for p, s, d, k in zip(i, stride, dilation, kernel)])]
        own = w[(..., *[slice(p % t * k, (p % t + 1) * k) for p, t, k in zip(i, tiles, kernel)])]
        return seen.flatten(1) @ own.flatten(1).T + b[(slice(None), *[p % t for p, t in zip(i, tiles)])]

    return by_position(sizes, at)

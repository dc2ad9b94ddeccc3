"""Layers that normalise."""

from torch.nn import functional as f

from cases import case, fixed, real, row
from tables import norm


def batch_norm(x, gain, shift, running_mean, running_variance, momentum=0.1, eps=1e-5):
    return norm.standardize(x, running_mean, running_variance, gain, shift, eps)


def batch_norm_train(x, gain, shift, running_mean, running_variance, momentum=0.1, eps=1e-5):
    m, v = norm.channel_moments(x)
    return {
        "y": f.batch_norm(x, None, None, gain, shift, True, momentum, eps),
        "state/running_mean": (1 - momentum) * running_mean + momentum * m.detach(),
        "state/running_variance": (1 - momentum) * running_variance + momentum * v.detach(),
    }


def spectral_norm(w, left):
    return w / norm.power_iteration(w, left)[1]


def spectral_norm_train(w, left):
    next_left, value = norm.power_iteration(w, left)
    return {"y": w / value, "state/left": next_left}


def moments(channels):
    return dict(gain=real(channels), shift=real(channels), running_mean=fixed(channels), running_variance=fixed(channels, lo=0.5, hi=2.0))


TABLE = [
    row("batch_norm", batch_norm, case(x=real(4, 3), **moments(3)), case(x=real(2, 3, 4, 2), **moments(3), eps=0.1)),
    row(
        "batch_norm",
        batch_norm_train,
        case(x=real(5, 3), **moments(3), train=True),
        case(x=real(2, 3, 4), **moments(3), momentum=0.3, train=True),
        case(x=real(2, 1, 2, 3), **moments(1), eps=0.1, train=True),
    ),
    row(
        "layer_norm",
        norm.normalize_layer,
        case(x=real(4, 5), gain=real(5), shift=real(5)),
        case(x=real(2, 3, 7), gain=real(7), shift=real(7), eps=0.1),
    ),
    row("rms_norm", norm.rms, case(x=real(4, 5), gain=real(5)), case(x=real(2, 3, 1), gain=real(1), eps=0.1)),
    row(
        "group_norm",
        norm.normalize_groups,
        case(x=real(2, 6, 3), gain=real(6), shift=real(6), groups=2),
        case(x=real(1, 4, 3, 2), gain=real(4), shift=real(4), groups=4),
    ),
    row(
        "instance_norm",
        lambda x, gain, shift, eps=1e-5: f.instance_norm(x, weight=gain, bias=shift, eps=eps),
        case(x=real(2, 3, 5), gain=real(3), shift=real(3)),
        case(x=real(1, 2, 3, 4), gain=real(2), shift=real(2), eps=0.1),
    ),
    row(
        "weight_norm", lambda w, gain: norm.normalize_weight(w, gain), case(w=real(4, 5), gain=real(4)), case(w=real(2, 2, 3), gain=real(2))
    ),
    row("spectral_norm", spectral_norm, case(w=real(4, 5), left=fixed(4)), case(w=real(3, 2, 2), left=fixed(3))),
    row("spectral_norm", spectral_norm_train, case(w=real(4, 5), left=fixed(4), train=True)),
]

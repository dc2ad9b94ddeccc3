"""Densities, divergences, samples."""

import torch
from torch import distributions as d

from cases import case, integer, positive, real, row


def mixture_nll(x, z, mean, sd=torch.tensor(1.0)):
    parts = d.Independent(d.Normal(mean, sd.expand(mean.shape)), 1)
    return -d.MixtureSameFamily(d.Categorical(logits=z), parts, validate_args=False).log_prob(x)


def gumbel_softmax(z, temperature=1.0, hard=False, drawn=None):
    """The noise is what is left of the logarithm of the sample; with `hard` only where the one is can be seen."""
    return torch.softmax((z + (temperature * torch.log(drawn["y"]) - z).detach()) / temperature, -1)


def normal_sample(mean, sd=torch.tensor(1.0), drawn=None):
    return mean + sd * ((drawn["result"] - mean) / sd).detach()


PAIRS = (
    case(p=real(3, 4, lo=0.05, hi=0.95), q=real(3, 4, lo=0.05, hi=0.95)),
    case(p=real(1, lo=0.05, hi=0.95), q=real(1, lo=0.05, hi=0.95)),
)

TABLE = [
    row(
        "normal_log_density",
        lambda x, mean=torch.tensor(0.0), sd=torch.tensor(1.0): d.Normal(mean, sd).log_prob(x),
        case(x=real(3, 4), mean=real(4), sd=positive(3, 1)),
        case(x=real(5)),
    ),
    row(
        "laplace_log_density",
        lambda x, mean=torch.tensor(0.0), scale=torch.tensor(1.0): d.Laplace(mean, scale).log_prob(x),
        case(x=real(3, 4, lo=1.1, hi=2), mean=real(4), scale=positive(3, 1)),
        case(x=real(5, away=(0,))),
    ),
    row(
        "bernoulli_log_density",
        lambda y, z: y * z - torch.log1p(torch.exp(z)),
        case(y=real(4, lo=0, hi=1), z=real(4)),
        case(y=real(2, 1, lo=0, hi=1), z=real(3, lo=-4, hi=4)),
    ),
    row(
        "categorical_log_density",
        lambda label, z: d.Categorical(logits=z).log_prob(label),
        case(label=integer(4, hi=3), z=real(4, 3)),
        case(label=integer(2, 3, hi=1), z=real(2, 3, 1)),
    ),
    row(
        "diagonal_normal_log_density",
        lambda x, mean=torch.tensor(0.0), sd=torch.tensor(1.0): d.Normal(mean, sd).log_prob(x).sum(-1),
        case(x=real(3, 4), mean=real(3, 4), sd=positive(3, 4)),
        case(x=real(2, 3, 1)),
    ),
    row(
        "mixture_nll",
        mixture_nll,
        case(x=real(4, 2), z=real(4, 3), mean=real(4, 3, 2), sd=positive(4, 3, 2)),
        case(x=real(2, 3, 1), z=real(2, 3, 1), mean=real(2, 3, 1, 1)),
    ),
    row(
        "mixture_mean",
        lambda z, mean: (torch.softmax(z, -1).unsqueeze(-1) * mean).sum(-2),
        case(z=real(4, 3), mean=real(4, 3, 2)),
        case(z=real(2, 1), mean=real(2, 1, 1)),
    ),
    row("kl_divergence", lambda p, q: (p * torch.log(p / q)).sum(-1), *PAIRS),
    row("kl_bernoulli", lambda p, q: p * torch.log(p / q) + (1 - p) * torch.log((1 - p) / (1 - q)), *PAIRS),
    row(
        "kl_normal",
        lambda mean, sd, other=torch.tensor(0.0), other_sd=torch.tensor(1.0): d.kl_divergence(
            d.Normal(mean, sd), d.Normal(other, other_sd)
        ),
        case(mean=real(3, 4), sd=positive(3, 4), other=real(4), other_sd=positive(3, 1)),
        case(mean=real(2), sd=positive(2)),
    ),
    row(
        "kl_standard_normal",
        lambda mean, log_variance: d.kl_divergence(
            d.Normal(mean, torch.exp(log_variance / 2)), d.Normal(torch.tensor(0.0), torch.tensor(1.0))
        ).sum(-1),
        case(mean=real(3, 4), log_variance=real(3, 4)),
        case(mean=real(2, 1), log_variance=real(2, 1)),
    ),
    row("normal_sample", normal_sample, case(mean=real(3, 4), sd=positive(3, 4)), case(mean=real(5)), drawn=True),
    row("gumbel_softmax", gumbel_softmax, case(z=real(3, 4)), case(z=real(2, 3, 2), temperature=0.5), drawn=True),
]

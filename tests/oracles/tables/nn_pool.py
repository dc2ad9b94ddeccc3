"""Pooling that differs between training and prediction."""

from cases import case, real, row
from tables.pool import expected_pool, sampled_pool

SIZES = dict(x=real(2, 2, 5, 4, away=(0,)), kernel=2)

TABLE = [
    row("stochastic_pool", expected_pool, case(**SIZES), case(x=real(1, 2, 7, away=(0,)), kernel=3, stride=2, pad=1)),
    row("stochastic_pool", sampled_pool, case(**SIZES, train=True), drawn=True),
]

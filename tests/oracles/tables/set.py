"""Sets."""

import torch

from cases import case, mask, real, row


def set_pool(x, mask=None, how="sum"):
    mask = (torch.ones(x.shape[:-1], dtype=torch.bool) if mask is None else mask).unsqueeze(-1)
    if how == "max":
        y = torch.where(mask, x, -torch.inf).amax(-2)
        return torch.where(y.isfinite(), y, 0)
    total = torch.where(mask, x, 0).sum(-2)
    return total if how == "sum" else total / mask.sum(-2).clamp(min=1)


EACH = ("sum", "mean", "max")
TABLE = [
    row(
        "set_pool",
        set_pool,
        *(case(x=real(3, 4, 2), mask=mask(3, 4), how=how) for how in EACH),
        *(case(x=real(2, 1), how=how) for how in EACH),
        case(x=real(2, 2, 2), mask=mask(2, 2)._replace(values=(False, False, True, False)), how="max")
    )
]

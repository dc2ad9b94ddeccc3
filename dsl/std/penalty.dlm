# Penalties on parameters and activations.  `regularize` of a recipe takes those of one tensor, such as `l2_penalty(1e-4)`; of a hidden
# layer `l1_penalty(h)` asks for sparsity (Goodfellow et al., section 7.10).  The proximal map of `l1_penalty` is `soft_shrink`.
import "constrain"
import "density"

## alpha / 2 times the sum of squares: its gradient is alpha w (Goodfellow et al., section 7.1.1).  [..] -> a number.
##
##     l2_penalty([3.0, 4.0], alpha = 0.1) ≈ 1.25
fn l2_penalty(w: f[..], alpha: float = 1) = 0.5 * alpha * sum(w^2)

## alpha times the sum of absolute values (Goodfellow et al., section 7.1.2).  [..] -> a number.
##
##     l1_penalty([3.0, -4.0], alpha = 0.1) ≈ 0.7
fn l1_penalty(w: f[..], alpha: float = 1) = alpha * sum(abs(w))

## alpha (share |w|₁ + (1 - share) |w|² / 2) (Zou & Hastie 2005).  [..] -> a number.
##
##     elastic_net_penalty([3.0, -4.0], share = 0.5) == 9.75
fn elastic_net_penalty(w: f[..], alpha: float = 1, share: float = 0.5) =
    l1_penalty(w, alpha * share) + l2_penalty(w, alpha * (1 - share))

## alpha times the squared distance of w wᵀ from the identity: rows of length 1 at right angles (Brock et al. 2017).  Of [U, ..K], a row
## holds all weights of a unit.
##
##     orthogonality_penalty([[1.0, 0.0], [0.0, 2.0]]) == 9.0
fn orthogonality_penalty(w: f[U, ..K], alpha: float = 1) -> y {
  d[u, v] = sum[..k](w[u, ..k] * w[v, ..k]) - (if u == v then 1 else 0)
  y = alpha * sum(d^2)
}

## alpha / 2 times the squared distance of two parameters that should agree (Goodfellow et al., section 7.9).  [..S], [..S] -> a number.
##
##     tie_penalty([1.0, 2.0], [1.0, 5.0]) == 4.5
fn tie_penalty(a: f[..S], b: f[..S], alpha: float = 1) = 0.5 * alpha * sum((a - b)^2)

## alpha times the divergence of each unit's mean activation over the examples, within (0, 1), from `rho` (Ng 2011).  [N, U] -> a number.
##
##     sparsity_penalty([[0.2], [0.8]], rho = 0.5) ≈ 0.0
fn sparsity_penalty(h: f[N, U], rho: float = 0.05, alpha: float = 1) -> y {
  m[u] = mean[n](h[n, u])
  y = alpha * sum[u](kl_bernoulli(rho, m[u]))
}

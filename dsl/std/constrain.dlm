# Constraints: what a weight becomes after each update, as in `constrain = max_norm(3)`.  A parameter `lr` is given the step's rate.

## The step of proximal gradient descent for alpha |w|₁ (Daubechies et al. 2004; Goodfellow et al., equation 7.23): towards 0 by lr alpha,
## and to exactly 0 what is no farther away, which the subgradient of `l1_penalty` never reaches.
##
##     prox_l1([0.5, -0.25, 0.0625], alpha = 0.125) == [0.375, -0.125, 0.0]
fn prox_l1(w: f, alpha: float = 1e-4, lr: f = 1) = sign(w) * max(abs(w) - lr * alpha, 0)

## The step of proximal gradient descent for the elastic net l1 |w|₁ + l2 / 2 w² (Zou & Hastie 2005): that of `prox_l1`, then towards 0 by a
## factor.
##
##     prox_elastic_net(0.5, l1 = 0.25, l2 = 1) == 0.125
fn prox_elastic_net(w: f, l1: float = 1e-4, l2: float = 1e-4, lr: f = 1) = prox_l1(w, l1, lr) / (1 + lr * l2)

## The incoming weights of each unit, a row of `w`, brought back to the length `most` where they are longer (Srebro & Shraibman 2005;
## Srivastava et al. 2014; Goodfellow et al., section 7.2).  [U, ..K] -> the same.
##
##     max_norm([[3.0, 4.0], [0.3, 0.4]], most = 1) ≈ [[0.6, 0.8], [0.3, 0.4]]
fn max_norm(w: f[U, ..K], most: float = 3) -> y {
  length[u] = sqrt(sum[..k](w[u, ..k]^2))
  y[u, ..k] = if length[u] > most then w[u, ..k] * (most / length[u]) else w[u, ..k]
}

## Negative weights to 0.
##
##     nonnegative([-1.0, 2.0]) == [0.0, 2.0]
fn nonnegative(w: f) = max(w, 0)

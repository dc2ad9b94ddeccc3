# Densities: their logarithms, divergences and samples that a gradient passes through.
import "reduce"
import "scalar"

## log of the normal density (Goodfellow et al., equation 3.21).
##
##     normal_log_density([0.0, 1.0]) ≈ [-0.9189, -1.4189]
fn normal_log_density(x: f, mean: f = 0, sd: f = 1) = -0.5 * ((x - mean) / sd)^2 - log(sd) - 0.5 * log(2 * pi)

## log of the Laplace density (Goodfellow et al., equation 3.26).
##
##     laplace_log_density([0.0, 1.0]) ≈ [-0.6931, -1.6931]
fn laplace_log_density(x: f, mean: f = 0, scale: f = 1) = -abs(x - mean) / scale - log(2 * scale)

## log of the probability of `y`, 0 or 1, where that of 1 is sigmoid(z) (Goodfellow et al., section 3.9.1).
##
##     bernoulli_log_density([1.0, 0.0], log(3.0)) ≈ [-0.2877, -1.3863]
fn bernoulli_log_density(y: f, z: f) = y * z - softplus(z)

## log of the probability softmax(z)[label].  [..], [.., K] -> [..].
##
##     categorical_log_density([0, 1], [[0.0, log(3.0)], [0.0, log(3.0)]]) ≈ [-1.3863, -0.2877]
fn categorical_log_density(label: i64[..], z: f[.., K]) -> y {
  p = log_softmax(z)
  y[..] = p[.., label[..]]
}

## log density of a normal vector whose elements are independent.  [.., K], [.., K], [.., K] -> [..].
##
##     diagonal_normal_log_density([0.0, 1.0]) ≈ -2.3379
fn diagonal_normal_log_density(x: f[.., K], mean: f[.., K] = 0, sd: f[.., K] = 1) -> y {
  y[..] = sum[k](normal_log_density(x[.., k], mean[.., k], sd[.., k]))
}

## -log of a mixture of M normals at `x`, weighed by softmax(z): the loss of a mixture density network (Bishop 1994; Goodfellow et al.,
## section 6.2.2.4).  [.., K], [.., M], [.., M, K], [.., M, K] -> [..].
##
##     mixture_nll([0.0], [0.0, 0.0], [[0.0], [1.0]]) ≈ 1.1380
fn mixture_nll(x: f[.., K], z: f[.., M], mean: f[.., M, K], sd: f[.., M, K] = 1) -> y {
  w = log_softmax(z)
  p[.., m] = w[.., m] + sum[k](normal_log_density(x[.., k], mean[.., m, k], sd[.., m, k]))
  y = -logsumexp(p)
}

## The mean of a mixture of M distributions, weighed by softmax(z), from their means (Bishop 1994).  [.., M], [.., M, K] -> [.., K].
##
##     mixture_mean([0.0, log(3.0)], [[0.0], [4.0]]) ≈ [3.0]
fn mixture_mean(z: f[.., M], mean: f[.., M, K]) -> y {
  w = softmax(z)
  y[.., k] = sum[m](w[.., m] * mean[.., m, k])
}

## KL(p || q) = sum p log(p / q) over the last axis, 0 log 0 = 0 (Goodfellow et al., equation 3.50).  [.., K], [.., K] -> [..].
##
##     kl_divergence([0.5, 0.5], [0.25, 0.75]) ≈ 0.1438
##     kl_divergence([0.0, 1.0], [0.5, 0.5]) ≈ 0.6931
fn kl_divergence(p: f[.., K], q: f[.., K]) -> y {
  y[..] = sum[k | p[.., k] > 0](p[.., k] * (log(p[.., k]) - log(q[.., k])))
}

## KL(p || q) of the Bernoulli distribution with probability `p` from that with `q`, both within (0, 1) (Goodfellow et al., equation 3.50).
##
##     kl_bernoulli(0.5, 0.25) ≈ 0.1438
fn kl_bernoulli(p: f, q: f) = p * (log(p) - log(q)) + (1 - p) * (log1p(-p) - log1p(-q))

## KL(N(mean, sd²) || N(other, other_sd²)).
##
##     kl_normal([0.0, 2.0], 1) == [0.0, 2.0]
fn kl_normal(mean: f, sd: f, other: f = 0, other_sd: f = 1) =
    log(other_sd) - log(sd) + 0.5 * (sd^2 + (mean - other)^2) / other_sd^2 - 0.5

## KL of a normal vector of independent elements from N(0, I): the penalty of a variational autoencoder (Kingma & Welling 2014, appendix B;
## Goodfellow et al., equation 20.77).  [.., K], [.., K] -> [..].
##
##     kl_standard_normal([1.0, 2.0], [0.0, 0.0]) == 2.5
fn kl_standard_normal(mean: f[.., K], log_variance: f[.., K]) -> y {
  y[..] = 0.5 * sum[k](exp(log_variance[.., k]) + mean[.., k]^2 - 1 - log_variance[.., k])
}

## mean + sd times standard normal noise: a sample whose gradient reaches `mean` and `sd` (Kingma & Welling 2014; Goodfellow et al., section
## 20.9).  [..], [..] -> the shape of `mean`.
##
##     normal_sample([5.0, -5.0], sd = 0) == [5.0, -5.0]
##     mean = [0.0, 0.0]
##     grad(sum(normal_sample(mean)), mean) == [1.0, 1.0]
fn normal_sample(mean: f[..], sd: f[..] = 1) = mean + sd * normal(0, 1, shape(mean))

## A sample of softmax(z), softened by `temperature` (Jang et al. 2017; Maddison et al. 2017).  With `hard` the value is one-hot and the
## gradient that of the soft sample.  [.., K] -> [.., K].
##
##     sum(gumbel_softmax([1.0, 2.0, 3.0])) ≈ 1.0
##     gumbel_softmax([0.0, 1000.0], hard = true) ≈ [0.0, 1.0]
fn gumbel_softmax(z: f[.., K], temperature: float = 1, hard: bool = false) -> y {
  y = softmax((z - log(-log(uniform(0, 1, shape(z))))) / temperature)
  if hard {
    best[..] = argmax[k](y[.., k])
    y[.., k] = (if best[..] == k then 1 else 0) + y[.., k] - stop_gradient(y[.., k])
  }
}

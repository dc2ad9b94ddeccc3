# Units of several numbers: gates over halves, the largest of a group, the distance from a centre.
import "scalar"

## The first half of the last axis times the sigmoid of the second (Dauphin et al. 2017).  [.., 2 K] -> [.., K].
##
##     glu([2.0, 4.0, 0.0, log(3.0)]) ≈ [1.0, 3.0]
fn glu(x: f[.., 2 * K]) -> y {
  y[.., k < K] = x[.., k] * sigmoid(x[.., K + k])
}

## `glu` with relu for the sigmoid (Shazeer 2020).  [.., 2 K] -> [.., K].
##
##     reglu([2.0, 4.0, -1.0, 3.0]) == [0.0, 12.0]
fn reglu(x: f[.., 2 * K]) -> y {
  y[.., k < K] = x[.., k] * relu(x[.., K + k])
}

## `glu` with gelu for the sigmoid (Shazeer 2020).  [.., 2 K] -> [.., K].
##
##     geglu([2.0, 4.0, 0.0, 1.0]) ≈ [0.0, 3.3654]
fn geglu(x: f[.., 2 * K]) -> y {
  y[.., k < K] = x[.., k] * gelu(x[.., K + k])
}

## `glu` with silu for the sigmoid (Shazeer 2020).  [.., 2 K] -> [.., K].
##
##     swiglu([2.0, 4.0, 0.0, 1.0]) ≈ [0.0, 2.9242]
fn swiglu(x: f[.., 2 * K]) -> y {
  y[.., k < K] = x[.., k] * silu(x[.., K + k])
}

## The largest of each group of `pieces` neighbours (Goodfellow et al. 2013; Goodfellow et al., section 6.3.1).  [.., U pieces] -> [.., U].
##
##     maxout([1.0, 3.0, 5.0, 2.0], pieces = 2) == [3.0, 5.0]
fn maxout(x: f[.., U * pieces], pieces: int = 2) -> y {
  y[.., u < U] = max[p < pieces](x[.., u * pieces + p])
}

## Radial basis functions: exp(-|center_u - x|² / width_u²) (Goodfellow et al., section 6.3.3).  [.., K], [U, K], [U] -> [.., U].
##
##     rbf([1.0, 2.0], [[1.0, 2.0], [1.0, 3.0]]) ≈ [1.0, 0.3679]
fn rbf(x: f[.., K], center: f[U, K], width: f[U] = 1) -> y {
  y[.., u] = exp(-sum[k]((center[u, k] - x[.., k])^2) / width[u]^2)
}

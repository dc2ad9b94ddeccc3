# Layers of hidden units that are not an affine map and a function of one number (Goodfellow et al., section 6.3).
import "std/init"
import "std/linear"
import "std/scalar"
import "std/unit"

## Leaky relu with a learned slope for each channel (He et al. 2015).  [N, C, ..S] -> the same.
##
##     prelu([[-4.0, 4.0]]) == [[-1.0, 4.0]]
layer prelu(x: f[N, C, ..S]) -> y {
  param slope: f[C] ~ constant(0.25)
  y[n, c, ..s] = leaky_relu(x[n, c, ..s], slope[c])
}

## Leaky relu with a slope drawn for each element while the model trains, their mean otherwise (Xu et al. 2015).  [..] -> the same.
##
##     y = rrelu([-24.0, 24.0])
##     -8 <= y[0] and y[0] <= -3 and y[1] == 24
layer rrelu(x: f[..], lo: float = 1 / 8, hi: float = 1 / 3) -> y {
  y = leaky_relu(x, if training then uniform(lo, hi, shape(x)) else (lo + hi) / 2)
}

## The largest of `pieces` affine maps for each unit (Goodfellow et al. 2013).  [.., K] -> [.., units].
##
##     shape(ones([4, 8]) |> maxout_dense(3, pieces = 5)) == [4, 3]
layer maxout_dense(x: f[.., K], units: int, pieces: int = 2) -> y {
  param weight: f[units * pieces, K] ~ glorot_uniform(fan_in = K, fan_out = units)
  param bias:   f[units * pieces]    ~ zeros
  y = linear(x, weight, bias) |> maxout(pieces)
}

## Radial basis functions with learned centres and widths; these begin as `width` (Goodfellow et al., section 6.3.3).  [.., K] -> [..,
## units].
##
##     shape(ones([4, 8]) |> radial(3, width = 2)) == [4, 3]
layer radial(x: f[.., K], units: int, width: float = 1) -> y {
  param center: f[units, K] ~ normal(0, 1)
  param widths: f[units]    ~ constant(width)
  y = rbf(x, center, widths)
}

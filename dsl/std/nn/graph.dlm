# Layers over graphs given by lists of edges.
import "std/nn/dense"
import "std/shape"

## Graph convolution (Kipf & Welling 2017) over an edge list: gather from the sources, add at the destinations.
layer graph_conv(x: f[Nodes, K], from: i32[Edges], to: i32[Edges], norm: f[Edges], units: int) -> y {
  h = x |> dense(units)
  y = zeros([Nodes, units])
  y[to[e], u] += norm[e] * h[from[e], u]
}

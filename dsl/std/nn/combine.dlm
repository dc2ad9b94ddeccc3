# Layers made of layers.

## The blocks one after the other, each given what the one before it returns: `chain([dense(64), relu, dense(10)])`.  [..] -> the shape of
## the last.
##
##     chain([-4.0, 9.0], [relu, sqrt]) == [0.0, 3.0]
layer chain(x: f[..], blocks: fn[..]) -> y {
  y = x
  for block in blocks { y = y |> block }
}

## `times` instances of `block` one after the other, each with parameters of its own.  [..] -> the shape of the last.
##
##     repeat([16.0, 81.0], 2, sqrt) == [2.0, 3.0]
layer repeat(x: f[..], times: int, block: fn) -> y {
  assert times >= 0, "a block is repeated 0 times or more"
  y = x
  for i in 0..times { y = y |> block }
}

## x + block(x) (He et al. 2016).  [..] -> the same.
##
##     residual([-1.0, 2.0], relu) == [-1.0, 4.0]
layer residual(x: f[..], block: fn) = x + block(x)

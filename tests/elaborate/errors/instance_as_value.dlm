import "std/nn"
layer main(x: f[2, 4]) -> y {
  shared net = dense(4)
  y = net + x
}

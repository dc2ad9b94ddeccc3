fn main(x: f[8]) -> y {
  y[i] = x[i + j]
}

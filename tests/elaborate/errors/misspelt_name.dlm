fn main(weights: f[8]) -> y {
  y[i] = 2 * wieghts[i]
}

fn main(x: f[4]) -> y {
  y = zeros([4])
  y[i + 1] += x[i]
}

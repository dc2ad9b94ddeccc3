fn main(xs: f[3, 4]) -> hs {
  hs = scan x in xs with h = zeros([4]) { h = h + x  yield h }
}

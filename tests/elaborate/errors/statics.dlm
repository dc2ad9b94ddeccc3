fn main(x: f[4]) -> y {
  y = x
  if x[0] > 0 { y = -x }
  a = 1 // 0
  assert 1 > 2, "one is not more than two"
}

fn main(x: f[4]) -> y {
  y = x
  for i in x { y = y + 1 }
  for k in 0..2.5 { y = y + 1 }
}

# What other languages write gets the words for it here.
fn ternary(x: f) = 1 if x > 0 else 2

fn member(x: f[N]) -> y {
  y = x.sum()
}

fn chain(n: int) -> y {
  if n == 0 { y = 1 } elif n == 1 { y = 2 }
}

fn loop(x: f) -> y {
  y = x
  while y > 0 { y = y - 1 }
}

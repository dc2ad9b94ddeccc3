# Primitives one number at a time: a sum over positions alone has nothing to read and is compiled without vectors, where the code of
# primitives goes other ways than where tests/scalars holds it to the last place.  Expected values: mpmath with 40 digits.
test "exp" {
  assert close(sum[i < 6](exp(1.5 * i + -4)), 42.62150940700717, 1e-13)
}
test "log" {
  assert close(sum[i < 6](log(1.5 * i + 0.25)), 5.790395348317293, 1e-13)
  assert close(sum[i < 4](log(5e37 * i + 1.5e38)), 353.1064494443053, 1e-13)
}
test "log1p" {
  assert close(sum[i < 6](log1p(0.75 * i + -0.5)), 3.934426414424383, 1e-13)
}
test "expm1" {
  assert close(sum[i < 6](expm1(0.75 * i + -2)), 4.785280660961954, 1e-13)
}
test "sin" {
  assert close(sum[i < 8](sin(1.25 * i + -3)), -1.607599636383455, 1e-13)
  assert close(sum[i < 8](sin(1000 * i + 100)), -0.38295463357350457, 1e-13)
}
test "cos" {
  assert close(sum[i < 8](cos(1.25 * i + -3)), -0.3188470163826914, 1e-13)
  assert close(sum[i < 8](cos(1000 * i + 100)), 1.4101148532296943, 1e-13)
}
test "tan" {
  assert close(sum[i < 6](tan(0.5 * i + -3)), -13.130521458095956, 1e-13)
}
test "asin" {
  assert close(sum[i < 7](asin(0.25 * i + -0.75)), 0.0, 1e-13)
}
test "acos" {
  assert close(sum[i < 7](acos(0.25 * i + -0.75)), 10.995574287564276, 1e-13)
}
test "atan" {
  assert close(sum[i < 6](atan(1.25 * i + -3)), 0.25860362784865804, 1e-13)
}
test "sinh" {
  assert close(sum[i < 6](sinh(1.25 * i + -3)), 3.995575395282227, 1e-13)
}
test "cosh" {
  assert close(sum[i < 6](cosh(1.25 * i + -3)), 32.1309123089851, 1e-13)
}
test "tanh" {
  assert close(sum[i < 6](tanh(1.25 * i + -1)), 3.379606713017856, 1e-13)
}
test "erf" {
  assert close(sum[i < 6](erf(0.75 * i + -1)), 2.319594466048386, 1e-13)
}
test "erfc" {
  assert close(sum[i < 6](erfc(0.75 * i + -1)), 3.680405533951614, 1e-13)
}
test "sigmoid" {
  assert close(sum[i < 6](sigmoid(2.5 * i + -6)), 3.098813359252801, 1e-13)
}
test "sqrt" {
  assert close(sum[i < 6](sqrt(1.5 * i + 0.25)), 11.088982946449638, 1e-13)
}
test "rsqrt" {
  assert close(sum[i < 6](rsqrt(1.5 * i + 0.25)), 4.528671214038357, 1e-13)
}
test "lgamma" {
  assert close(sum[i < 6](lgamma(1.5 * i + 0.25)), 18.193057136668266, 1e-13)
}
test "digamma" {
  assert close(sum[i < 6](digamma(1.5 * i + 0.25)), 2.2184589760953193, 1e-13)
}
test "powers" {
  assert close(sum[i < 6]((1.5 * i + 0.25)^1.7), 79.27509849525043, 1e-13)
}
test "a product and a count" {
  assert prod[i < 5](2.0) == 32
  assert sum[i < 5](1.0) == 5
  assert argmax[i < 5](3.0) == 0
}
test "moments of normal numbers that nothing stores" {
  n = normal(1, 2, [40000])
  assert close(mean(n), 1, 0.05)
  assert close(mean((n - 1)^2) / 4, 1, 0.04)
}

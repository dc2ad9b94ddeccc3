# RUN: dlc explain --stage kernels %s
# Everything into one number.
fn main(x: f[4000]) -> y { y = sum(x * x) }
# COUNT: reduce full 1
# COUNT: 1 kernel calls 1

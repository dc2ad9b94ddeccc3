# RUN: dlc explain --stage kernels %s
# A check is counted among the kernels under a short name; its message is for the user whose data do not pass.
fn main(table: f[5, 4], at: i32[3], to: i32[3]) -> y {
  picked[m, k] = table[at[m], k]
  y = zeros([6, 4])
  y[to[m], k] += picked[m, k]
}
# HAS: check 1[]
# HAS: check 2[]
# COUNT: outside 0

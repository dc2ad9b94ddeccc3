# Sums, maxima and running sums of a matrix.
fn sum_rows(x: f[N, K]) -> y {
  y[n] = sum[k](x[n, k])
}

fn sum_columns(x: f[N, K]) -> y {
  y[k] = sum[n](x[n, k])
}

fn sum_all(x: f[N, K]) -> y {
  y = sum[n, k](x[n, k])
}

fn max_rows(x: f[N, K]) -> y {
  y[n] = max[k](x[n, k])
}

fn max_columns(x: f[N, K]) -> y {
  y[k] = max[n](x[n, k])
}

fn max_all(x: f[N, K]) -> y {
  y = max[n, k](x[n, k])
}

fn prefix_rows(x: f[N, K]) -> y {
  y[n, k < K] = sum[j | j <= k](x[n, j])
}

fn prefix_columns(x: f[N, K]) -> y {
  y[n < N, k] = sum[i | i <= n](x[i, k])
}

# Convolutions of images that lie as the compiler stores what is between two layers, channels last, and the weights as they are stored.
import "std/conv"

fn conv2d(x: f[N, H, W, G * C], w: f[G * M, C, Y, X], stride: int = 1, pad: int = 0) -> y {
  y[n, i < conv_size(H, Y - 1, stride, pad), j < conv_size(W, X - 1, stride, pad), g * M + m | g < G, m < M] =
      sum[c, p < Y, q < X](x[n, i * stride + p - pad, j * stride + q - pad, g * C + c else 0] * w[g * M + m, c, p, q])
}

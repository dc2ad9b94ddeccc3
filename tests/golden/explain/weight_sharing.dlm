# RUN: dlc check %s
# Sharing decides the number of weights, 150, 600 and 86 400 beside the biases, and leaves the multiplications alone (Goodfellow et al., 9.5).
import "std/nn"
model Sharing {
  input  image: f[Batch, 1, 28, 28]
  output one_kernel = image |> conv2d(6, kernel = 5, padding = "valid")
  output tiled = image |> tiled_conv2d(6, tiles = 2, kernel = 5, padding = "valid")
  output unshared = image |> locally_connected2d(6, kernel = 5, padding = "valid")
}
# OUT: Sharing, a batch of 1
# OUT:   layer                  kind                 input           output          parameters  multiply-adds  output bytes
# OUT:   conv2d_1               conv2d               [1, 1, 28, 28]  [1, 6, 24, 24]         156         86 400  13.50 KiB
# OUT:   tiled_conv2d_1         tiled_conv2d         [1, 1, 28, 28]  [1, 6, 24, 24]         624         86 400  13.50 KiB
# OUT:   locally_connected2d_1  locally_connected2d  [1, 1, 28, 28]  [1, 6, 24, 24]      89 856         86 400  13.50 KiB
# OUT:   total                                                                           90 636        259 200  40.50 KiB

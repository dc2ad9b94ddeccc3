# A convolutional network that does not mind how its image is turned (Cohen & Welling 2016), beside one that does.
import "std/nn"
import "std/loss"
import "std/optim"
import "std/pool"
import "std/symmetry"

## Convolutions on the images and on the group, then a mean over the group.  [N, C, H, W] -> [N, 2 * channels, H / 4, W / 4].
layer invariant(x: f[N, C, H, W], channels: int, group: string) -> y {
  on_group = x |> lifting_conv2d(channels, group = group) |> batch_norm |> relu |> max_pool([1, 2, 2])
               |> group_conv2d(2 * channels) |> batch_norm |> relu |> max_pool([1, 2, 2])
               |> group_conv2d(2 * channels) |> batch_norm |> relu
  y = on_group |> group_avg_pool
}

## The same network with twice the channels in place of the group, which has as many weights between two hidden layers of p4.
## [N, C, H, W] -> [N, 4 * channels, H / 4, W / 4].
layer ordinary(x: f[N, C, H, W], channels: int) -> y {
  y = x |> conv2d(2 * channels, padding = "same") |> batch_norm |> relu |> max_pool([2, 2])
        |> conv2d(4 * channels, padding = "same") |> batch_norm |> relu |> max_pool([2, 2])
        |> conv2d(4 * channels, padding = "same") |> batch_norm |> relu
}

layer classifier(x: f[N, C, H, W], channels: int, group: string, classes: int) -> z {
  features = if group == "none" then ordinary(x, channels) else invariant(x, channels, group)
  z = features |> global_avg_pool |> dense(classes)
}

model P4Cnn(group: string = "p4", channels: int = 8, classes: int = 10) {
  input  image: f[Batch, 28, 28]
  target label: i32[Batch]

  shared net = classifier(channels, group, classes)
  x      = image |> reshape([Batch, 1, 28, 28])
  logits = net(x)
  turned = if training then logits else net(rotate(x))
  difference = softmax(turned) - softmax(logits)

  output probability     = softmax(logits)
  loss   cross_entropy   = mean(softmax_cross_entropy(logits, label))
  metric accuracy        = mean(argmax[k](logits[n, k]) == label)
  metric turned_accuracy = mean(argmax[k](turned[n, k]) == label)
  metric moved           = mean[n](max[k](abs(difference[n, k])))
}

train {
  data       = fashion_mnist()
  validation = holdout(0.1)
  batch      = 128
  optimizer  = adam(lr = 4e-3)
  schedule   = cosine(last = 1e-5)
  epochs     = 5
}

# Augmentation (Goodfellow et al., section 7.4): layers that change each example at random while the model is trained and pass it on where
# it is not.  What they draw is a function of seed, step and position, so a resumed run sees what an unbroken one does.

## Images moved by a whole number of pixels between -by and by down and across, each as likely as any other; zeros come in at the border.
## [N, ..C, H, W] -> the same.  He et al. (2016, section 4.2) move images of 32 pixels by up to 4.
##
##     shape(zeros([8, 3, 32, 32]) |> random_shift(by = 4)) == [8, 3, 32, 32]
##     random_shift([[[1.0, 2.0]]], by = 0) == [[[1.0, 2.0]]]
layer random_shift(x: f[N, ..C, H, W], by: int = 4) -> y {
  y = x
  if training {
    d[n < N, a < 2] = min(int(floor(uniform(0, 2 * by + 1, [N, 2])[n, a])), 2 * by) - by
    y[n, ..c, i < H, j < W] = x[n, ..c, i - d[n, 0], j - d[n, 1] else 0]
  }
}

## Each example's last axis turned around with probability p: images from left to right (Krizhevsky et al. 2012, section 4.1).  [N, ..S, W]
## -> the same.
##
##     random_flip([[1.0, 2.0, 3.0]], p = 1) == [[3.0, 2.0, 1.0]]
layer random_flip(x: f[N, ..S, W], p: float = 0.5) -> y {
  y = x
  if training {
    turned = bernoulli(p, [N])
    y[n, ..s, j < W] = if turned[n] > 0 then x[n, ..s, W - 1 - j] else x[n, ..s, j]
  }
}

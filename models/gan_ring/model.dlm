# A generative adversarial network on eight normal clouds (Goodfellow et al. 2014; Goodfellow et al., section 20.10.4).
import "std/nn"
import "std/loss"
import "std/optim"

## The value of `loss`, of whose derivatives only those by way of x are left: what moves x leaves the weights alone that judge it.
fn by_way_of(loss: f, x: f[..S]) = stop_gradient(loss) + sum(stop_gradient(grad(loss, x)) * (x - stop_gradient(x)))

model GanRing(noise: int = 16, hidden: int = 128, gamma: float = 0.1, modes: int = 8, radius: float = 2,
              sd: float = 0.02) {
  input x: f[Batch, 2]

  shared generator     = mlp([hidden, hidden, 2])
  shared discriminator = mlp([hidden, hidden, 1])
  made = normal(0, 1, [Batch, noise]) |> generator

  # The discriminator learns which is which, with a penalty on its slope at the data, the generator to be taken for data.
  real     = discriminator(x)
  unveiled = mean(softplus(-real)) + mean(softplus(discriminator(stop_gradient(made))))
  slope    = grad(sum(real), x)
  penalty  = 0.5 * gamma * sum(slope^2) / Batch
  mistaken = mean(softplus(-discriminator(made)))

  # How far a sample is from each cloud's centre; a cloud is covered that gets at least half its share.
  away[n, m < modes] = sqrt(
      (made[n, 0] - radius * cos(2 * pi * m / modes))^2 + (made[n, 1] - radius * sin(2 * pi * m / modes))^2)

  output sample        = made
  loss   both          = unveiled + penalty + by_way_of(mistaken, made)
  metric discriminates = unveiled
  metric generates     = mistaken
  metric covered       = sum[m](mean[n](away[n, m] < 3 * sd) > 0.5 / modes)
  metric within        = mean[n](any[m](away[n, m] < 3 * sd))
}

train {
  data      = ring_of_gaussians(examples = 50000)
  batch     = 500
  optimizer = adam(lr = 5e-3, beta1 = 0.5)
  average   = ema(decay = 0.999)
  schedule  = cosine(last = 1e-5)
  epochs    = 100
}

test "of two ways to a loss one is left" {
  w = [3.0]
  x = 2 * w
  loss = sum(w * x)
  assert close(grad(loss, w), [12.0], 1e-12)
  assert close(by_way_of(loss, x), loss, 1e-12)
  assert close(grad(by_way_of(loss, x), w), [6.0], 1e-12)
}

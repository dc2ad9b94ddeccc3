# A variational autoencoder (Kingma & Welling 2014; Goodfellow et al., section 20.10.3).
import "std/density"
import "std/nn"
import "std/optim"

## The grey value of a pixel, from 0 to 1, is taken for the probability that it is on.
model Vae(hidden: int = 256, latent: int = 16) {
  input image: f[Batch, 28, 28]

  # q(z | x): the mean and the logarithm of the variance of each element of z.
  x = image |> flatten
  q = x |> dense(hidden) |> relu
  mean_z       = q |> dense(latent)
  log_variance = q |> dense(latent)

  # p(x | z), the probability of each pixel, at a sample of z.
  z      = normal_sample(mean_z, exp(0.5 * log_variance))
  logits = z |> dense(hidden) |> relu |> dense(784)
  log_likelihood[n] = sum[k](bernoulli_log_density(x[n, k], logits[n, k]))
  divergence = kl_standard_normal(mean_z, log_variance)

  output code           = mean_z
  output reconstruction = sigmoid(logits)
  loss   negative_elbo = mean(divergence - log_likelihood)
  metric kl            = mean(divergence)
}

train {
  data      = fashion_mnist()
  batch     = 128
  optimizer = adam(lr = 3e-3)
  schedule  = cosine(last = 1e-5)
  epochs    = 10
}

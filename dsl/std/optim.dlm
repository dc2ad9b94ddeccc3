# Optimizers are programs over one parameter: `w` its value, `g` its gradient, `t` the step (from 1), all element by element.

## Stochastic gradient descent with (Nesterov) momentum and L2 weight decay (Goodfellow et al., algorithms 8.1 and 8.2).  With `nesterov`
## the step taken is the rearranged form whose parameters are the look-ahead points; `nesterov_momentum` is the book's own form.
##
##     minimize([1.0], sum, sgd(lr = 0.25), steps = 2) == [0.5]
##     train { optimizer = sgd(lr = 0.1, momentum = 0.9, nesterov = true) }
optimizer sgd(lr: float = 0.01, momentum: float = 0, nesterov: bool = false, weight_decay: float = 0) {
  state v = 0
  d = g + weight_decay * w
  v <- momentum * v + d
  w <- w - lr * (if nesterov then d + momentum * v else v)
}

## Momentum (Goodfellow et al., algorithm 8.2): v = momentum v - lr g.
##
##     minimize([1.0], sum, momentum(lr = 0.25, momentum = 0.5), steps = 2) == [0.375]
##     train { optimizer = momentum(lr = 0.1, momentum = 0.9) }
optimizer momentum(lr: float = 0.01, momentum: float = 0.9) {
  state v = 0
  v <- momentum * v - lr * g
  w <- w + v
}

## Nesterov momentum (Goodfellow et al., algorithm 8.3): the gradient is taken at the look-ahead point.
##
##     minimize([1.0], sum, nesterov_momentum(lr = 0.25, momentum = 0.5), steps = 2) == [0.375]
##     train { optimizer = nesterov_momentum(lr = 0.1, momentum = 0.9) }
optimizer nesterov_momentum(lr: float = 0.01, momentum: float = 0.9) {
  state v = 0
  g = gradient(w + momentum * v)
  v <- momentum * v - lr * g
  w <- w + v
}

## AdaGrad (Duchi et al. 2011; Goodfellow et al., algorithm 8.4).
##
##     minimize([1.0], sum, adagrad(lr = 0.5), steps = 2) ≈ [0.1464]
##     train { optimizer = adagrad(lr = 0.01) }
optimizer adagrad(lr: float = 0.01, delta: float = 1e-7) {
  state r = 0
  r <- r + g^2
  w <- w - lr / (delta + sqrt(r)) * g
}

## RMSProp (Hinton 2012; Goodfellow et al., algorithm 8.5).
##
##     minimize([1.0], sum, rmsprop(lr = 0.25, rho = 0.75)) ≈ [0.5000]
##     train { optimizer = rmsprop(lr = 0.001, rho = 0.9) }
optimizer rmsprop(lr: float = 0.001, rho: float = 0.9, delta: float = 1e-6) {
  state r = 0
  r <- rho * r + (1 - rho) * g^2
  w <- w - lr / sqrt(delta + r) * g
}

## RMSProp with Nesterov momentum (Goodfellow et al., algorithm 8.6): the gradient is taken at the look-ahead point.  Where every gradient
## so far was 0 the book's g / sqrt(r) is 0 / 0, and is taken for 0.
##
##     minimize([1.0], sum, rmsprop_nesterov(lr = 0.25, rho = 0.75)) ≈ [0.5000]
##     train { optimizer = rmsprop_nesterov(lr = 0.001, rho = 0.9, momentum = 0.9) }
optimizer rmsprop_nesterov(lr: float = 0.001, rho: float = 0.9, momentum: float = 0.9) {
  state r = 0
  state v = 0
  g = gradient(w + momentum * v)
  r <- rho * r + (1 - rho) * g^2
  v <- momentum * v - lr * (if r > 0 then g / sqrt(r) else 0)
  w <- w + v
}

## AdaDelta (Zeiler 2012).
##
##     minimize([1.0], sum, adadelta(rho = 0.5, eps = 1)) ≈ [0.1835]
##     train { optimizer = adadelta(rho = 0.95) }
optimizer adadelta(lr: float = 1, rho: float = 0.95, eps: float = 1e-6) {
  state r = 0
  state s = 0
  r <- rho * r + (1 - rho) * g^2
  d = sqrt(s + eps) / sqrt(r + eps) * g
  s <- rho * s + (1 - rho) * d^2
  w <- w - lr * d
}

## Adam (Kingma & Ba 2015; Goodfellow et al., algorithm 8.7).
##
##     minimize([1.0], sum, adam(lr = 0.25), steps = 2) ≈ [0.5000]
##     train { optimizer = adam(lr = 3e-4) }
optimizer adam(lr: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) {
  state m = 0
  state v = 0
  m <- beta1 * m + (1 - beta1) * g
  v <- beta2 * v + (1 - beta2) * g^2
  w <- w - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
}

## Adam with decoupled weight decay (Loshchilov & Hutter 2019).
##
##     minimize([1.0], sum, adamw(lr = 0.25, weight_decay = 0.2)) ≈ [0.7000]
##     train { optimizer = adamw(lr = 3e-4, weight_decay = 0.1) }
optimizer adamw(lr: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
                weight_decay: float = 0.01) {
  state m = 0
  state v = 0
  m <- beta1 * m + (1 - beta1) * g
  v <- beta2 * v + (1 - beta2) * g^2
  w <- w - lr * weight_decay * w - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
}

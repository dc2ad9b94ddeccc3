import "std/optim"

model Line(slope: float = 1, terms: int = 2) {
  input  x: f[Batch]
  target y: f[Batch]
  param w: f
  loss error = mean((slope * w * x - y)^2)
  metric bias = mean(w * x - y)
}

train {
  batch     = 4
  optimizer = sgd(lr = 0.1)
}

study nothing {}
study no_model { vary slope in [1, 2] }
study unknown_model {
  model = Lime
  vary slope in [1, 2]
}
study varies_nothing { model = Line }
study unknown_key {
  model  = Line
  vary slope in [1, 2]
  metrics = error
}
study twice {
  model = Line
  vary slope in [1, 2]
  seeds = 1
  seeds = 2
}
study unknown_path {
  model = Line
  vary slop in [1, 2]
}
study unknown_setting {
  model = Line
  vary train.bach in [1, 2]
}
study hyperparameter_of_the_recipe {
  model = Line
  vary train.slope in [1, 2]
}
study unknown_argument {
  model = Line
  vary train.optimizer.momntum in [0.5, 0.9]
}
study no_call {
  model = Line
  vary batch.size in [1, 2]
}
study varied_twice {
  model = Line
  vary optimizer.lr in [0.1, 0.2], train.optimizer.lr in [0.1, 0.2]
}
study no_list {
  model = Line
  vary slope in 3
}
study no_values {
  model = Line
  vary slope in []
}
study same_value {
  model = Line
  vary slope in [1, 2, 1]
}
study validation_form {
  model = Line
  vary slope in [1, 2]
  validate = 0.2
}
study validation_name {
  model = Line
  vary slope in [1, 2]
  validate = kfolds(5)
}
study fraction {
  model = Line
  vary slope in [1, 2]
  validate = holdout(2)
}
study no_fraction {
  model = Line
  vary slope in [1, 2]
  validate = holdout()
}
study one_fold {
  model = Line
  vary slope in [1, 2]
  validate = kfold(1)
}
study stratified {
  model = Line
  vary slope in [1, 2]
  validate = kfold(5, stratified = 1)
}
study argument {
  model = Line
  vary slope in [1, 2]
  validate = kfold(5, stratifed = true)
}
study no_seed {
  model = Line
  vary slope in [1, 2]
  seeds = 0
}
study same_seed {
  model = Line
  vary slope in [1, 2]
  seeds = [1, 1]
}
study metric {
  model = Line
  vary slope in [1, 2]
  metric = eror
}
# EXPECT
# error[E0415]: study `nothing` names no model
#   --> t.dlm:16:7
#    |
# 16 | study nothing {}
#    |       ^^^^^^^
#    = help: add `model = …`, a model of this file or of one it imports
#
# error[E0415]: study `no_model` names no model
#   --> t.dlm:17:7
#    |
# 17 | study no_model { vary slope in [1, 2] }
#    |       ^^^^^^^^
#    = help: add `model = …`, a model of this file or of one it imports
#
# error[E0412]: no model `Lime` in t.dlm
#   --> t.dlm:19:11
#    |
# 19 |   model = Lime
#    |           ^^^^
#    = help: did you mean `Line`?
#
# error[E0415]: study `varies_nothing` varies nothing
#   --> t.dlm:22:7
#    |
# 22 | study varies_nothing { model = Line }
#    |       ^^^^^^^^^^^^^^
#    = help: add `vary train.optimizer.lr in [1e-3, 1e-2]`
#
# error[E0415]: a `study` has no setting `metrics`
#   --> t.dlm:26:3
#    |
# 26 |   metrics = error
#    |   ^^^^^^^
#    = help: did you mean `metric`?
#
# error[E0415]: `seeds` is set twice
#   --> t.dlm:32:3
#    |
# 31 |   seeds = 1
#    |   ----- first here
# 32 |   seeds = 2
#    |   ^^^^^
#
# error[E0416]: `slop` names neither a hyperparameter of `Line` nor a setting of the recipe
#   --> t.dlm:36:8
#    |
# 36 |   vary slop in [1, 2]
#    |        ^^^^
#    = help: did you mean `slope`?
#
# error[E0416]: `train.bach` names neither a hyperparameter of `Line` nor a setting of the recipe
#   --> t.dlm:40:8
#    |
# 40 |   vary train.bach in [1, 2]
#    |        ^^^^^^^^^^
#    = help: did you mean `train.batch`?
#
# error[E0416]: `train.slope` names neither a hyperparameter of `Line` nor a setting of the recipe
#   --> t.dlm:44:8
#    |
# 44 |   vary train.slope in [1, 2]
#    |        ^^^^^^^^^^^
#    = help: did you mean `slope`?
#
# error[E0416]: `train.optimizer.momntum`: `sgd` has no parameter `momntum`
#   --> t.dlm:48:8
#    |
# 48 |   vary train.optimizer.momntum in [0.5, 0.9]
#    |        ^^^^^^^^^^^^^^^^^^^^^^^
#    = help: did you mean `momentum`?
#
# error[E0416]: `batch.size`: the recipe's `batch` is no call whose argument could be varied
#   --> t.dlm:52:8
#    |
# 52 |   vary batch.size in [1, 2]
#    |        ^^^^^^^^^^
#
# error[E0416]: `optimizer.lr` is varied twice
#   --> t.dlm:56:36
#    |
# 56 |   vary optimizer.lr in [0.1, 0.2], train.optimizer.lr in [0.1, 0.2]
#    |                                    ^^^^^^^^^^^^^^^^^^
#    |        ------------ first here
#
# error[E0416]: `slope` is varied over a list of values
#   --> t.dlm:60:17
#    |
# 60 |   vary slope in 3
#    |                 ^
#    = help: write `vary slope in [a, b]`
#
# error[E0416]: `slope` is varied over a list of values
#   --> t.dlm:64:17
#    |
# 64 |   vary slope in []
#    |                 ^^
#    = help: write `vary slope in [a, b]`
#
# error[E0416]: `slope` takes this value twice
#   --> t.dlm:68:24
#    |
# 68 |   vary slope in [1, 2, 1]
#    |                        ^
#    |                  - first here
#
# error[E0415]: `validate` is `holdout(fraction)` or `kfold(k, stratified = true)`
#   --> t.dlm:73:14
#    |
# 73 |   validate = 0.2
#    |              ^^^
#
# error[E0415]: `validate` is `holdout(fraction)` or `kfold(k, stratified = true)`
#   --> t.dlm:78:14
#    |
# 78 |   validate = kfolds(5)
#    |              ^^^^^^^^^
#    = help: did you mean `kfold`?
#
# error[E0415]: `fraction` of `holdout` is a number between 0 and 1
#   --> t.dlm:83:22
#    |
# 83 |   validate = holdout(2)
#    |                      ^
#
# error[E0415]: `holdout` needs `fraction`
#   --> t.dlm:88:14
#    |
# 88 |   validate = holdout()
#    |              ^^^^^^^^^
#
# error[E0415]: `k` of `kfold` is a whole number of at least 2
#   --> t.dlm:93:20
#    |
# 93 |   validate = kfold(1)
#    |                    ^
#
# error[E0415]: `stratified` of `kfold` is true or false
#   --> t.dlm:98:36
#    |
# 98 |   validate = kfold(5, stratified = 1)
#    |                                    ^
#
# error[E0415]: `kfold` has no argument `stratifed`
#    --> t.dlm:103:23
#     |
# 103 |   validate = kfold(5, stratifed = true)
#     |                       ^^^^^^^^^
#     = help: did you mean `stratified`?
#
# error[E0415]: `seeds` is how many there are, at least 1, or a list of different seeds
#    --> t.dlm:108:11
#     |
# 108 |   seeds = 0
#     |           ^
#
# error[E0415]: `seeds` is how many there are, at least 1, or a list of different seeds
#    --> t.dlm:113:11
#     |
# 113 |   seeds = [1, 1]
#     |           ^^^^^^
#
# error[E0415]: `metric` is one of what `Line` measures: error, bias
#    --> t.dlm:118:12
#     |
# 118 |   metric = eror
#     |            ^^^^
#     = help: did you mean `error`?

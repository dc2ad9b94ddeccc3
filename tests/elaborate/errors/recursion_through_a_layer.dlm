import "std/nn"
layer deep(x: f[N, K]) = x |> dense(K) |> deep
layer main(x: f[2, 4]) = deep(x)
# EXPECT
# error[E0307]: `deep` calls itself without end: 199 calls of it are open
#  --> t.dlm:2:26
#   |
# 2 | layer deep(x: f[N, K]) = x |> dense(K) |> deep
#   |                          ^^^^^^^^^^^^^^^^^^^^^

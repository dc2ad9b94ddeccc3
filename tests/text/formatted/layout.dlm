#   A file as someone in a hurry writes it.
import   "std/nn"


import "std/loss" # losses
## Documentation.
##   Indented.


fn relu( x:f )=max( x,0 )
fn f(x:f[ ..,K ],   # the input
     scale:float=1/sqrt(K)) # trailing
     -> y{ y=x*scale }
fn long_name(first: f[N, G * C, ..X], second: f[G * M, C, ..K], third: f[G * M] = 0, fourth: int[..] = 1, fifth: int[..] = 0) -> y {
  y[n, g * M + m, ..i < (X + pad + after - dilation * (K - 1) - 1) // stride + 1 | g < G, m < M] = b[g * M + m] + sum[c, ..k](x[n, g * C + c, ..(i * stride + k * dilation - pad) else 0] * w[g * M + m, c, ..k])
  z = relu(
    y)
  aligned     = 1   # one
  by_hand[i]  = 2   # two
  not_so = 3 # three

  # A comment on its own.
  if z>0{y=1}else{y=2}
  if training { # why
    m, v = moments(x)
    mean_so_far     <- (1-momentum)*mean_so_far
    variance        <- ((1-momentum))*variance
    # last words
  }

  else if (false) { return y, z }
  else
  { a = 1
    b = 2 }
  deep = x |> dense(10)
           |> relu |> dense( 10 )
  choice = if this_is_a_long_condition > 0 and another_one < 100 then first_value * second_value else if third then third_value else fourth_value
  list = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen"]
  sum_of_many = first_summand_of_many + second_summand_of_many * third_factor + fourth_summand_of_many - fifth_summand_of_many * third_factor
  hs = scan x in xs with h = 0 { h = h + x yield h }
  one = scan x in xs with h = 0 { yield h }
}
model M { }
train{batch=3
 # inside
      optimizer=adam( lr=1e-3 )}
study s { vary drop in [0.0, 0.5],
               train.lr in [1, 2]
  seeds=3 }
# the end

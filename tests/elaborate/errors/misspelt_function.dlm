fn main(x: f[8]) = sofmax(x)

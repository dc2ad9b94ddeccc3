fn main(x: f[2, 3]) = reshape(x, [4, 2])

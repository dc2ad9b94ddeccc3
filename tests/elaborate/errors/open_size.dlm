model main { input x: f[Batch, 4]  output y = x }

# RUN: dlc explain --stage ast %s
# The syntax tree, printed as a program.
fn f(x:f[3])=sum[i]( (x[i])*2 )
# HAS: fn f(x: f[3]) = sum[i](x[i] * 2)
# COUNT: fn 1

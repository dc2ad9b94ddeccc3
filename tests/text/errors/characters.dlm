fn both(a: f, b: f) = a && b;
fn apart(a: f, b: f) = !a
fn product(a: f[I, K], b: f[K, J]) = a @ b
fn greek(α: f) = α
fn text(a: f) = 'a'

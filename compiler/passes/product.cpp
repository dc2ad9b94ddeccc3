#include "compiler/passes/product.h"

#include "compiler/ir/arith.h"

namespace dlc::passes {

using ir::Expr;

namespace {

void add(const Expr& e, bool above, Product& product) {
    if (e->is("mul")) {
        for (const Expr& arg : e->args) add(arg, above, product);
    } else if (e->is("div")) {
        add(e->args[0], above, product);
        add(e->args[1], !above, product);
    } else if (e->is("neg")) {
        product.factors.push_back(Expr::constant(-1, e->type));
        add(e->args[0], above, product);
    } else {
        (above ? product.factors : product.divisors).push_back(e);
    }
}

}  // namespace

Product product_of(const Expr& e) {
    Product product;
    add(e, true, product);
    return product;
}

Expr expression(const Product& product, ir::Type type) {
    Expr value;
    for (const Expr& f : product.factors) value = value ? value * f : f;
    if (!value) value = Expr::constant(1, type);
    Expr divisor;
    for (const Expr& d : product.divisors) divisor = divisor ? divisor * d : d;
    return divisor ? value / divisor : value;
}

}  // namespace dlc::passes

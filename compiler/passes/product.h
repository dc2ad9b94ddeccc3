// An expression as a product: what sums of products, their factors and their divisors are taken apart into.
#pragma once
#include <vector>

#include "compiler/ir/expr.h"

namespace dlc::passes {

/// factors[0] * factors[1] * … / (divisors[0] * divisors[1] * …), none of which is a product, a quotient or a negation.
struct Product {
    std::vector<ir::Expr> factors, divisors;
};
Product product_of(const ir::Expr&);
/// The product as an expression; of no factors it is 1 in the type.
ir::Expr expression(const Product&, ir::Type);

}  // namespace dlc::passes

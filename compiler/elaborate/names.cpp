#include "compiler/elaborate/names.h"

#include <set>

namespace dlc::elaborate {

using source::Span;

void names_in(const text::Expr& e, const std::function<void(const std::string&, Span)>& see) {
    const auto items = [&](const std::vector<text::Item>& list) {
        for (const text::Item& item : list) {
            if (item.kind == text::Item::pack && !item.value) see("..", item.where);
            for (const text::ExprRef* part : {&item.value, &item.low, &item.high, &item.step})
                if (*part) names_in(**part, see);
        }
    };
    const auto arguments = [&](const std::vector<text::Argument>& list) {
        for (const text::Argument& a : list) names_in(*a.value, see);
    };
    std::visit(
        [&](const auto& n) {
            using T = std::decay_t<decltype(n)>;
            if constexpr (std::is_same_v<T, text::Name>)
                see(n.text, e.where);
            else if constexpr (std::is_same_v<T, text::List>)
                for (const auto& item : n.items) names_in(*item, see);
            else if constexpr (std::is_same_v<T, text::Unary>)
                names_in(*n.operand, see);
            else if constexpr (std::is_same_v<T, text::Binary>) {
                names_in(*n.left, see);
                names_in(*n.right, see);
            } else if constexpr (std::is_same_v<T, text::Compare>)
                for (const auto& item : n.operands) names_in(*item, see);
            else if constexpr (std::is_same_v<T, text::If>) {
                names_in(*n.condition, see);
                names_in(*n.then, see);
                names_in(*n.otherwise, see);
            } else if constexpr (std::is_same_v<T, text::Call>)
                arguments(n.arguments);
            else if constexpr (std::is_same_v<T, text::Pipe>) {
                names_in(*n.operand, see);
                if (n.arguments) arguments(*n.arguments);
            } else if constexpr (std::is_same_v<T, text::Read>) {
                names_in(*n.base, see);
                items(n.items);
                if (n.otherwise) names_in(*n.otherwise, see);
            } else if constexpr (std::is_same_v<T, text::Reduce>) {
                std::set<std::string> bound;
                for (const text::Bind& b : n.binds) bound.insert(b.name ? b.name->text : "..");
                const auto outer = [&](const std::string& name, Span where) {
                    if (!bound.contains(name)) see(name, where);
                };
                for (const text::Bind& b : n.binds)
                    if (b.bound) names_in(*b.bound, outer);
                for (const text::Condition& c : n.conditions) names_in(*c.value, outer);
                names_in(*n.body, outer);
                arguments(n.arguments);
            }
        },
        e.node);
}

}  // namespace dlc::elaborate

#include "compiler/elaborate/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace dlc::elaborate {

const std::vector<Value>& List::items() const { return data->items; }

List list_of(std::vector<Value> items) {
    List list{std::make_shared<List::Data>()};
    list.data->items = std::move(items);
    return list;
}

bool is_real_list(const Value& v) {
    const std::function<bool(const Value&)> has_real = [&](const Value& item) {
        const List* list = item.as<List>();
        return list ? std::ranges::any_of(list->items(), has_real) : item.is<double>();
    };
    const std::function<bool(const Value&)> numbers = [&](const Value& item) {
        const List* list = item.as<List>();
        return list ? std::ranges::all_of(list->items(), numbers) : item.is_number();
    };
    return v.is<List>() && numbers(v) && has_real(v);
}

bool Value::is_static() const {
    if (const List* list = as<List>()) return std::ranges::all_of(list->items(), [](const Value& v) { return v.is_static(); });
    return is_number() || is<std::string>();
}

bool Value::is_function() const {
    const List* list = as<List>();
    return is<Callable>() || (list && !list->items().empty() && std::ranges::all_of(list->items(), &Value::is_function));
}

double Value::number() const {
    if (const auto* i = as<std::int64_t>()) return static_cast<double>(*i);
    if (const auto* b = as<bool>()) return *b ? 1 : 0;
    return *as<double>();
}

std::optional<double> Value::known() const {
    if (const auto* t = as<Tensor>()) return t->known;
    if (const auto* e = as<Element>()) return e->known;
    return is_number() ? std::optional(number()) : std::nullopt;
}

Value from_static(const Static& s) {
    return std::visit(
        [](const auto& v) -> Value {
            if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::vector<Static>>) {
                std::vector<Value> items;
                for (const Static& item : v) items.push_back(from_static(item));
                return {list_of(std::move(items))};
            } else {
                return {v};
            }
        },
        s.value);
}

std::optional<Static> to_static(const Value& v) {
    if (const auto* i = v.as<std::int64_t>()) return Static{*i};
    if (const auto* d = v.as<double>()) return Static{*d};
    if (const auto* b = v.as<bool>()) return Static{*b};
    if (const auto* s = v.as<std::string>()) return Static{*s};
    if (const auto* list = v.as<List>()) {
        std::vector<Static> items;
        for (const Value& item : list->items()) {
            auto one = to_static(item);
            if (!one) return std::nullopt;
            items.push_back(std::move(*one));
        }
        return Static{std::move(items)};
    }
    return std::nullopt;
}

std::string print_number(double d) {
    if (std::isinf(d)) return d > 0 ? "inf" : "-inf";
    if (std::isnan(d)) return "nan";
    const std::string text = fmt::format("{}", d);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string counted(std::int64_t n, const std::string& noun) {
    if (n == 1) return "1 " + noun;
    return noun.ends_with("ry") ? fmt::format("{} {}ies", n, noun.substr(0, noun.size() - 1)) : fmt::format("{} {}s", n, noun);
}

std::string print(const Static& s) {
    return std::visit(
        [](const auto& v) -> std::string {
            using T = std::decay_t<decltype(v)>;
            if constexpr (std::is_same_v<T, std::int64_t>)
                return std::to_string(v);
            else if constexpr (std::is_same_v<T, double>)
                return print_number(v);
            else if constexpr (std::is_same_v<T, bool>)
                return v ? "true" : "false";
            else if constexpr (std::is_same_v<T, std::string>) {
                std::string quoted = "\"";
                for (const char c : v) {
                    if (c == '"' || c == '\\') quoted += '\\';
                    quoted += c;
                }
                return quoted + '"';
            } else {
                std::string text = "[";
                for (const Static& item : v) text += (text.size() > 1 ? ", " : "") + print(item);
                return text + "]";
            }
        },
        s.value);
}

Element number_element(double value) { return {{}, ir::Expr::constant(value, ir::Type::f64), false, {}, {}}; }

}  // namespace dlc::elaborate

// Numbers are eight bytes, least first; texts and lists stand behind their length; a structure is its members in their order, which
// `members` says once for both directions.
#include "compiler/kernels/layout_bytes.h"

#include <bit>
#include <concepts>
#include <tuple>
#include <type_traits>

namespace dlc::kernels {
namespace {

template <class T, class Structure>
concept Of = std::same_as<std::remove_const_t<T>, Structure>;

auto members(Of<source::Span> auto& s) { return std::tie(s.file, s.begin, s.end); }
auto members(Of<ir::NodeId> auto& n) { return std::tie(n.value); }
auto members(Of<ir::Origin> auto& o) { return std::tie(o.span, o.name, o.also, o.checkpoint, o.layer); }
auto members(Of<ir::Result> auto& r) { return std::tie(r.kind, r.name, r.node, r.target, r.span, r.inside); }
auto members(Of<Buffer> auto& b) {
    return std::tie(b.name, b.type, b.shape, b.order, b.region, b.offset, b.bytes, b.first, b.last, b.inside, b.value);
}
auto members(Of<Call> auto& c) { return std::tie(c.kernel, c.inputs, c.outputs, c.origins); }
auto members(Of<Loop> auto& l) { return std::tie(l.first, l.last, l.steps, l.backwards); }
auto members(Of<Move> auto& m) { return std::tie(m.loop, m.buffer, m.bytes); }
auto members(Of<Layout> auto& l) {
    return std::tie(l.buffers, l.calls, l.loops, l.moves, l.results, l.result_buffers, l.region_bytes);
}

template <class T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;
template <class T>
concept List = requires(T list) {
    list.resize(1);
};

class Writer {
public:
    std::string bytes;

    template <Number T>
    void put(const T& number) {
        std::uint64_t bits;
        if constexpr (std::is_floating_point_v<T>)
            bits = std::bit_cast<std::uint64_t>(double{number});
        else
            bits = static_cast<std::uint64_t>(number);
        for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(bits >> shift);
    }
    void put(const std::string& text) {
        put(text.size());
        bytes += text;
    }
    template <List T>
    void put(const T& list) {
        put(list.size());
        for (const auto& element : list) put(element);
    }
    template <class T, std::size_t n>
    void put(const T (&array)[n]) {
        for (const T& element : array) put(element);
    }
    template <class T>
    void put(const T& structure) {
        std::apply([&](const auto&... member) { (put(member), ...); }, members(structure));
    }
};

class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}
    /// Whether all there was has been read, and nothing was missing.
    bool complete() const { return !short_ && rest_.empty(); }

    template <Number T>
    void get(T& number) {
        std::uint64_t bits = 0;
        const std::string_view from = take(8);
        for (std::size_t i = 0; i < from.size(); ++i) bits |= std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
        if constexpr (std::is_floating_point_v<T>)
            number = std::bit_cast<double>(bits);
        else
            number = static_cast<T>(bits);
    }
    void get(std::string& text) { text = take(length()); }
    template <List T>
    void get(T& list) {
        list.resize(length());
        for (auto& element : list) get(element);
    }
    template <class T, std::size_t n>
    void get(T (&array)[n]) {
        for (T& element : array) get(element);
    }
    template <class T>
    void get(T& structure) {
        std::apply([&](auto&... member) { (get(member), ...); }, members(structure));
    }

private:
    /// Of a text or a list: no more elements than bytes are left.
    std::size_t length() {
        std::uint64_t count = 0;
        get(count);
        if (count <= rest_.size()) return count;
        short_ = true;
        return 0;
    }
    std::string_view take(std::size_t count) {
        if (count > rest_.size()) {
            short_ = true;
            rest_ = {};
            return {};
        }
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }
    std::string_view rest_;
    bool short_ = false;
};

}  // namespace

std::string to_bytes(const Layout& layout) {
    Writer writer;
    writer.put(layout);
    return std::move(writer.bytes);
}

std::optional<Layout> layout_from(std::string_view bytes) {
    Reader reader(bytes);
    Layout layout;
    reader.get(layout);
    if (!reader.complete()) return {};
    return layout;
}

}  // namespace dlc::kernels

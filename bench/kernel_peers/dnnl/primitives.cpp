#include "bench/kernel_peers/dnnl/primitives.h"

#include <fmt/format.h>
#include <omp.h>

#include <cstring>

namespace dlc::bench {

std::string dnnl_version() {
    const ::dnnl::version_t* v = ::dnnl::version();
    return fmt::format("{}.{}.{}", v->major, v->minor, v->patch);
}

void set_dnnl_threads(int threads) { omp_set_num_threads(threads); }

namespace dnnl {
namespace {

::dnnl::stream& stream() {
    static ::dnnl::stream the_stream(engine());
    return the_stream;
}

}  // namespace

const ::dnnl::engine& engine() {
    static const ::dnnl::engine the_engine(::dnnl::engine::kind::cpu, 0);
    return the_engine;
}

memory::desc described(const Dims& dims, Tag tag) { return {dims, memory::data_type::f32, tag}; }
memory over(const Array& array, const Dims& dims, Tag tag) { return memory(described(dims, tag), engine(), array.data); }
memory made(const memory::desc& desc) { return memory(desc, engine()); }

void Sequence::add(const ::dnnl::primitive& primitive, Arguments arguments) {
    steps_.push_back([primitive, arguments = std::move(arguments)] { primitive.execute(stream(), arguments); });
}

void Sequence::add(std::function<void()> step) { steps_.push_back(std::move(step)); }

void Sequence::reorder(const memory& from, const memory& to) {
    if (from.get_data_handle() == to.get_data_handle()) return;
    add(::dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

memory Sequence::reordered(const memory& from, const memory::desc& as) {
    if (from.get_desc() == as) return from;
    const memory to = made(as);
    reorder(from, to);
    return to;
}

memory Sequence::stored(const memory& from, const memory::desc& as) {
    if (from.get_desc() == as) return from;
    Sequence once;
    const memory to = once.reordered(from, as);
    once.run();
    return to;
}

void Sequence::run() const {
    for (const auto& step : steps_) step();
    stream().wait();
}

std::vector<float> numbers(const memory& held, Tag plain) {
    const Dims dims = held.get_desc().dims();
    const memory dense = Sequence::stored(held, described(dims, plain));
    std::vector<float> found(std::size_t(volume(dims)));
    std::memcpy(found.data(), dense.get_data_handle(), found.size() * sizeof(float));
    return found;
}

Way way(std::string name, std::shared_ptr<Sequence> sequence, std::map<std::string, Result> held) {
    return {std::move(name), [sequence] { sequence->run(); },
            [sequence, held = std::move(held)] {
                Results results;
                for (const auto& [result, place] : held) results[result] = numbers(place.held, place.plain);
                return results;
            }};
}

}  // namespace dnnl
}  // namespace dlc::bench

// A model's outputs at several batch sizes: the program of just that size beside programs for a few sizes (`--dynamic`).
//
// usage: dynamic_batch MODEL.dlm DIM[=SIZES] [THREADS]
// Prints the least milliseconds of interleaved runs, inputs copied in and outputs copied out, and their ratio.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <memory>

#include "compiler/driver/derivative.h"
#include "compiler/driver/dynamic.h"
#include "compiler/driver/initialize.h"
#include "compiler/driver/program.h"

namespace {

using namespace dlc;

using Bytes = std::vector<std::byte>;

/// Examples [first, first + tile) of packed inputs in, and their outputs out; the last one fills what is left of the tile.
void run(train::Program& program, const runtime::Tile& tile, const std::vector<Bytes>& inputs, std::vector<Bytes>& outputs) {
    std::size_t i = 0;
    for (const train::Tensor* t : program.all(train::Role::input)) {
        const std::size_t row = std::size_t(train::bytes(*t) / tile.size);
        const std::byte* from = inputs[i++].data() + std::size_t(tile.first) * row;
        if (tile.count == tile.size) {
            train::write(*t, from);
            continue;
        }
        Bytes filled(from, from + std::size_t(tile.count) * row);
        for (std::int64_t rest = tile.count; rest < tile.size; ++rest)
            filled.insert(filled.end(), filled.end() - std::ptrdiff_t(row), filled.end());
        train::write(*t, filled.data());
    }
    if (program.run() != 0) throw std::runtime_error(program.message());
    i = 0;
    for (const train::Tensor* t : program.all(train::Role::output)) {
        Bytes packed(std::size_t(train::bytes(*t)));
        train::read(*t, packed.data());
        const std::size_t row = packed.size() / std::size_t(tile.size);
        outputs[i].resize(std::max(outputs[i].size(), std::size_t(tile.first + tile.count) * row));
        std::copy_n(packed.data(), std::size_t(tile.count) * row, outputs[i++].data() + std::size_t(tile.first) * row);
    }
}

double milliseconds(const auto& body) {
    const auto start = std::chrono::steady_clock::now();
    body();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3 || argc > 4) {
        fmt::print(stderr, "usage: dynamic_batch MODEL.dlm DIM[=SIZES] [THREADS]\n");
        return 2;
    }
    try {
        driver::Global global;
        global.threads = argc == 4 ? std::atoi(argv[3]) : 0;
        driver::Session session(global);
        const auto file = session.load(argv[1]);
        const driver::Model model = driver::open_model(session, *file, {});
        const auto dim = driver::parse_dynamic({argv[2]}, model.info.inputs);
        const auto of_size = [&](std::int64_t size) {
            driver::Model sized = model;
            sized.options.dims[dim->name] = size;
            const ir::Graph graph = driver::forward(session, *file, sized, false).graph;
            std::vector<std::string> outputs;
            for (const ir::Result& r : graph.results())
                if (r.kind == ir::Result::output) outputs.push_back(r.name);
            return driver::with_results(graph, outputs);
        };
        const driver::CompileSettings settings{global.threads, true, {}};
        const ir::Graph init = driver::step(session, *file, model).init;
        const auto prepare = [&](driver::Runnable& r) { driver::initialize(r.program(), init, 1, settings.threads); };
        std::vector<std::int64_t> sizes = dim->sizes;
        for (const std::int64_t between : {3, 7, 20, 33, 65, 100, 257, 512}) sizes.push_back(between);
        fmt::print("{:>6} {:>12} {:>12} {:>7}  {}\n", "size", "of its own", "any size", "ratio", "tiles");
        for (const std::int64_t size : sizes) {
            driver::Dynamic dynamic(*dim, driver::axes_of(dim->name, model.info.inputs), size, of_size, settings, prepare);
            driver::Runnable own(of_size(size), settings);
            prepare(own);
            std::vector<Bytes> inputs, one(own.program().all(train::Role::output).size()), any = one;
            for (const train::Tensor* t : own.program().all(train::Role::input)) {
                Bytes& packed = inputs.emplace_back(std::size_t(train::bytes(*t)));
                for (std::int64_t i = 0; i < std::ssize(packed) / data::size_of(t->type); ++i)
                    data::store(t->type, packed.data(), i, data::is_real(t->type) ? std::sin(double(i)) : double(i % 2));
            }
            const auto in_tiles = [&] {
                for (const runtime::Tile& tile : dynamic.tiles()) run(dynamic.program(tile).program(), tile, inputs, any);
            };
            in_tiles();
            double least = 1e9, least_any = 1e9, spent = 0;
            for (int round = 0; round < 30 || (spent < 2000 && round < 3000); ++round) {
                const double a = milliseconds([&] { run(own.program(), {size, 0, size}, inputs, one); });
                const double b = milliseconds(in_tiles);
                least = std::min(least, a);
                least_any = std::min(least_any, b);
                spent += a + b;
            }
            std::string tiles;
            for (const runtime::Tile& tile : dynamic.tiles()) tiles += fmt::format(" {}", tile.size);
            fmt::print("{:>6} {:>9.4f} ms {:>9.4f} ms {:>7.2f} {}\n", size, least, least_any, least_any / least, tiles);
        }
    } catch (const driver::Exit& e) { return e.code; } catch (const driver::UsageError& e) {
        fmt::print(stderr, "dynamic_batch: {}\n", e.what());
        return 2;
    } catch (const std::exception& e) {
        fmt::print(stderr, "dynamic_batch: {}\n", e.what());
        return 1;
    }
}

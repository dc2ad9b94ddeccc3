// Whether a training step waits for its input: how many images a second the thread that prepares batches makes, with each
// augmentation and with all, beside the images a second that the step takes; then both at once.
//
// usage: input MODEL.dlm [THREADS]
// The model has an input of images in reals and a target of integers; both are filled with random bytes.
#include <fmt/format.h>

#include <chrono>
#include <random>

#include "compiler/driver/dataset.h"
#include "compiler/driver/initialize.h"
#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "runtime/data/feed.h"
#include "runtime/train/steps.h"

namespace {

using namespace dlc;
using Clock = std::chrono::steady_clock;

constexpr double kSeconds = 2;  // that each row is measured for

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// A table of 8 batches of bytes for the program's inputs and targets.
std::shared_ptr<const data::Table> bytes_for(const std::vector<data::Field>& fields) {
    std::mt19937 random(0);
    data::Table table;
    for (const data::Field& field : fields) {
        data::Shape shape = field.shape;
        shape[0] *= 8;
        const bool real = data::is_real(field.type);
        data::Column column{field.name, data::Array(DLC_U8, shape), real ? 1.0 / 255 : 1};
        for (std::uint8_t& byte : column.values.as<std::uint8_t>()) byte = static_cast<std::uint8_t>(random() % (real ? 256 : 10));
        table.columns.push_back(std::move(column));
    }
    return std::make_shared<const data::Table>(std::move(table));
}

/// What is measured, as `--set augment=` has it.
struct Row {
    std::string name;
    std::vector<std::pair<const char*, data::GivenArguments>> calls;
};

std::vector<data::Augment> augments(const Row& row, const std::string& field) {
    std::vector<data::Augment> list;
    for (const auto& [name, given] : row.calls) {
        const data::Augmentation* kind = data::augmentation_named(name);
        list.push_back({kind, data::arguments_of(name, kind->options, given, source::code("E0401")), field});
    }
    return list;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3) {
        fmt::print(stderr, "usage: input MODEL.dlm [THREADS]\n");
        return 2;
    }
    try {
        driver::Global global;
        global.threads = argc == 3 ? std::atoi(argv[2]) : 0;
        driver::Session session(global);
        const auto file = session.load(argv[1]);
        const driver::Model model = driver::open_model(session, *file, {}, {}, 32);
        elaborate::Elaborated elaborated = driver::step(session, *file, model);
        driver::Runnable runnable(elaborated.graph, {global.threads, true, {}});
        driver::initialize(runnable.program(), elaborated.init, 1, global.threads);
        driver::set_seed(runnable.program(), 1);

        const std::vector<data::Field> fields = train::fields(runnable.program());
        const auto table = bytes_for(fields);
        const auto batch = static_cast<double>(fields.front().shape.front());
        const std::vector<Row> rows = {{"as they are", {}},
                                       {"shift", {{"shift", {{"", std::int64_t{2}}}}}},
                                       {"flip", {{"flip", {}}}},
                                       {"rotate", {{"rotate", {{"", 15.0}}}}},
                                       {"crop", {{"crop", {{"", 0.8}}}}},
                                       {"noise", {{"noise", {{"", 0.05}}}}},
                                       {"all five",
                                        {{"shift", {{"", std::int64_t{2}}}},
                                         {"flip", {}},
                                         {"rotate", {{"", 15.0}}},
                                         {"crop", {{"", 0.8}}},
                                         {"noise", {{"", 0.05}}}}}};
        fmt::print("{:<12} {:>16} {:>16} {:>16} {:>8}\n", "images/s", "prepared alone", "stepped alone", "both", "waited");
        for (const Row& row : rows) {
            const auto feed = data::shuffled(data::everything(table), fields, 1, augments(row, fields.front().name));
            train::Stepper stepper(runnable.program(), *feed);
            const auto measured = [&](const auto& body) {
                body();
                const Clock::time_point start = Clock::now();
                std::int64_t times = 0;
                while (seconds_since(start) < kSeconds) body(), ++times;
                return batch * static_cast<double>(times) / seconds_since(start);
            };
            const double prepared = measured([&] { feed->next(); });
            const double stepped = measured([&] { stepper.run(std::nullopt); });
            double waited = 0, whole = 0;
            const double both = measured([&] {
                const Clock::time_point start = Clock::now();
                stepper.load(feed->next());
                waited += seconds_since(start);
                stepper.run(std::nullopt);
                whole += seconds_since(start);
            });
            fmt::print("{:<12} {:>16.0f} {:>16.0f} {:>16.0f} {:>6.1f} %\n", row.name, prepared, stepped, both,
                       100 * waited / whole);
        }
    } catch (const driver::Exit& e) { return e.code; } catch (const std::exception& e) {
        fmt::print(stderr, "input: {}\n", e.what());
        return 1;
    }
}

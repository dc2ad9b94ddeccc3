// What a training run of a compiled model does between two steps: nothing asks the heap for memory.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "compiler/driver/dataset.h"
#include "compiler/driver/initialize.h"
#include "compiler/driver/program.h"
#include "compiler/driver/recipe.h"
#include "compiler/driver/runnable.h"
#include "runtime/data/feed.h"
#include "runtime/train/trainer.h"
#include "tests/runtime/allocations.h"

namespace dlc::driver {
namespace {

/// A kernel cache of its own.
class Steps : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "dlc-test-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        ::setenv("XDG_CACHE_HOME", folder_.c_str(), 1);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path folder_;
};

#if DLC_COUNTS_ALLOCATIONS
/// The heap's allocations between the ends of neighbouring steps of one epoch, at most; the first steps are left out.
class Counter final : public train::Listener {
public:
    void step(const train::StepReport& report) override {
        const long now = g_allocations;
        if (report.step > 3 && report.step_in_epoch > 0) most = std::max(most, now - before_);
        before_ = now;
        ++steps;
    }
    long most = 0;
    int steps = 0;

private:
    long before_ = 0;
};

/// Examples of any values for the inputs of a program.
std::shared_ptr<const data::Table> examples(const std::vector<data::Field>& fields, std::int64_t batches) {
    data::Table table;
    for (const data::Field& field : fields) {
        data::Shape shape = field.shape;
        shape[0] *= batches;
        data::Array values(field.type, shape);
        for (std::int64_t i = 0; i < values.count(); ++i)
            data::store(field.type, values.bytes.data(), i,
                        data::is_real(field.type) ? static_cast<double>(i % 13) / 13 : double(i % 7));
        table.columns.push_back({field.name, std::move(values)});
    }
    return std::make_shared<const data::Table>(std::move(table));
}
#endif

TEST_F(Steps, AllocateNothing) {
#if DLC_COUNTS_ALLOCATIONS
    struct Case {
        const char* file;
        const char* augmented;  // an input; empty: none
    };
    // A network, a convolution with random numbers, a recurrence that goes on from batch to batch.
    for (const Case& c :
         {Case{"bench/models/mlp.dlm", "x"}, Case{"models/lenet/model.dlm", "image"}, Case{"models/char_rnn/model.dlm", ""}}) {
        SCOPED_TRACE(c.file);
        Global global;
        global.threads = 2;
        Session session(global);
        const auto file = session.load(std::string(DLC_SOURCE_DIR "/") + c.file);
        elaborate::Options options;
        options.dims["Batch"] = 6;
        options.training = true;
        const Model model = open_model(session, *file, options, {}, 6);
        const elaborate::Elaborated elaborated = step(session, *file, model);
        Runnable runnable(elaborated.graph, {2, true, {}});
        initialize(runnable.program(), elaborated.init, 1, 1);
        std::vector<data::Augment> augments;
        if (const data::Augmentation* noise = data::augmentation_named("noise"); *c.augmented)
            augments.push_back(
                {noise, data::arguments_of("noise", noise->options, {{"", 0.1}}, source::code("E0401")), c.augmented});
        const std::vector<data::Field> fields = train::fields(runnable.program());
        const auto feed = data::shuffled(data::everything(examples(fields, 8)), fields, 1, augments);
        Overrides overrides;
        overrides.epochs = 4;
        Counter counter;
        train::Run run{runnable.program(), nullptr, *feed, nullptr, training_recipe(session, model, elaborated, 8, overrides), {},
                       &counter,           nullptr};
        run.recipe.patience.reset();
        train::train(run);
        EXPECT_EQ(counter.steps, 32);
        EXPECT_EQ(counter.most, 0);
    }
#else
    GTEST_SKIP() << "the sanitizer owns the allocator";
#endif
}

}  // namespace
}  // namespace dlc::driver

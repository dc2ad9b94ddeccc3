#include "runtime/data/feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <limits>
#include <mutex>
#include <numeric>
#include <thread>

#include "dsl/source/diagnostic.h"

namespace dlc::data {
namespace {

[[noreturn]] void misfit(std::string what, std::string help = {}) {
    throw source::UserError(source::error(source::code("E0452"), std::move(what)).helped(std::move(help)));
}

bool narrows(dlc_type from, dlc_type to) { return size_of(from) > size_of(to) || (from != to && size_of(from) == size_of(to)); }

/// Element types that may stand for one another: reals take anything, integers take integers whose values fit.
void check_type(const Field& field, const Array& values, const std::string& what) {
    if (is_real(field.type)) return;
    if (is_real(values.type))
        misfit(fmt::format("{} holds {}, but the model wants integers: `{}: {}`", what, name(values.type), field.name,
                           describe(field.type, field.shape)));
    if (field.type == values.type || !narrows(values.type, field.type)) return;
    Array one(field.type, {});
    for (std::int64_t i = 0; i < values.count(); ++i) {
        const double value = load(values.type, values.bytes.data(), i);
        store(field.type, one.bytes.data(), 0, value);
        if (load(field.type, one.bytes.data(), 0) != value)
            misfit(fmt::format("{} holds {} at element {}, which `{}: {}` cannot", what, value, i, field.name,
                               describe(field.type, field.shape)));
    }
}

void check_shape(const Field& field, const Shape& example, const std::string& what) {
    if (field.shape.empty() || Shape(field.shape.begin() + 1, field.shape.end()) != example)
        misfit(fmt::format("{} has {} an example, but the model has `{}: {}`", what,
                           example.empty() ? "one number" : fmt::format("[{}]", fmt::join(example, ", ")), field.name,
                           describe(field.type, field.shape)));
}

std::int64_t batch_of(const std::vector<Field>& fields) {
    DLC_ASSERT(!fields.empty(), "a feed has fields");
    for (const Field& field : fields) {
        if (field.shape.empty()) misfit(fmt::format("`{}` is one number; an input's first axis is the batch", field.name));
        if (field.shape.front() == 0) misfit(fmt::format("`{}` takes batches of no examples", field.name));
        if (field.shape.front() != fields.front().shape.front())
            misfit(fmt::format("`{}` has a batch of {}, `{}` of {}", fields.front().name, fields.front().shape.front(), field.name,
                               field.shape.front()));
    }
    return fields.front().shape.front();
}

/// Copies examples of one column into a batch's field.
class Gather {
public:
    Gather(const Column& column, const Field& field)
        : values_(column.values), to_(field.type), scale_(is_real(field.type) ? column.scale : 1) {
        elements_ = volume(Shape(field.shape.begin() + 1, field.shape.end()));
        from_bytes_ = elements_ * size_of(values_.type);
        to_bytes_ = elements_ * size_of(to_);
        same_ = values_.type == to_ && scale_ == 1;
        if (size_of(values_.type) == 1 && !same_) {
            table_ = Array(to_, {256});
            for (int code = 0; code < 256; ++code) {
                const std::byte byte{static_cast<unsigned char>(code)};
                store(to_, table_.bytes.data(), code, load(values_.type, &byte, 0) * scale_);
            }
        }
    }
    void copy(std::int64_t row, std::byte* to) const {
        const std::byte* from = values_.bytes.data() + row * from_bytes_;
        if (same_) {
            std::memcpy(to, from, static_cast<std::size_t>(to_bytes_));
        } else if (!table_.bytes.empty()) {
            switch (size_of(to_)) {
                case 1: return look_up<std::uint8_t>(from, to);
                case 2: return look_up<std::uint16_t>(from, to);
                case 4: return look_up<std::uint32_t>(from, to);
                default: return look_up<std::uint64_t>(from, to);
            }
        } else {
            for (std::int64_t i = 0; i < elements_; ++i) store(to_, to, i, load(values_.type, from, i) * scale_);
        }
    }
    std::int64_t example_bytes() const { return to_bytes_; }

private:
    template <class Word>
    void look_up(const std::byte* from, std::byte* to) const {
        const auto* table = reinterpret_cast<const Word*>(table_.bytes.data());
        for (std::int64_t i = 0; i < elements_; ++i)
            std::memcpy(to + i * static_cast<std::int64_t>(sizeof(Word)), table + std::to_integer<unsigned>(from[i]), sizeof(Word));
    }

    const Array& values_;
    dlc_type to_;
    double scale_;
    std::int64_t elements_ = 0, from_bytes_ = 0, to_bytes_ = 0;
    bool same_ = false;
    Array table_;  // of all values of a one-byte type
};

std::vector<std::vector<std::byte>> buffers(const std::vector<Field>& fields) {
    std::vector<std::vector<std::byte>> result;
    for (const Field& field : fields) result.emplace_back(static_cast<std::size_t>(volume(field.shape) * size_of(field.type)));
    return result;
}

/// Batches of a subset, made anywhere.
class Gatherer {
public:
    Gatherer(Subset subset, std::vector<Field> fields)
        : subset_(std::move(subset)), fields_(std::move(fields)), batch_(batch_of(fields_)) {
        check_fields(*subset_.table, fields_);
        for (const Field& field : fields_) gathers_.emplace_back(*subset_.table->column(field.name), field);
    }
    const std::vector<Field>& fields() const { return fields_; }
    std::int64_t batch() const { return batch_; }
    std::int64_t examples() const { return subset_.examples(); }
    std::int64_t row(std::int64_t position) const { return subset_.rows[static_cast<std::size_t>(position)]; }

    /// Fills them with the examples `position(0)`, `position(1)`, … of the subset.
    template <class Position>
    void fill(std::span<std::vector<std::byte>> fields, Position position) const {
        for (std::size_t f = 0; f < gathers_.size(); ++f)
            for (std::int64_t i = 0; i < batch_; ++i)
                gathers_[f].copy(row(position(i)), fields[f].data() + i * gathers_[f].example_bytes());
    }

private:
    Subset subset_;
    std::vector<Field> fields_;
    std::int64_t batch_;
    std::vector<Gather> gathers_;
};

/// Batches to train on: examples, augmented.
struct Training {
    Training(Subset subset, const std::vector<Field>& fields, std::vector<Augment> augments, std::uint64_t seed)
        : gatherer(std::move(subset), fields), augmenter(std::move(augments), fields, seed) {}
    Gatherer gatherer;
    Augmenter augmenter;

    template <class Position>
    void fill(std::span<std::vector<std::byte>> fields, std::int64_t epoch, Position position) {
        gatherer.fill(fields, position);
        for (std::int64_t i = 0; i < gatherer.batch() && !augmenter.empty(); ++i)
            augmenter.apply(fields, i, epoch, gatherer.row(position(i)));
    }
};

/// Batches that the examples fill.
std::int64_t full_batches(const Gatherer& gatherer) {
    const std::int64_t examples = gatherer.examples(), batch = gatherer.batch();
    if (examples >= batch) return examples / batch;
    throw source::UserError(
        source::error(source::code("E0453"),
                      fmt::format("a batch takes {} examples, but there are only {} to train on", batch, examples))
            .helped(examples ? fmt::format("a smaller batch: `batch = {}`", examples) : ""));
}

class Nothing final : public Feed {
public:
    const std::vector<Field>& fields() const override { return fields_; }
    std::int64_t steps_per_epoch() const override { return 1; }
    void seek(std::int64_t step) override { batch_.step = step - 1; }
    const Batch& next() override {
        ++batch_.step;
        return batch_;
    }

private:
    std::vector<Field> fields_;
    Batch batch_{-1, 1, {}};
};

/// A thread fills a ring of slots, step after step.  The consumer holds the slot of its current batch; every other one may be
/// filled.
class Prefetched final : public Feed {
public:
    Prefetched(std::vector<Field> fields, std::int64_t steps_per_epoch, MakeBatch make, int ahead)
        : fields_(std::move(fields)), batch_(batch_of(fields_)), steps_per_epoch_(steps_per_epoch), make_(std::move(make)) {
        DLC_ASSERT(ahead >= 1 && steps_per_epoch >= 1, "one batch can be prepared while another is used");
        for (int i = 0; i <= ahead; ++i) {
            Slot& slot = slots_.emplace_back();
            slot.bytes = buffers(fields_);
            for (const auto& bytes : slot.bytes) slot.batch.fields.emplace_back(bytes);
            slot.batch.examples = batch_;
        }
        worker_ = std::thread([this] { work(); });
    }
    ~Prefetched() override {
        {
            const std::lock_guard lock(mutex_);
            stop_ = true;
        }
        room_.notify_all();
        worker_.join();
    }
    const std::vector<Field>& fields() const override { return fields_; }
    std::int64_t steps_per_epoch() const override { return steps_per_epoch_; }

    void seek(std::int64_t step) override {
        {
            const std::lock_guard lock(mutex_);
            ++generation_;
            consumed_ = produced_ = step;
            error_ = nullptr;
        }
        room_.notify_all();
    }
    const Batch& next() override {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [&] { return produced_ > consumed_ || error_; });
        if (produced_ == consumed_) std::rethrow_exception(error_);
        const Batch& batch = at(consumed_++).batch;  // frees the slot of the one before
        lock.unlock();
        room_.notify_all();
        return batch;
    }

private:
    struct Slot {
        std::vector<std::vector<std::byte>> bytes;
        Batch batch;
    };
    Slot& at(std::int64_t step) { return slots_[static_cast<std::size_t>(step % std::ssize(slots_))]; }

    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            room_.wait(lock, [&] { return stop_ || (!error_ && produced_ - consumed_ < std::ssize(slots_) - 1); });
            if (stop_) return;
            const std::int64_t step = produced_, generation = generation_;
            Slot& slot = at(step);
            lock.unlock();
            std::exception_ptr error;
            try {
                make_(step, slot.bytes);
            } catch (...) { error = std::current_exception(); }
            lock.lock();
            if (generation != generation_) continue;  // sought elsewhere meanwhile
            slot.batch.step = step;
            if (error)
                error_ = error;
            else
                ++produced_;
            ready_.notify_all();
        }
    }

    const std::vector<Field> fields_;
    const std::int64_t batch_, steps_per_epoch_;
    const MakeBatch make_;  // called by the worker alone
    std::deque<Slot> slots_;

    std::mutex mutex_;
    std::condition_variable ready_, room_;
    std::int64_t produced_ = 0, consumed_ = 0;  // steps before these are made, given out
    std::int64_t generation_ = 0;
    std::exception_ptr error_;
    bool stop_ = false;
    std::thread worker_;
};

class InOrder final : public Feed {
public:
    InOrder(Subset subset, std::vector<Field> fields)
        : gatherer_(std::move(subset), std::move(fields)), bytes_(buffers(gatherer_.fields())) {
        for (const auto& bytes : bytes_) batch_.fields.emplace_back(bytes);
        if (gatherer_.examples() == 0)
            throw source::UserError(source::error(source::code("E0453"), "there are no examples to evaluate on"));
    }
    const std::vector<Field>& fields() const override { return gatherer_.fields(); }
    std::int64_t steps_per_epoch() const override { return (gatherer_.examples() + gatherer_.batch() - 1) / gatherer_.batch(); }
    void seek(std::int64_t step) override { step_ = step; }
    const Batch& next() override {
        const std::int64_t first = step_ % steps_per_epoch() * gatherer_.batch();
        batch_.step = step_++;
        batch_.examples = std::min(gatherer_.batch(), gatherer_.examples() - first);
        gatherer_.fill(bytes_, [&](std::int64_t i) { return i < batch_.examples ? first + i : first; });
        return batch_;
    }

private:
    const Gatherer gatherer_;
    std::vector<std::vector<std::byte>> bytes_;
    Batch batch_;
    std::int64_t step_ = 0;
};

class Given final : public Feed {
public:
    Given(NamedArrays arrays, std::vector<Field> fields) : fields_(std::move(fields)) {
        if (fields_.empty()) misfit("the model has no inputs that batches could give");
        for (const auto& [name, array] : arrays)
            if (std::none_of(fields_.begin(), fields_.end(), [&](const Field& field) { return field.name == name; }))
                misfit(fmt::format("the batches hold `{}`, which is no input of the model", name));
        for (const Field& field : fields_) {
            const auto found = arrays.find(field.name);
            if (found == arrays.end())
                misfit(fmt::format("the batches lack `{}`, which the model wants as {}", field.name,
                                   describe(field.type, field.shape)));
            const Array& array = found->second;
            const std::string what = fmt::format("the batches' `{}`", field.name);
            Shape expected = field.shape;
            expected.insert(expected.begin(), array.shape.empty() ? 0 : array.shape.front());
            if (array.shape != expected)
                misfit(fmt::format("{} is {}, but the model wants [steps{}{}]", what, describe(array),
                                   field.shape.empty() ? "" : ", ", fmt::join(field.shape, ", ")));
            if (array.shape.size() > 1 && array.shape[1] == 0)
                misfit(fmt::format("{} holds batches of no examples: it is {}", what, describe(array)));
            if (!columns_.empty() && array.shape.front() != steps_)
                misfit(fmt::format("{} has a leading axis of {} steps, `{}` of {}", what, array.shape.front(), fields_.front().name,
                                   steps_));
            steps_ = array.shape.front();
            check_type(field, array, what);
            columns_.push_back(converted(array, field.type));
        }
        if (steps_ == 0) misfit("the batches hold no steps");
        batch_.fields.resize(fields_.size());
    }
    const std::vector<Field>& fields() const override { return fields_; }
    std::int64_t steps_per_epoch() const override { return steps_; }
    void seek(std::int64_t step) override { step_ = step; }
    const Batch& next() override {
        for (std::size_t f = 0; f < columns_.size(); ++f) {
            const std::size_t bytes = columns_[f].bytes.size() / static_cast<std::size_t>(steps_);
            batch_.fields[f] = std::span(columns_[f].bytes).subspan(static_cast<std::size_t>(step_ % steps_) * bytes, bytes);
        }
        batch_.examples = fields_.front().shape.empty() ? 1 : fields_.front().shape.front();
        batch_.step = step_++;
        return batch_;
    }

private:
    std::vector<Field> fields_;
    std::vector<Array> columns_;
    std::int64_t steps_ = 0, step_ = 0;
    Batch batch_;
};

}  // namespace

void check_fields(const Table& table, const std::vector<Field>& fields) {
    std::vector<std::string> names;
    for (const Column& column : table.columns) names.push_back(column.name);
    for (const Field& field : fields) {
        const Column* column = table.column(field.name);
        if (!column) {
            const std::string_view near = source::nearest(field.name, names);
            misfit(fmt::format("the data have no `{}`; their columns are {}", field.name, fmt::join(names, ", ")),
                   near.empty() ? "" : fmt::format("did you mean `{}`?", near));
        }
        const std::string what = fmt::format("the data's `{}`", field.name);
        check_shape(field, Shape(column->values.shape.begin() + 1, column->values.shape.end()), what);
        check_type(field, column->values, what);
    }
}

std::unique_ptr<Feed> prefetched(std::vector<Field> fields, std::int64_t steps_per_epoch, MakeBatch make, int ahead) {
    return std::make_unique<Prefetched>(std::move(fields), steps_per_epoch, std::move(make), ahead);
}

std::unique_ptr<Feed> shuffled(Subset subset, std::vector<Field> fields, std::uint64_t seed, std::vector<Augment> augments,
                               int ahead) {
    struct Shuffle {
        Training training;
        std::vector<std::int64_t> order;  // of `epoch`
        std::int64_t epoch = -1;
    };
    const auto shuffle = std::make_shared<Shuffle>(Shuffle{{std::move(subset), fields, std::move(augments), seed}, {}, -1});
    const Gatherer& gatherer = shuffle->training.gatherer;
    const std::int64_t batch = gatherer.batch(), steps = full_batches(gatherer);
    shuffle->order.resize(static_cast<std::size_t>(gatherer.examples()));
    const auto make = [shuffle, seed, batch, steps](std::int64_t step, std::span<std::vector<std::byte>> to) {
        if (const std::int64_t epoch = step / steps; epoch != shuffle->epoch) {
            permutation(seed, epoch, shuffle->order);
            shuffle->epoch = epoch;
        }
        const std::int64_t first = step % steps * batch;
        shuffle->training.fill(to, step / steps,
                               [&](std::int64_t i) { return shuffle->order[static_cast<std::size_t>(first + i)]; });
    };
    return prefetched(std::move(fields), steps, make, ahead);
}

std::unique_ptr<Feed> continuous(Subset subset, std::vector<Field> fields, std::uint64_t seed, std::vector<Augment> augments,
                                 int ahead) {
    const std::int64_t batch = batch_of(fields);
    const auto training = std::make_shared<Training>(continued(std::move(subset), batch), fields, std::move(augments), seed);
    const std::int64_t steps = full_batches(training->gatherer);
    const auto make = [training, batch, steps](std::int64_t step, std::span<std::vector<std::byte>> to) {
        training->fill(to, step / steps, [&](std::int64_t i) { return step % steps * batch + i; });
    };
    return prefetched(std::move(fields), steps, make, ahead);
}

std::unique_ptr<Feed> in_order(Subset subset, std::vector<Field> fields) {
    return std::make_unique<InOrder>(std::move(subset), std::move(fields));
}
std::unique_ptr<Feed> given(NamedArrays arrays, std::vector<Field> fields) {
    return std::make_unique<Given>(std::move(arrays), std::move(fields));
}
std::unique_ptr<Feed> nothing() { return std::make_unique<Nothing>(); }

}  // namespace dlc::data

#include "runtime/train/program.h"

#include <cstring>

#include "dsl/source/diagnostic.h"

namespace dlc::train {
namespace {

bool row_major(const Tensor& tensor) {
    std::int64_t stride = 1;
    for (std::size_t d = tensor.shape.size(); d-- > 0;) {
        if (tensor.shape[d] != 1 && tensor.strides[d] != stride) return false;
        stride *= tensor.shape[d];
    }
    return true;
}

/// Calls copy(packed offset, tensor offset) in bytes for each element, row-major.
template <class Copy>
void each(const Tensor& tensor, Copy copy) {
    const std::int64_t size = data::size_of(tensor.type), count = data::volume(tensor.shape);
    std::vector<std::int64_t> at(tensor.shape.size(), 0);
    std::int64_t offset = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        copy(i * size, offset * size);
        for (std::size_t d = at.size(); d-- > 0;) {
            offset += tensor.strides[d];
            if (++at[d] < tensor.shape[d]) break;
            offset -= at[d] * tensor.strides[d];
            at[d] = 0;
        }
    }
}

}  // namespace

const Tensor* Program::find(Role role, std::string_view name) const {
    for (const Tensor& tensor : tensors())
        if (tensor.role == role && tensor.name == name) return &tensor;
    return nullptr;
}

std::vector<const Tensor*> Program::all(Role role) const {
    std::vector<const Tensor*> result;
    for (const Tensor& tensor : tensors())
        if (tensor.role == role) result.push_back(&tensor);
    return result;
}

std::int64_t bytes(const Tensor& tensor) { return data::volume(tensor.shape) * data::size_of(tensor.type); }

std::span<std::byte> storage(const Tensor& tensor) { return {tensor.data, static_cast<std::size_t>(bytes(tensor))}; }

void read(const Tensor& tensor, std::byte* to) {
    const auto size = static_cast<std::size_t>(data::size_of(tensor.type));
    if (row_major(tensor))
        std::memcpy(to, tensor.data, storage(tensor).size());
    else
        each(tensor, [&](std::int64_t packed, std::int64_t stored) { std::memcpy(to + packed, tensor.data + stored, size); });
}

void write(const Tensor& tensor, const std::byte* from) {
    const auto size = static_cast<std::size_t>(data::size_of(tensor.type));
    if (row_major(tensor))
        std::memcpy(tensor.data, from, storage(tensor).size());
    else
        each(tensor, [&](std::int64_t packed, std::int64_t stored) { std::memcpy(tensor.data + stored, from + packed, size); });
}

double scalar(const Tensor& tensor) {
    DLC_ASSERT(data::volume(tensor.shape) == 1, "`" + tensor.name + "` is one number");
    return data::load(tensor.type, tensor.data, 0);
}

void set_scalar(const Tensor& tensor, double value) {
    DLC_ASSERT(data::volume(tensor.shape) == 1, "`" + tensor.name + "` is one number");
    data::store(tensor.type, tensor.data, 0, value);
}

void set_scalar(const Tensor& tensor, std::int64_t value) {
    if (tensor.type != DLC_I64) return set_scalar(tensor, static_cast<double>(value));
    DLC_ASSERT(data::volume(tensor.shape) == 1, "`" + tensor.name + "` is one number");
    std::memcpy(tensor.data, &value, sizeof value);
}

std::vector<data::Field> fields(const Program& program) {
    std::vector<data::Field> result;
    for (const Tensor& tensor : program.tensors())
        if (tensor.role == Role::input || tensor.role == Role::target) result.push_back({tensor.name, tensor.type, tensor.shape});
    return result;
}

}  // namespace dlc::train

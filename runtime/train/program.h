// What the training loop knows of a compiled model: named tensors and a way to run.  It knows no compiler.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/data/feed.h"

namespace dlc::train {

/// Leaves first, results after.  The new values of parameters, state and slots are written in place, so updates have no role.
enum class Role : std::uint8_t { input, target, parameter, state, slot, seed, step, rate, output, loss, metric, check };

struct Tensor {
    Role role = Role::input;
    std::string name;  // parameter: its path; state: `state/PATH`; slot: `optimizer/SLOT/PATH`, `average/PATH`
    dlc_type type = DLC_F32;
    std::vector<std::int64_t> shape;    // as the program declares it
    std::vector<std::int64_t> strides;  // elements, by dimension of `shape`; dense, in any order of dimensions
    std::byte* data = nullptr;          // stays where it is
};

/// A buffer that a call reads or writes, dense, for finding where a bad number first appears.
struct Touched {
    int buffer = -1;  // number in the plan
    std::string name;
    dlc_type type = DLC_F32;
    std::span<const std::byte> bytes;
};

class Program {
public:
    virtual ~Program() = default;
    virtual const std::vector<Tensor>& tensors() const = 0;
    /// One step.  0, or a kernel's error code, which `message` explains.
    virtual int run() = 0;
    virtual int calls() const = 0;
    /// The end of the calls that run together with this one: those of a loop.
    virtual int end_of(int call) const = 0;
    /// Calls [first, last), which cut no loop.
    virtual int run(int first, int last) = 0;
    /// All its arguments, inputs first; of those that move in loops, all their places.
    virtual std::vector<Touched> touched_by(int call) const = 0;
    virtual std::string message() const = 0;
    virtual std::int64_t memory_bytes() const = 0;

    /// The tensor of that role and name, or null.
    const Tensor* find(Role, std::string_view name) const;
    std::vector<const Tensor*> all(Role) const;
};

/// An average of parameters is a slot of this name before the parameter's path.
inline constexpr std::string_view kAverage = "average/";

/// Row-major packed elements to and from a tensor with any strides.
void read(const Tensor&, std::byte* to);
void write(const Tensor&, const std::byte* from);
std::int64_t bytes(const Tensor&);  // packed
/// The same bytes in the tensor's own order.
std::span<std::byte> storage(const Tensor&);
double scalar(const Tensor&);  // of a tensor with one element
void set_scalar(const Tensor&, double);
void set_scalar(const Tensor&, std::int64_t);

/// What a program wants of each batch: its inputs and targets.
std::vector<data::Field> fields(const Program&);

}  // namespace dlc::train

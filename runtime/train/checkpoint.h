// Checkpoints: .safetensors files that appear whole or not at all.
#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "runtime/data/array.h"
#include "runtime/train/program.h"

namespace dlc::train {

struct Checkpoint {
    data::NamedArrays arrays;                     // PATH, state/PATH, optimizer/SLOT/PATH, average/PATH
    std::map<std::string, std::string> metadata;  // "dlc.step", "dlc.seed", …; see trainer.h
};

/// Writes `path` atomically: a temporary file beside it, flushed, renamed, the folder flushed.  A killed process leaves the old
/// file or the new one.  Fails with source::EnvironmentError (disk full, folder not writable); the old file is then untouched.
void write_checkpoint(const std::filesystem::path&, const Checkpoint&);

/// Reads any .safetensors file with element types of ours.  Every size, type, offset and overlap is checked before anything is
/// believed. Fails with source::EnvironmentError, which names what is wrong.
Checkpoint read_checkpoint(const std::filesystem::path&);

/// Parameters, state and slots of a program, as a checkpoint holds them.
data::NamedArrays persistent(const Program&);

/// Puts the averages among the arrays, if there are any, in the place of their parameters.
void take_averages(data::NamedArrays&);

/// Which tensors to restore: all, or what an inference program needs and `--init` gives.
enum class Restore { everything, parameters };
/// Fails with E0451 when an array is missing, has another shape or type (reals are converted in `parameters`), or is unknown to the
/// program.  `parameters` lets state be missing and slots be there.  `origin` begins the message.
void check_fits(const Program&, const data::NamedArrays&, Restore, const std::string& origin);
/// Copies arrays into the program's tensors after check_fits.
void restore(const Program&, const data::NamedArrays&, Restore, const std::string& origin);

}  // namespace dlc::train

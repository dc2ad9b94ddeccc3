// What a program wants of each batch.
#pragma once
#include <string>

#include "runtime/data/array.h"

namespace dlc::data {

/// One input or target: shape[0] is the batch.
struct Field {
    std::string name;
    dlc_type type = DLC_F32;
    Shape shape;
};

}  // namespace dlc::data

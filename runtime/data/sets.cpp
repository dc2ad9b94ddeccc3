#include "runtime/data/sets.h"

namespace dlc::data {

extern const Source* const kSourceRows[];

std::span<const Source* const> sources() {
    std::size_t count = 0;
    while (kSourceRows[count]) ++count;
    return {kSourceRows, count};
}

}  // namespace dlc::data

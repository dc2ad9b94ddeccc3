#include "compiler/ir/row.h"
#include "compiler/passes/pass.h"

namespace dlc::passes::rows {

DLC_ROW(Pass, share) = {
    .name = "share",
    .doc = "equal nodes become one, what no result needs goes",
    .run = ir::share,
};

}  // namespace dlc::passes::rows

// Functions that no model and no test calls, checked all the same: elaborated at a few sizes.
#pragma once
#include "compiler/driver/session.h"

namespace dlc::driver {

enum class Trial {
    holds,    // elaborates at one of the sizes tried
    fails,    // is wrong whatever the sizes are; reported
    unknown,  // fits none of the sizes tried, or takes what cannot be made up (a string): nothing is said about it
};

/// Tries a `fn` or `layer`.  An error is reported when every trial meets it and no size could mend it: unknown names, wrong
/// arguments and the like.
Trial try_function(Session&, const elaborate::Program&, const elaborate::Options&, const elaborate::Declared&);

}  // namespace dlc::driver

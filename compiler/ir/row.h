// One row of a table that CMake collects: `DLC_ROW(Scalar, exp) = {…};` at the start of a line, inside namespace …::rows.
#pragma once
#define DLC_ROW(Kind, identifier) \
    extern const Kind identifier; \
    const Kind identifier

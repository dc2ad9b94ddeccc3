#pragma once
namespace dlc::driver {
inline constexpr const char* kVersion = DLC_VERSION;
}

# Finds Halide 21 in the Python wheel that scripts/bootstrap unpacks into .venv, or under HALIDE_ROOT.  The wheel's own CMake package wants
# CMake 3.28 and Python's headers; the header and the shared library are all that is needed.
foreach(found HalideWheel_INCLUDE_DIR HalideWheel_LIBRARY)  # what an earlier run found may have moved since
  if(${found} AND NOT EXISTS "${${found}}")
    unset(${found} CACHE)
  endif()
endforeach()
file(GLOB _wheel LIST_DIRECTORIES true "${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/halide")
find_path(HalideWheel_INCLUDE_DIR Halide.h HINTS ${_wheel} ENV HALIDE_ROOT PATH_SUFFIXES include NO_DEFAULT_PATH)
find_library(HalideWheel_LIBRARY Halide HINTS ${_wheel} ENV HALIDE_ROOT PATH_SUFFIXES lib64 lib NO_DEFAULT_PATH)
if(HalideWheel_INCLUDE_DIR)
  file(STRINGS "${HalideWheel_INCLUDE_DIR}/HalideRuntime.h" _line REGEX "#define HALIDE_VERSION_MAJOR")
  string(REGEX REPLACE "[^0-9]" "" HalideWheel_VERSION "${_line}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HalideWheel
  REQUIRED_VARS HalideWheel_LIBRARY HalideWheel_INCLUDE_DIR
  VERSION_VAR HalideWheel_VERSION
  REASON_FAILURE_MESSAGE "run scripts/bootstrap, or set HALIDE_ROOT to an unpacked Halide 21 wheel")
mark_as_advanced(HalideWheel_INCLUDE_DIR HalideWheel_LIBRARY)
if(HalideWheel_FOUND AND NOT TARGET Halide::Halide)
  add_library(Halide::Halide SHARED IMPORTED)
  set_target_properties(Halide::Halide PROPERTIES
    IMPORTED_LOCATION "${HalideWheel_LIBRARY}"
    IMPORTED_SONAME libHalide.so
    INTERFACE_INCLUDE_DIRECTORIES "${HalideWheel_INCLUDE_DIR}")
endif()

# The real C header, for halide_abi_test.cpp alone; nothing of the library is called.
target_include_directories(test_runtime PRIVATE $<TARGET_PROPERTY:Halide::Halide,INTERFACE_INCLUDE_DIRECTORIES>)

target_link_libraries(test_passes PRIVATE dlc_autodiff dlc_elaborate dlc_scalars dlc_schedules)
target_sources(test_passes PRIVATE "${PROJECT_SOURCE_DIR}/tests/autodiff/random_equation.cpp" "${PROJECT_SOURCE_DIR}/tests/elaborate/evaluate.cpp")

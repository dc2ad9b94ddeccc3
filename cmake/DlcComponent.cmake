# dlc_component(NAME FOLDER [USES component-or-library...] [TABLE namespace Kind header])
# A static library dlc_NAME of every .cpp in FOLDER and its sub-folders (runtime/ alone without, they are components of their own), found
# by globbing: adding a file edits no list.  TABLE also makes the table of rows the files define; see dlc_table.
function(dlc_component name folder)
  cmake_parse_arguments(arg "" "" "USES;TABLE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp" "${PROJECT_SOURCE_DIR}/${folder}/*/*.cpp")
  file(GLOB children CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  if(folder STREQUAL "runtime")
    set(sources ${children})
  endif()
  list(SORT sources)
  set(main ${sources})
  list(FILTER main INCLUDE REGEX "/main\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  set(DLC_${name}_SOURCES "${sources}" PARENT_SCOPE)
  set(DLC_${name}_MAIN "${main}" PARENT_SCOPE)
  set(scope PRIVATE)
  set(link_scope PUBLIC)
  if(arg_TABLE)
    dlc_table(${name} ${folder} ${arg_TABLE})
    list(APPEND sources "${PROJECT_BINARY_DIR}/generated/${name}_table.cpp")
  endif()
  if(sources)
    add_library(dlc_${name} STATIC ${sources})
    target_compile_options(dlc_${name} PRIVATE -Wall -Wextra $<$<BOOL:${DLC_WERROR}>:-Werror>)
  else()
    add_library(dlc_${name} INTERFACE)
    set(scope INTERFACE)
    set(link_scope INTERFACE)
  endif()
  target_include_directories(dlc_${name} ${link_scope} "${PROJECT_SOURCE_DIR}")
  if(DLC_VERIFY)
    target_compile_definitions(dlc_${name} ${link_scope} DLC_VERIFY)
  endif()
  foreach(use IN LISTS arg_USES)
    if(use MATCHES "^[a-z]+$")
      target_link_libraries(dlc_${name} ${link_scope} dlc_${use})
    else()
      target_link_libraries(dlc_${name} ${link_scope} ${use})
    endif()
  endforeach()
endfunction()

# Writes generated/NAME_table.cpp: the array `dlc::NAMESPACE::kKindRows` of all rows, ended by null.  A row is a definition
# `DLC_ROW(Kind, identifier) = {…};` at the start of a line, inside namespace dlc::NAMESPACE::rows; the order is that of file names.
function(dlc_table name folder namespace kind header)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp" "${PROJECT_SOURCE_DIR}/${folder}/*/*.cpp")
  list(SORT sources)
  set(declarations "")
  set(rows "")
  foreach(source IN LISTS sources)
    file(STRINGS "${source}" lines REGEX "^DLC_ROW\\(")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^DLC_ROW\\([A-Za-z]+, *([A-Za-z0-9_]+)\\).*" "\\1" row "${line}")
      string(APPEND declarations "extern const ${kind} ${row};\n")
      string(APPEND rows "    &rows::${row},\n")
    endforeach()
  endforeach()
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/${name}_table.cpp" @ONLY CONTENT
"// Made by cmake/DlcComponent.cmake from the DLC_ROW lines of the files in ${folder}.
#include \"${header}\"
namespace dlc::${namespace} {
namespace rows {
${declarations}}
extern const ${kind}* const k${kind}Rows[];
const ${kind}* const k${kind}Rows[] = {
${rows}    nullptr};
}  // namespace dlc::${namespace}
")
endfunction()

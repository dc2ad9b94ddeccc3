# code_digest(NAME FOLDER...)
# Gives dlc_codegen a constant `dlc::codegen::NAME`, a SHA-256 over the names and contents of the sources in the folders; of `runtime` its own
# headers alone.  The text is the same on every machine and in every build folder, and what is made keeps its time when nothing changed.
if(CMAKE_SCRIPT_MODE_FILE)  # run by the build, with NAME, FILES (relative to SOURCE) and OUTPUT
  set(all "")
  foreach(file IN LISTS FILES)
    file(SHA256 "${SOURCE}/${file}" digest)
    string(APPEND all "${file} ${digest}\n")
  endforeach()
  string(SHA256 digest "${all}")
  file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT
"// Made by cmake/CodeDigest.cmake from the sources that decide what is cached.
namespace dlc::codegen {
extern const char* const ${NAME};
const char* const ${NAME} = \"${digest}\";
}  // namespace dlc::codegen
")
  return()
endif()

function(code_digest name)
  set(sources "")
  foreach(folder IN LISTS ARGN)
    if(folder STREQUAL "runtime")
      file(GLOB found CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/runtime/*.h")
    else()
      file(GLOB_RECURSE found CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
        "${PROJECT_SOURCE_DIR}/${folder}/*.h" "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
    endif()
    list(APPEND sources ${found})
  endforeach()
  list(SORT sources)
  list(TRANSFORM sources PREPEND "${PROJECT_SOURCE_DIR}/" OUTPUT_VARIABLE paths)
  set(output "${PROJECT_BINARY_DIR}/generated/${name}.cpp")
  add_custom_command(OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} "-DNAME=${name}" "-DFILES=${sources}" "-DSOURCE=${PROJECT_SOURCE_DIR}" "-DOUTPUT=${output}"
            -P "${PROJECT_SOURCE_DIR}/cmake/CodeDigest.cmake"
    DEPENDS ${paths} "${PROJECT_SOURCE_DIR}/cmake/CodeDigest.cmake" VERBATIM)
  target_sources(dlc_codegen PRIVATE "${output}")
endfunction()

# Run by the build: writes OUTPUT, which defines `kCodeDigest`, a SHA-256 over the names and contents of FILES (relative to SOURCE).  The text
# is the same on every machine and in every build folder, and OUTPUT keeps its time when nothing changed.
set(all "")
foreach(name IN LISTS FILES)
  file(SHA256 "${SOURCE}/${name}" digest)
  string(APPEND all "${name} ${digest}\n")
endforeach()
string(SHA256 digest "${all}")
file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT
"// Made by cmake/CodeDigest.cmake from the sources that decide what code a kernel becomes.
namespace dlc::codegen {
extern const char* const kCodeDigest;
const char* const kCodeDigest = \"${digest}\";
}  // namespace dlc::codegen
")

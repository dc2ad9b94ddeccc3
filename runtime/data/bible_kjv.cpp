#include <cstdlib>

#include "runtime/data/file.h"
#include "runtime/data/text.h"

namespace dlc::data {
namespace {

DataSet bible_kjv(const Arguments& arguments) {
    const char* root = std::getenv("DLC_DATA");
    const std::filesystem::path folder = root && *root ? root : ".";
    for (const char* name : {"bible-kjv.txt", "bible-kjv.txt.gz"})
        if (std::error_code ignored; std::filesystem::exists(folder / name, ignored)) {
            DataSet set = text(folder / name, text_options(arguments));
            set.name = "bible_kjv";
            return set;
        }
    fail_file(
        folder / "bible-kjv.txt",
        "not found; install the Debian package bible-kjv, let `bible -f \"gen1:1-rev22:21\" > bible-kjv.txt` write it, and set "
        "DLC_DATA to its folder");
}

}  // namespace

namespace rows {
DLC_ROW(Source, bible) = {
    .name = "bible_kjv",
    .doc = "the King James Bible as `text`: bible-kjv.txt, gzip or not, in $DLC_DATA",
    .options = text_options(),
    .load = bible_kjv,
};
}  // namespace rows
}  // namespace dlc::data

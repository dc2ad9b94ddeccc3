// What compiling leaves on disk: entries named by their key and their kind.  A file is what the entry holds and, behind it, a
// checksum over that.  It appears by renaming a finished one, so concurrent processes never see half of it; a file that does not
// check out counts as missing and is written again.
//
// A kernel's entry is a shared object, with two numbers behind it that say how much scratch it needs.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "compiler/ir/digest.h"
#include "runtime/plan.h"

namespace dlc::codegen {

class Cache {
public:
    /// An empty folder: nothing outlives the process; files go to the system's temporary folder.
    /// Fails with source::EnvironmentError when the folder cannot be made or written.
    explicit Cache(std::filesystem::path folder);
    ~Cache();
    Cache(const Cache&) = delete;
    Cache& operator=(const Cache&) = delete;

    struct Loaded {
        dlc_kernel kernel;
        std::shared_ptr<void> library;
    };
    /// The kernel of that key, or nothing when it is missing or damaged.
    std::optional<Loaded> load(const ir::Digest& key) const;
    /// What the entry of that key and kind (a file's suffix) holds, or nothing when it is missing or damaged.
    std::optional<std::string> read(const ir::Digest& key, std::string_view kind) const;
    /// Fails with source::EnvironmentError where new entries find no room: LLVM ends the process when it cannot write.
    void check_room() const;
    /// A new file's path, for this process alone.
    std::filesystem::path fresh(std::string_view suffix) const;
    /// Makes an entry.  Fails with source::EnvironmentError where it cannot be written.
    void write(const ir::Digest& key, std::string_view kind, std::string content) const;
    /// Makes the linked `file` the entry of `key`, and removes it.
    void store(const ir::Digest& key, const std::filesystem::path& file, std::int64_t scratch_shared,
               std::int64_t scratch_thread) const;
    static std::string symbol(const ir::Digest& key);

private:
    std::filesystem::path path(const ir::Digest& key, std::string_view kind) const;

    std::filesystem::path folder_;
    bool temporary_ = false;
};

}  // namespace dlc::codegen

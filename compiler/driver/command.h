// A subcommand: a row of the table, one file each.
#pragma once
#include <string_view>

namespace CLI {
class App;
}

namespace dlc::driver {

/// Options every command takes.
struct Global {
    enum class Color { automatic, always, never } color = Color::automatic;
    bool json = false;
    bool quiet = false;
    int verbose = 0;
    int threads = 0;  // 0: as many as there are processors
};

struct Command {
    std::string_view name;
    std::string_view doc;
    std::string_view example;  // shown by --help and run by a test
    /// Declares options on `app`; what runs when the command is chosen is set as its callback, which may set `exit_code`.
    void (*declare)(CLI::App& app, Global& global, int& exit_code);
};

}  // namespace dlc::driver

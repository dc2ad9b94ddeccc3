#include "runtime/train/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "dsl/source/diagnostic.h"
#include "runtime/data/file.h"

namespace dlc::train {
namespace {

using nlohmann::ordered_json;

ordered_json number(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    return value;
}
ordered_json object(const Values& values) {
    ordered_json result = ordered_json::object();
    for (const auto& [name, value] : values) result[name] = number(value);
    return result;
}

/// Bytes of the leading lines that speak of steps before `step`: those are what a run resumed there has behind it.
std::size_t kept(std::string_view text, std::int64_t step) {
    std::size_t begin = 0;
    while (true) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string_view::npos) return begin;
        const auto line = nlohmann::json::parse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                                text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
        if (!line.is_object() || !line.contains("step") || !line["step"].is_number_integer() || !line.contains("event"))
            return begin;
        const std::int64_t taken = line["step"].get<std::int64_t>() + (line["event"] == "step" ? 1 : 0);
        if (taken > step) return begin;
        begin = end + 1;
    }
}

}  // namespace

Log::Log(const std::filesystem::path& path, std::optional<std::int64_t> resume_at) : path_(path) {
    if (path.empty()) return;
    off_t keep = 0;
    if (std::error_code error; resume_at && std::filesystem::exists(path, error)) {
        const std::vector<std::byte> bytes = data::read_file(path);
        keep = static_cast<off_t>(kept({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, *resume_at));
    }
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    // A device or a pipe cannot be cut; there is nothing in it to cut either.
    if (file_ < 0 || (::ftruncate(file_, keep) != 0 && errno != EINVAL) ||
        (::lseek(file_, keep, SEEK_SET) < 0 && errno != ESPIPE)) {
        const int error = errno;
        if (file_ >= 0) ::close(file_);
        data::fail_file(path, fmt::format("cannot write the log: {}", std::strerror(error)));
    }
}

Log::~Log() {
    if (file_ >= 0) ::close(file_);
}

void Log::write(const std::string& line) {
    for (std::string_view left = line; !left.empty();) {
        const ssize_t written = ::write(file_, left.data(), left.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) data::fail_file(path_, fmt::format("cannot write the log: {}", std::strerror(errno)));
        left.remove_prefix(static_cast<std::size_t>(written));
    }
}

void Log::step(const StepReport& report, const Values& rates) {
    if (file_ < 0) return;
    const ordered_json line{{"event", "step"},
                            {"step", report.step},
                            {"epoch", report.epoch},
                            {"values", object(report.values)},
                            {"rates", object(rates)}};
    write(line.dump() + "\n");
}

void Log::epoch(const EpochReport& report) {
    if (file_ < 0) return;
    const ordered_json line{{"event", "epoch"},
                            {"epoch", report.epoch},
                            {"step", report.step},
                            {"training", object(report.training)},
                            {"validation", object(report.validation)},
                            {"rates", object(report.rates)},
                            {"improved", report.improved},
                            {"seconds", report.seconds},
                            {"input_seconds", report.input_seconds}};
    write(line.dump() + "\n");
}

}  // namespace dlc::train

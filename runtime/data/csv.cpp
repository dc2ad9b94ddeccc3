#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "dsl/source/diagnostic.h"
#include "runtime/data/file.h"
#include "runtime/data/sets.h"

namespace dlc::data {
namespace {

using Record = std::vector<std::string>;

/// The records of RFC 4180, with the line each begins on; lines end with LF or CRLF, empty ones are left out.
class Reader {
public:
    Reader(std::string_view text, const std::filesystem::path& file) : text_(text), file_(file) {}

    bool next(Record& record) {
        while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) line_ += text_[at_++] == '\n';
        if (at_ >= text_.size()) return false;
        begin_ = line_;
        record.clear();
        while (true) {
            record.push_back(text_[at_] == '"' ? quoted() : bare());
            if (at_ < text_.size() && text_[at_] == ',') {
                if (++at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') continue;
                record.emplace_back();  // a comma at the end of a line
            }
            return true;
        }
    }
    std::int64_t line() const { return begin_; }
    [[noreturn]] void fail(const std::string& what) const { fail_data(file_, fmt::format("line {}: {}", begin_, what)); }

private:
    std::string bare() {
        const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
        std::string_view field = text_.substr(at_, end - at_);
        at_ = end;
        while (field.starts_with(' ')) field.remove_prefix(1);
        while (field.ends_with(' ')) field.remove_suffix(1);
        return std::string(field);
    }
    std::string quoted() {
        std::string field;
        for (++at_;; ++at_) {
            if (at_ >= text_.size()) fail("a quoted field has no end");
            if (text_[at_] == '\n') ++line_;
            if (text_[at_] != '"')
                field += text_[at_];
            else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"')
                field += text_[at_++];
            else
                break;
        }
        if (++at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\r' && text_[at_] != '\n')
            fail("text follows a quoted field");
        return field;
    }

    std::string_view text_;
    const std::filesystem::path& file_;
    std::size_t at_ = 0;
    std::int64_t line_ = 1, begin_ = 1;
};

template <class Number>
bool parses(const std::string& field, Number& value) {
    const char* end = field.data() + field.size();
    const auto result = std::from_chars(field.data(), end, value);
    return result.ec == std::errc() && result.ptr == end;
}

/// A number that f32 can hold.
bool is_number(const std::string& field) {
    double value = 0;
    return parses(field, value) && std::abs(value) <= std::numeric_limits<float>::max();
}

/// A column of numbers: i32 where all of them are such integers, else f32.
Array numbers_of(const std::vector<Record>& records, std::size_t c) {
    Array integers(DLC_I32, {std::ssize(records)}), reals(DLC_F32, {std::ssize(records)});
    bool all_integers = true;
    for (std::size_t r = 0; r < records.size(); ++r) {
        double real = 0;
        parses(records[r][c], real);
        reals.as<float>()[r] = static_cast<float>(real);
        all_integers = all_integers && parses(records[r][c], integers.as<std::int32_t>()[r]);
    }
    return all_integers ? integers : reals;
}

/// A column of words: the number of each among the words in order.
Array words_of(const std::vector<Record>& records, std::size_t c) {
    Array words(DLC_I32, {std::ssize(records)});
    std::map<std::string, std::int32_t> known;
    for (const Record& record : records) known.emplace(record[c], 0);
    std::int32_t number = 0;
    for (auto& [word, its_number] : known) its_number = number++;
    for (std::size_t r = 0; r < records.size(); ++r) words.as<std::int32_t>()[r] = known.find(records[r][c])->second;
    return words;
}

}  // namespace

DataSet csv(const std::filesystem::path& file, const std::string& target) {
    const std::vector<std::byte> bytes = unpacked(read_file(file), file);
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
    Reader reader(text, file);
    Record head, record;
    if (!reader.next(head)) fail_data(file, "holds no head line of names");
    std::set<std::string> names;
    for (const std::string& name : head)
        if (name.empty() || !names.insert(name).second)
            reader.fail(name.empty() ? "a column of the head line has no name" : fmt::format("two columns are called `{}`", name));
    std::vector<Record> records;
    std::vector<bool> numbers(head.size(), true);
    while (reader.next(record)) {
        if (record.size() != head.size())
            reader.fail(fmt::format("{} fields, the head line has {} names", record.size(), head.size()));
        for (std::size_t c = 0; c < head.size(); ++c) {
            if (record[c].empty()) reader.fail(fmt::format("no value for `{}`", head[c]));
            if (numbers[c] && !is_number(record[c])) {
                // Numbers before a word are a slip more often than names of classes.
                if (!records.empty()) reader.fail(fmt::format("`{}` is `{}`, a number on the lines above", head[c], record[c]));
                numbers[c] = false;
            }
        }
        records.push_back(record);
    }
    if (records.empty()) fail_data(file, "holds no example below its head line");
    if (!target.empty() && !names.contains(target)) {
        const std::string near(source::nearest(target, head));
        throw source::UserError(source::error(source::code("E0403"), fmt::format("{}: there is no column `{}`; the columns are {}",
                                                                                 file.string(), target, fmt::join(head, ", ")))
                                    .helped(near.empty() ? "" : fmt::format("did you mean `{}`?", near)));
    }
    Table table;
    std::vector<std::size_t> features;
    for (std::size_t c = 0; c < head.size(); ++c) {
        table.columns.push_back({head[c], numbers[c] ? numbers_of(records, c) : words_of(records, c)});
        if (numbers[c] && head[c] != target) features.push_back(c);
    }
    if (!features.empty() && !names.contains("x")) {
        Array x(DLC_F32, {std::ssize(records), std::ssize(features)});
        for (std::size_t r = 0; r < records.size(); ++r)
            for (std::size_t k = 0; k < features.size(); ++k) {
                double value = 0;
                parses(records[r][features[k]], value);
                x.as<float>()[r * features.size() + k] = static_cast<float>(value);
            }
        table.columns.push_back({"x", std::move(x)});
    }
    if (!target.empty() && !names.contains("y")) table.columns.push_back({"y", table.column(target)->values});
    return {"csv", std::make_shared<const Table>(std::move(table)), nullptr};
}

namespace rows {
DLC_ROW(Source, csv_file) = {
    .name = "csv",
    .doc = "a table with a head line: every column by its name, x f32[D] all numbers, y the target",
    .options = {{.name = "file", .fallback = std::string(), .required = true}, {.name = "target", .fallback = std::string()}},
    .load = [](const Arguments& given) { return csv(given.string("file"), given.string("target")); },
};
}  // namespace rows
}  // namespace dlc::data

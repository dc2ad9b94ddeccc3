#include "dsl/text/parse.h"
#include "dsl/text/printer/printer.h"

namespace dlc::text {

std::string print(const File& file) { return Printer(nullptr).file(file); }
std::string print(const Expr& e) { return Printer(nullptr).expression(e); }
std::string print(const Type& t) { return Printer(nullptr).type(t); }
std::string head(const Declaration& d, std::size_t columns) { return Printer(nullptr).head(d, columns); }

std::string format(const source::SourceMap& map, std::uint32_t number, const File& file) {
    Original original(map, number);
    return Printer(&original).file(file);
}

}  // namespace dlc::text

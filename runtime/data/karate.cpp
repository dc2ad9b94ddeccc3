#include <initializer_list>

#include "runtime/data/sets.h"

namespace dlc::data {
namespace {

constexpr std::int64_t kMembers = 34, kTies = 78;

// W. W. Zachary, "An information flow model for conflict and fission in small groups", Journal of Anthropological Research 33
// (1977), figure 1 and table 1: who met whom outside the club, counted from 0.  Every tie stands at its lower member.
struct Ties {
    std::int32_t member;
    std::initializer_list<std::int32_t> others;
};
const Ties kTable[] = {
    {0, {1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31}},
    {1, {2, 3, 7, 13, 17, 19, 21, 30}},
    {2, {3, 7, 8, 9, 13, 27, 28, 32}},
    {3, {7, 12, 13}},
    {4, {6, 10}},
    {5, {6, 10, 16}},
    {6, {16}},
    {8, {30, 32, 33}},
    {9, {33}},
    {13, {33}},
    {14, {32, 33}},
    {15, {32, 33}},
    {18, {32, 33}},
    {19, {33}},
    {20, {32, 33}},
    {22, {32, 33}},
    {23, {25, 27, 29, 32, 33}},
    {24, {25, 27, 31}},
    {25, {31}},
    {26, {29, 33}},
    {27, {33}},
    {28, {31, 33}},
    {29, {32, 33}},
    {30, {32, 33}},
    {31, {32, 33}},
    {32, {33}},
};
// The club of each member after the split: 0 the instructor's (member 0), 1 the officers' (member 33).
constexpr std::int32_t kClub[kMembers] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0,
                                          0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

}  // namespace

/// A graph is one example, so that a batch of 1 is the whole of it.
DataSet karate() {
    Table table;
    Array from(DLC_I32, {1, 2 * kTies}), to = from, club(DLC_I32, {1, kMembers}), known(DLC_F32, {1, kMembers});
    std::size_t edge = 0;
    for (const Ties& ties : kTable)
        for (const std::int32_t other : ties.others)
            for (const auto& [a, b] : {std::pair{ties.member, other}, {other, ties.member}}) {
                from.as<std::int32_t>()[edge] = a;
                to.as<std::int32_t>()[edge++] = b;
            }
    for (std::size_t member = 0; member < kMembers; ++member) club.as<std::int32_t>()[member] = kClub[member];
    known.as<float>()[0] = known.as<float>()[kMembers - 1] = 1;
    table.columns.push_back({"from", std::move(from)});
    table.columns.push_back({"to", std::move(to)});
    table.columns.push_back({"label", std::move(club)});
    table.columns.push_back({"known", std::move(known)});
    const auto shared = std::make_shared<const Table>(std::move(table));
    return {"karate", shared, shared};
}

namespace rows {
DLC_ROW(Source, karate_club) = {
    .name = "karate",
    .doc = "Zachary's karate club as one example: edges from i32[156] to i32[156], label i32[34], known f32[34]",
    .options = {},
    .load = [](const Arguments&) { return karate(); },
};
}  // namespace rows
}  // namespace dlc::data

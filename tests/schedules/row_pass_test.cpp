// Kernels in one pass over the rows: which are, and that they compute what they should.
#include "compiler/schedules/row_pass.h"

#include "maker.h"

namespace dlc::test {
namespace {

Expr exp_of(const Expr& x) { return Expr::call("exp", {x}); }

bool one_pass(const kernels::Kernel& k) {
    const schedules::Parts parts = schedules::take_apart(k);
    return schedules::RowPass::of(parts, wide()).has_value();
}

/// x[rows…, along…] of a shape, its rows' statistics, and what is made of them.
struct Rows {
    explicit Rows(Shape the_rows, Shape the_along, Type the_type = Type::f32)
        : rows(std::move(the_rows)), along(std::move(the_along)), type(the_type) {
        shape = rows;
        shape.insert(shape.end(), along.begin(), along.end());
        x = m.in(shape, type);
        for (std::size_t d = 0; d < shape.size(); ++d) (d < rows.size() ? row : rest).push_back(v(static_cast<ir::Var>(d)));
        point = row;
        point.insert(point.end(), rest.begin(), rest.end());
    }
    Expr at(NodeId tensor) const { return m.b.read(tensor, m.b[tensor].shape.size() == shape.size() ? point : row); }
    NodeId reduced(Reduce op, const Expr& body, std::vector<ir::Predicate> where = {}) {
        return m.reduce(op, type, rows, along, body, std::move(where));
    }
    NodeId each(const Expr& body) { return m.b.pointwise(type, shape, ir::convert(body, type)); }
    NodeId of_row(const Expr& body) { return m.b.pointwise(type, rows, ir::convert(body, type)); }
    Expr number(double value) const { return Expr::constant(value, type); }

    Maker m;
    Shape rows, along, shape;
    Type type;
    NodeId x;
    std::vector<Index> row, rest, point;
};

kernels::Kernel softmax(Rows&& r) {
    const NodeId top = r.reduced(Reduce::max, r.at(r.x));
    const NodeId e = r.each(exp_of(r.at(r.x) - r.at(top)));
    const NodeId sum = r.reduced(Reduce::sum, r.at(e));
    r.m.out(r.each(r.at(e) / r.at(sum)));
    return std::move(r.m).kernel();
}

kernels::Kernel layer_norm(Rows&& r) {
    const Expr n = r.number(static_cast<double>(ir::volume(r.along)));
    const NodeId gain = r.m.in(r.along, r.type);
    std::vector<Index> own;
    for (std::size_t d = 0; d < r.along.size(); ++d) own.push_back(r.rest[d]);
    const NodeId mean = r.of_row(r.at(r.reduced(Reduce::sum, r.at(r.x))) / n);
    const Expr centred = r.at(r.x) - r.at(mean);
    const NodeId variance = r.of_row(r.at(r.reduced(Reduce::sum, centred * centred)) / n);
    r.m.out(mean);
    r.m.out(variance);
    r.m.out(r.each(centred * Expr::call("rsqrt", {r.at(variance) + 1e-5}) * r.m.b.read(gain, own)));
    return std::move(r.m).kernel();
}

TEST(RowPass, Softmax) {
    Random r(41);
    for (const Shape& rows : {Shape{33}, Shape{3, 2, 17}, Shape{700}})
        for (const std::int64_t length : {53, 64, 130}) {
            const kernels::Kernel k = softmax(Rows(rows, {length}, length == 53 ? Type::f64 : Type::f32));
            EXPECT_TRUE(one_pass(k));
            expect_right(k, r.engine);
        }
}

TEST(RowPass, StatisticsAreWrittenBesideTheRows) {
    Random r(42);
    for (const Shape& rows : {Shape{33}, Shape{5, 31}, Shape{900}})
        for (const Shape& along : {Shape{128}, Shape{37}, Shape{5, 33}}) {
            const kernels::Kernel k = layer_norm(Rows(rows, along, rows[0] == 33 ? Type::f64 : Type::f32));
            EXPECT_TRUE(one_pass(k));
            expect_right(k, r.engine, 1e-4);
        }
}

TEST(RowPass, LossesWithTheirGradient) {
    Random r(43);
    for (const std::int64_t classes : {40, 96, 130}) {
        Rows rows({6, 26}, {classes});
        const NodeId label = rows.m.in({6, 26}, Type::i32);
        const NodeId top = rows.reduced(Reduce::max, rows.at(rows.x));
        const NodeId sum = rows.reduced(Reduce::sum, exp_of(rows.at(rows.x) - rows.at(top)));
        const Expr chosen = rows.m.b.read(rows.x, {v(0), v(1), Index::get(label, {v(0), v(1)})});
        rows.m.out(rows.of_row(Expr::call("log", {rows.at(sum)}) + rows.at(top) - chosen));
        const Expr hit = ir::equal(rows.m.b.read(label, {v(0), v(1)}), Expr::index(v(2)));
        rows.m.out(rows.each(exp_of(rows.at(rows.x) - rows.at(top)) / rows.at(sum) - ir::convert(hit, Type::f32)));
        const kernels::Kernel k = std::move(rows.m).kernel();
        EXPECT_TRUE(one_pass(k));
        expect_right(k, r.engine, 1e-5, 40);
    }
}

// The row enters a condition, so it is a digit of the one variable that counts rows.
TEST(RowPass, CausalMasks) {
    Random r(44);
    for (const std::int64_t length : {33, 64}) {
        Rows rows({3, length}, {length});
        const ir::Predicate past{ir::Predicate::ge, v(1) - v(2)};
        const Expr score = ir::select(ir::holds(past), rows.at(rows.x) * 0.5, rows.number(-1e30));
        const NodeId top = rows.reduced(Reduce::max, score);
        const NodeId e = rows.each(exp_of(score - rows.at(top)));
        const NodeId sum = rows.reduced(Reduce::sum, rows.at(e), {past});
        rows.m.out(rows.each(rows.at(e) / rows.at(sum)));
        const kernels::Kernel k = std::move(rows.m).kernel();
        EXPECT_TRUE(one_pass(k));
        expect_right(k, r.engine);
    }
}

TEST(RowPass, PositionsOfMaximaAndHalves) {
    Random r(45);
    for (const Type type : {Type::bf16, Type::f32}) {
        Rows rows({37}, {70}, type);
        const NodeId top = rows.reduced(Reduce::max, rows.at(rows.x));
        const NodeId where = rows.m.reduce(Reduce::argmax, Type::i32, {37}, {70}, rows.at(rows.x));
        rows.m.out(where);
        rows.m.out(rows.each(rows.at(rows.x) - rows.at(top)));
        expect_right(std::move(rows.m).kernel(), r.engine, type == Type::bf16 ? 1e-2 : 1e-5);
    }
}

TEST(RowPass, NotWhereAnotherRowIsRead) {
    Random r(46);
    Rows rows({40}, {64});
    const NodeId sum = rows.reduced(Reduce::sum, rows.at(rows.x));
    rows.m.out(rows.each(rows.at(rows.x) - rows.m.b.read(sum, {Index(39) - v(0)})));
    const kernels::Kernel k = std::move(rows.m).kernel();
    EXPECT_FALSE(one_pass(k));
    expect_right(k, r.engine);
}

TEST(RowPass, NotWhereRowsAreNotDense) {
    Random r(47);
    kernels::Kernel k = softmax(Rows({40}, {64}));
    k.outputs[0] = {1, 0};
    EXPECT_FALSE(one_pass(k));
    expect_right(k, r.engine);
    k.inputs[0] = {1, 0};
    EXPECT_FALSE(one_pass(k));
    expect_right(k, r.engine);
}

TEST(RowPass, StatisticsOfAPrimeNumberOfRowsStandApart) {
    Random r(48);
    const kernels::Kernel k = layer_norm(Rows({997}, {128}));
    EXPECT_FALSE(one_pass(k));
    expect_right(k, r.engine, 1e-4);
}

TEST(RowPass, NotWhereARowIsOneNumber) {
    Random r(49);
    Maker m;
    const NodeId x = m.in({4, 8}), bias = m.in({1});
    const NodeId sum = m.reduce(Reduce::sum, {4}, {8}, Expr::call("tanh", {m.b.read_all(x)}));
    const NodeId score = m.b.pointwise(Type::f32, {4, 1}, m.b.read(bias, {Index(0)}) + m.b.read(sum, {v(0)}));
    m.out(score);
    m.out(m.b.pointwise(Type::f32, {4}, Expr::call("sigmoid", {m.b.read(score, {v(0), Index(0)})})));
    const kernels::Kernel k = std::move(m).kernel();
    EXPECT_FALSE(one_pass(k));
    expect_right(k, r.engine);
}

TEST(RowPass, NotForAFewLongRows) {
    const kernels::Kernel k = softmax(Rows({2}, {200000}));
    EXPECT_FALSE(one_pass(k));
}

}  // namespace
}  // namespace dlc::test

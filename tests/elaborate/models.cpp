// Models, layers, recipes and optimizers: names of parameters, results, updates, and the steps the optimizers take.
#include <gtest/gtest.h>

#include <cmath>

#include "compiler/ir/cost.h"
#include "compiler/ir/verify.h"
#include "dsl/text/parse.h"
#include "tests/elaborate/evaluate.h"

namespace dlc::test {
namespace {

using V = std::vector<double>;

/// Loads `path` or `text` and elaborates the training step of its model.
struct Step {
    source::SourceMap map;
    source::Diagnostics diagnostics;
    std::optional<elaborate::Elaborated> made;

    void load(const std::string& path, elaborate::Options options) {
        const auto program = elaborate::load(map, path, diagnostics);
        if (!program) return;
        const auto recipe = elaborate::recipe(*program, options, "", diagnostics);
        if (recipe) made = elaborate::elaborate_step(*program, "", *recipe, options, {}, diagnostics);
    }
    std::string errors() const {
        std::string text;
        for (const auto& d : diagnostics.all()) text += source::render(map, d);
        return text;
    }
    std::vector<std::string> names(ir::Result::Kind kind) const {
        std::vector<std::string> out;
        for (const ir::Result& r : made->graph.results())
            if (r.kind == kind) out.push_back(r.name);
        return out;
    }
};

std::vector<std::string> paths(const elaborate::Elaborated& e) {
    std::vector<std::string> out;
    for (const auto& p : e.parameters) out.push_back(p.path);
    return out;
}

using Names = std::vector<std::string>;

TEST(Models, LenetElaboratesToAStep) {
    elaborate::Options options;
    options.dims["Batch"] = 16;
    Step s;
    s.load(std::string(DLC_SOURCE_DIR) + "/models/lenet/model.dlm", options);
    ASSERT_TRUE(s.made) << s.errors();
    EXPECT_EQ(paths(*s.made), (Names{"conv2d_1.weight", "conv2d_1.bias", "conv2d_2.weight", "conv2d_2.bias", "dense_1.weight",
                                     "dense_1.bias", "dense_2.weight", "dense_2.bias"}));
    EXPECT_EQ(s.names(ir::Result::loss), Names{"cross_entropy"});
    EXPECT_EQ(s.names(ir::Result::metric), Names{"accuracy"});
    EXPECT_EQ(s.names(ir::Result::output), Names{"probability"});
    EXPECT_EQ(s.names(ir::Result::update).size(), 24u);  // 8 parameters, two slots each
    EXPECT_EQ(s.names(ir::Result::check).size(), 1u);    // the label is a row of the logits
    EXPECT_EQ(ir::verify(s.made->graph), Names{});
    EXPECT_EQ(ir::verify(s.made->init), Names{});
    ASSERT_EQ(s.made->layers.size(), 6u);
    EXPECT_EQ(s.made->layers.back().kind, "model");  // the gradients
    EXPECT_EQ(s.made->layers[0].path, "conv2d_1");
    EXPECT_EQ(s.made->layers[0].multiply_adds, 16 * 32 * 28 * 28 * 9);
    EXPECT_EQ(s.made->layers[2].parameters, 3136 * 128 + 128);
}

TEST(Models, NamesOfSharedAndRepeatedLayers) {
    Step s;
    const Source file(R"(
import "std/nn"
import "std/loss"
import "std/optim"
model M {
  input x: f[4, 6]
  target label: i32[4]
  shared net = mlp([5, 3])
  z = net(x) + net(2 * x)
  for i in 0..2 { z = dense(z, 3) }
  for i in 0..2 { z = z |> dense(3) |> layer_norm }
  loss l = mean(softmax_cross_entropy(z, label))
}
train { optimizer = sgd(lr = 0.1) }
)");
    s.load(file.path, {});
    ASSERT_TRUE(s.made) << s.errors();
    EXPECT_EQ(paths(*s.made), (Names{"net.0.weight", "net.0.bias", "net.1.weight", "net.1.bias", "0.weight", "0.bias", "1.weight",
                                     "1.bias", "0.dense_1.weight", "0.dense_1.bias", "0.layer_norm_1.gain", "0.layer_norm_1.shift",
                                     "1.dense_1.weight", "1.dense_1.bias", "1.layer_norm_1.gain", "1.layer_norm_1.shift"}));
}

TEST(Models, EveryProductHasARow) {
    How how;
    how.shapes["x"] = {4, 6};
    const Outcome o = elaborate_text(R"(
import "std/nn"
fn product(a: f[N, K], b: f[M, K]) -> y { y[n, m] = sum[k](a[n, k] * b[m, k]) }
layer mixed(x: f[N, K], units: int) -> y {  # multiplies, and is made of layers
  param weight: f[units, K]
  h = x |> dense(units) |> tanh
  y = h + product(x, weight)
}
layer twice(x: f[N, K]) -> y { y = x |> dense(K) |> dense(K) }  # is made of layers alone
layer cell(h: f[K]) -> y {
  param weight: f[K, K]
  y[i] = sum[j](weight[i, j] * h[j])
}
model main {
  input x: f[N, K]
  shared net = mixed(3)
  a = net(x)
  b = net(2 * x)
  c = x |> twice
  hs = scan t in 0..5 with h = c[0] { shared step = cell()
    g = step(h)
    h = g
    yield g }
  unused = x |> dense(7)
  output y = product(a, b)
  output d = grad(sum(hs), x)
  output z = hs
}
)",
                                     "main", how);
    ASSERT_TRUE(o.made) << o.errors();
    std::vector<std::tuple<std::string, std::string, std::int64_t, std::int64_t>> rows;
    std::int64_t total = 0;
    for (const elaborate::LayerInfo& row : o.made->layers) {
        rows.emplace_back(row.path, row.kind, row.parameters, row.multiply_adds);
        total += row.multiply_adds;
    }
    const std::int64_t slopes = 5 * 6 * 6 + 2 * 4 * 6 * 6;  // of the steps and of the layers before them, by x alone
    const decltype(rows) expected = {{"net", "mixed", 3 * 6, 2 * 4 * 3 * 6},
                                     {"net.dense_1", "dense", 3 * 6 + 3, 2 * 4 * 3 * 6},
                                     {"twice_1.dense_1", "dense", 6 * 6 + 6, 4 * 6 * 6},
                                     {"twice_1.dense_2", "dense", 6 * 6 + 6, 4 * 6 * 6},
                                     {"step", "cell", 6 * 6, 5 * 6 * 6},
                                     {"dense_1", "dense", 6 * 7 + 7, 0},
                                     {"", "model", 0, 4 * 4 * 3 + slopes}};
    EXPECT_EQ(rows, expected);
    std::int64_t counted = 0;
    for (const auto& [layer, count] : ir::multiply_adds_by_layer(o.made->graph)) counted += count;
    EXPECT_EQ(total, counted);
}

TEST(Models, StateOfBatchNorm) {
    const std::string text = "import \"std/nn\"\nmodel main {\n  input x: f[2, 1]\n  output y = batch_norm(x, eps = 0)\n}\n";
    const auto results = evaluate(text, {{"x", {{2, 1}, {1, 5}}}});
    EXPECT_EQ(results.at("y").values, (V{-1, 1}));
    EXPECT_NEAR(results.at("state/batch_norm_1.running_mean").values[0], 0.3, 1e-12);
    EXPECT_NEAR(results.at("state/batch_norm_1.running_variance").values[0], 0.9 + 0.4, 1e-12);
    How eval;
    eval.options.training = false;
    const auto later = evaluate(text, {{"x", {{2, 1}, {1, 5}}}}, eval);
    EXPECT_EQ(later.at("y").values, (V{1, 5}));
    EXPECT_FALSE(later.contains("state/batch_norm_1.running_mean"));
}

TEST(Models, ALayerOnItsOwn) {
    How how;
    how.shapes["x"] = {2, 3};
    how.options.overrides = {};
    const Outcome o = elaborate_text(
        "layer main(x: f[N, K], units: int = 4) -> y {\n  param weight: f[units, K] ~ he_normal(fan_in = K)\n"
        "  y[n, u] = sum[k](x[n, k] * weight[u, k])\n}\n",
        "main", how);
    ASSERT_TRUE(o.made) << o.errors();
    EXPECT_EQ(paths(*o.made), Names{"weight"});
    EXPECT_EQ(o.made->parameters[0].shape, (ir::Shape{4, 3}));
}

TEST(Models, SizesComeFromShapesOrByName) {
    const std::string text = "model main {\n  input x: f[Batch, 3]\n  target t: f[Batch]\n  loss l = sum[i](x[i, 0] * t[i])\n}\n";
    How by_shape;
    by_shape.shapes["t"] = {5};
    const Outcome o = elaborate_text(text, "main", by_shape);
    ASSERT_TRUE(o.made) << o.errors();
    EXPECT_EQ(o.made->graph[o.made->graph.leaf("x")].shape, (ir::Shape{5, 3}));
    EXPECT_EQ(codes(text), Names{"E0210"});
    How wrong;
    wrong.shapes["x"] = {5, 4};
    EXPECT_EQ(codes(text, wrong), Names{"E0209"});
    wrong.shapes = {{"y", {5, 4}}};
    EXPECT_EQ(codes(text, wrong), Names{"E0211"});
}

TEST(Models, CheckOfAnIndexThatIsData) {
    const std::string text = "model main {\n  input i: i32[2]\n  input x: f[3]\n  y[n] = x[i[n]]\n  output y = y\n}\n";
    EXPECT_EQ(evaluate(text, {{"i", {{2}, {2, 0}}}, {"x", {{3}, {1, 2, 3}}}}).at("y").values, (V{3, 1}));
    EXPECT_THROW(evaluate(text, {{"i", {{2}, {3, 0}}}, {"x", {{3}, {1, 2, 3}}}}), source::UserError);
}

// ------------------------------------------------------------------ initializers

TEST(Initializers, FollowTheirFormulas) {
    const auto values = evaluate(R"(
layer main(x: f[2]) -> y {
  param a: f[300, 784] ~ glorot_uniform(fan_in = 784, fan_out = 300)
  param b: f[300, 784] ~ he_normal(fan_in = 784)
  param q: f[5, 8]     ~ orthogonal
  param c: f[3]        ~ 0.25
  y[k < 3] = 0
  y = c
  spread = [max(a), min(a), mean(a), sqrt(mean(b^2)), mean(b)]
  turn[i, j] = sum[k](q[i, k] * q[j, k])
  y = spread
  y[i] = spread[i] + 0 * turn[i, i]
}
)",
                                 {{"x", {{2}, {0, 0}}}})
                            .at("y")
                            .values;
    EXPECT_NEAR(values[0], 0.0743980, 1e-5);
    EXPECT_NEAR(values[1], -0.0743980, 1e-5);
    EXPECT_NEAR(values[2], 0, 3e-4);
    EXPECT_NEAR(values[3], 0.0505076, 2e-4);
    EXPECT_NEAR(values[4], 0, 4e-4);
    const auto turn =
        evaluate(
            "layer main(x: f[2]) -> y {\n  param q: f[5, 8] ~ orthogonal(gain = 2)\n  y[i, j] = sum[k](q[i, k] * q[j, k])\n}\n",
            {{"x", {{2}, {0, 0}}}})
            .at("y")
            .values;
    for (int i = 0; i < 5; ++i)
        for (int j = 0; j < 5; ++j) EXPECT_NEAR(turn[5 * i + j], i == j ? 4 : 0, 1e-12);
}

// ------------------------------------------------------------------ optimizers: f = (10 x^2 + y^2) / 2 from (1, 1)

V trained(const std::string& recipe, int steps) {
    Step s;
    const Source file(
        "import \"std/optim\"\nimport \"std/loss\"\nmodel M {\n  param w: f[2] ~ ones\n  loss l = 5 * w[0]^2 + 0.5 * "
        "w[1]^2\n}\ntrain {\n" +
        recipe + "\n}\n");
    elaborate::Options options;
    options.real = ir::Type::f64;
    s.load(file.path, options);
    EXPECT_TRUE(s.made) << s.errors();
    if (!s.made) return {};
    std::map<std::string, ir::Tensor> leaves = ir::interpret(s.made->init, {{".seed", {{}, {0}}}});
    for (int step = 0; step < steps; ++step) {
        leaves[".step"] = {{}, {static_cast<double>(step)}};
        leaves["lr"] = {{}, {0.05}};
        for (const auto& [name, tensor] : ir::interpret(s.made->graph, leaves))
            if (leaves.contains(name)) leaves[name] = tensor;
    }
    return leaves.at("w").values;
}

void expect_near(const V& found, double x, double y) {
    ASSERT_EQ(found.size(), 2u);
    EXPECT_NEAR(found[0], x, 1e-10);
    EXPECT_NEAR(found[1], y, 1e-10);
}

TEST(NumericOptimizers, TakeTheStepsOfTheTable) {
    expect_near(trained("optimizer = sgd(lr = 0.05)", 5), 0.03125, 0.7737809375);
    expect_near(trained("optimizer = momentum(lr = 0.05)", 5), -0.5218, 0.4171559375);
    expect_near(trained("optimizer = nesterov_momentum(lr = 0.05)", 5), -0.101753125, 0.450443604969);
    expect_near(trained("optimizer = adagrad(lr = 0.5)", 5), 0.050891306582, 0.050891327666);
    expect_near(trained("optimizer = rmsprop(lr = 0.05)", 5), 0.524463664381, 0.524465011752);
    expect_near(trained("optimizer = adadelta()", 5), 0.977340622368, 0.977340849684);
    expect_near(trained("optimizer = rmsprop_nesterov(lr = 0.01)", 5), 0.703493433371, 0.703493433371);
    expect_near(trained("optimizer = adam(lr = 0.1)", 5), 0.507963657134, 0.507963661927);
}

TEST(Optimizers, TheRateMayBeSetByTheLoop) {
    expect_near(trained("optimizer = sgd(99)\nschedule = cosine(100)", 5), 0.03125, 0.7737809375);
}

TEST(Optimizers, ClippingAndPenalties) {
    // The gradient at (1, 1) is (10, 1), of length sqrt(101).
    const double scale = 2 / std::sqrt(101.0);
    expect_near(trained("optimizer = sgd(lr = 0.1)\nclip = norm(2)", 1), 1 - scale, 1 - 0.1 * scale);
    expect_near(trained("optimizer = sgd(lr = 0.1)\nclip = norm(20)", 1), 0, 0.9);
    expect_near(trained("optimizer = sgd(lr = 0.1)\nclip = value(0.5)", 1), 0.95, 0.95);
    // `w` has one dimension, so no penalty falls on it.
    expect_near(trained("optimizer = sgd(lr = 0.1)\nregularize = l2_penalty()", 1), 0, 0.9);
}

// ------------------------------------------------------------------ recipes

std::optional<elaborate::Recipe> recipe_of(const std::string& text, const std::map<std::string, std::string>& set,
                                           Names* codes = nullptr) {
    source::SourceMap map;
    source::Diagnostics diagnostics;
    const Source file(text);
    const auto program = elaborate::load(map, file.path, diagnostics);
    EXPECT_TRUE(program);
    elaborate::Options options;
    for (const auto& [key, value] : set) options.overrides[key] = text::parse_expression(map, map.add("--set", value), diagnostics);
    auto recipe = elaborate::recipe(*program, options, "", diagnostics);
    if (codes)
        for (const auto& d : diagnostics.all()) codes->emplace_back(d.code.text);
    return recipe;
}

const char* const kRecipe = R"(
import "std/optim"
model M(drop: float = 0.5) { input x: f[2]  loss l = sum(x) }
train {
  data = fashion_mnist()
  batch = 2 * 64
  optimizer = adam(1e-3, beta2 = 0.99)
  stop_early = patience(3, on = "validation.l")
}
)";

TEST(Recipes, SettingsAndOverrides) {
    const auto r = recipe_of(
        kRecipe, {{"optimizer.lr", "3e-4"}, {"optimizer.eps", "1e-6"}, {"epochs", "7"}, {"train.batch", "32"}, {"drop", "0.1"}});
    ASSERT_TRUE(r);
    EXPECT_EQ(std::get<elaborate::Static>(r->settings.at("batch")), elaborate::Static{std::int64_t{32}});
    EXPECT_EQ(std::get<elaborate::Static>(r->settings.at("epochs")), elaborate::Static{std::int64_t{7}});
    const auto& adam = std::get<elaborate::Recipe::Call>(r->settings.at("optimizer"));
    EXPECT_EQ(adam.name, "adam");
    ASSERT_EQ(adam.arguments.size(), 3u);
    EXPECT_EQ(adam.arguments[0].name, "");
    EXPECT_EQ(adam.arguments[0].value, (elaborate::Static{3e-4}));
    EXPECT_EQ(adam.arguments[2].name, "eps");
    EXPECT_EQ(adam.arguments[2].value, (elaborate::Static{1e-6}));
    const auto& stop = std::get<elaborate::Recipe::Call>(r->settings.at("stop_early"));
    EXPECT_EQ(stop.arguments[1].name, "on");
    EXPECT_EQ(stop.arguments[1].value, (elaborate::Static{std::string("validation.l")}));
}

TEST(Recipes, WrongKeysAreErrors) {
    Names codes;
    EXPECT_FALSE(
        recipe_of(kRecipe, {{"optimiser.lr", "1"}, {"optimizer.beta3", "1"}, {"droop", "0.1"}, {"batch.size", "3"}}, &codes));
    EXPECT_EQ(codes, (Names{"E0413", "E0413", "E0413", "E0413"}));
    codes.clear();
    EXPECT_FALSE(recipe_of("train { epoch = 3  batch = 2  batch = 3 }", {}, &codes));
    EXPECT_EQ(codes, (Names{"E0411", "E0411"}));
}

// ------------------------------------------------------------------ files

TEST(Imports, AnErrorInTheLibraryIsShownAtTheUsersCall) {
    const Outcome o = elaborate_text("import \"std/nn\"\nfn main(x: f[4]) = concat(reshape(x, [2, 2]), reshape(x, [4, 1]))\n");
    ASSERT_EQ(o.diagnostics.all().size(), 1u) << o.errors();
    for (const source::Label& label : o.diagnostics.all()[0].labels)
        EXPECT_EQ(o.map.file(label.span.file).path, o.path) << o.errors();
    for (const char* call : {"pad(x, -9)", "max_pool(x, 2, [1, 2, 3])"}) {
        const Outcome deep =
            elaborate_text(std::string("import \"std/shape\"\nimport \"std/pool\"\nfn main(x: f[2, 4, 4]) = ") + call + "\n");
        ASSERT_GE(deep.diagnostics.all().size(), 1u);
        const auto& labels = deep.diagnostics.all()[0].labels;
        EXPECT_EQ(deep.map.file(labels.front().span.file).path, deep.path) << deep.errors();
        EXPECT_NE(deep.map.file(labels.back().span.file).path, deep.path) << deep.errors();
    }
}

TEST(Imports, PrivateNamesAndMissingFiles) {
    source::SourceMap map;
    source::Diagnostics diagnostics;
    const Source file("import \"std/lineer\"\nimport \"t\"\n");
    EXPECT_FALSE(elaborate::load(map, file.path, diagnostics));
    Names codes;
    for (const auto& d : diagnostics.all()) codes.emplace_back(d.code.text);
    EXPECT_EQ(codes, (Names{"E0110", "E0111"}));
    EXPECT_EQ(diagnostics.all()[0].help, "did you mean `std/linear`?");
}

TEST(Imports, AnAmbiguousNameIsAnError) {
    EXPECT_EQ(codes("import \"std/nn\"\nimport \"std/recurrent\"\nfn main(x: f[2, 3]) = linear(x, [[1.0, 1.0, 1.0]])\n"), Names{});
    EXPECT_EQ(codes("fn relu(x: f) = 2 * x\nfn main(x: f[2]) = relu(x)\n"), Names{});
}

}  // namespace
}  // namespace dlc::test

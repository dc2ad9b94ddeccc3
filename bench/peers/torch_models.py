"""The models of bench/models in PyTorch, as its users write them: eager with a fused Adam, or the loss through torch.compile."""
import torch
from torch import nn
import torch.nn.functional as F

from layouts import layout

_real = torch.float32


def prepare(threads, real):
    global _real
    torch.set_num_threads(threads)
    _real = torch.float64 if real == "f64" else torch.float32
    torch.set_default_dtype(_real)


def versions():
    return {"torch": torch.__version__}


def real(array):
    return torch.tensor(array).to(_real)


def whole(array):
    return torch.tensor(array).long()


class Lenet(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(),
                         nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 10))


class Filters(nn.Sequential):
    """A convolution without bias and the normalization behind it."""

    def __init__(self, inputs, outputs, kernel=3, stride=1):
        super().__init__(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs))


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first, self.second = Filters(inputs, outputs, stride=stride), Filters(outputs, outputs)
        self.passed = Filters(inputs, outputs, 1, stride) if stride > 1 or inputs != outputs else None

    def forward(self, x):
        h = self.second(F.relu(self.first(x)))
        return F.relu(h + (self.passed(x) if self.passed else x))


class Resnet(nn.Module):
    def __init__(self, width=32, blocks=2):
        super().__init__()
        self.stem, self.blocks, channels = Filters(3, width), nn.ModuleList(), width
        for stage in range(3):
            for i in range(blocks):
                self.blocks.append(Residual(channels, width << stage, 2 if stage > 0 and i == 0 else 1))
                channels = width << stage
        self.scores = nn.Linear(channels, 10)

    def forward(self, x):
        x = F.relu(self.stem(x))
        for block in self.blocks:
            x = block(x)
        return self.scores(x.mean((2, 3)))


class Lstm(nn.Module):
    def __init__(self, symbols=96, units=256):
        super().__init__()
        self.table, self.states, self.scores = nn.Embedding(symbols, units), nn.LSTM(units, units, batch_first=True), nn.Linear(units, symbols)
        # One bias for each gate, as in dlc: the other one of PyTorch's two stays 0.
        nn.init.zeros_(self.states.bias_hh_l0).requires_grad_(False)

    def forward(self, x):
        return self.scores(self.states(self.table(x))[0]).flatten(0, 1)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.attend_norm, self.mlp_norm = heads, nn.LayerNorm(width), nn.LayerNorm(width)
        self.seen, self.attended = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        n, t, e = x.shape
        q, k, v = self.seen(self.attend_norm(x)).view(n, t, 3, self.heads, e // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.attended(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(n, t, e))
        return x + self.down(F.gelu(self.up(self.mlp_norm(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, symbols=96, window=128, width=128, blocks=4, heads=4):
        super().__init__()
        self.table, self.positions = nn.Embedding(symbols, width), nn.Parameter(torch.zeros(window, width))
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(blocks)])
        self.norm, self.scores = nn.LayerNorm(width), nn.Linear(width, symbols, bias=False)

    def forward(self, x):
        return self.scores(self.norm(self.blocks(self.table(x) + self.positions))).flatten(0, 1)


class Gcn(nn.Module):
    """The normalized adjacency is a dense matrix, or a sparse one (COO)."""

    def __init__(self, sources, targets, sparse=False, nodes=2708, words=1433, hidden=16, classes=7):
        super().__init__()
        self.first, self.second = nn.Linear(words, hidden, bias=False), nn.Linear(hidden, classes, bias=False)
        self.first_bias, self.second_bias = nn.Parameter(torch.zeros(hidden)), nn.Parameter(torch.zeros(classes))
        a = torch.eye(nodes).index_put((targets, sources), torch.ones(len(sources)), accumulate=True)
        scale = a.sum(1).rsqrt()
        a = scale[:, None] * a * scale
        self.register_buffer("a", a.to_sparse().coalesce() if sparse else a)

    def forward(self, x):
        h = F.relu(self.a @ self.first(x) + self.first_bias)
        return self.a @ self.second(h) + self.second_bias


def affine(peer, dlc):
    return {peer + ".weight": dlc + ".weight", peer + ".bias": dlc + ".bias"}


def normed(peer, dlc):
    return {peer + ".weight": dlc + ".gain", peer + ".bias": dlc + ".shift"}


# For each model: the module, its input, its target, and where its parameters are in dlc.
def make_mlp(d):
    net = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    return net, real(d["x"]), whole(d["label"]), affine("0", "dense_1") | affine("2", "dense_2") | affine("4", "dense_3")


def make_lenet(d):
    names = affine("0", "conv2d_1") | affine("3", "conv2d_2") | affine("7", "dense_1") | affine("9", "dense_2")
    return Lenet(), real(d["image"]).unsqueeze(1), whole(d["label"]), names


def make_resnet(d):
    net = Resnet()

    def filters(peer, dlc, number):
        return {peer + ".0.weight": f"{dlc}filters_{number}.weight"} | normed(peer + ".1", f"{dlc}batch_norm_{number}")

    names = filters("stem", "", 1) | affine("scores", "dense_1")
    for i, block in enumerate(net.blocks):
        path = f"{i // 2}.{i % 2}."
        names |= filters(f"blocks.{i}.first", path, 1) | filters(f"blocks.{i}.second", path, 2)
        if block.passed:
            names |= filters(f"blocks.{i}.passed", path, 3)
    return net, real(d["image"]), whole(d["label"]), names


def make_lstm(d):
    names = {"table.weight": "embedding_1.weight", "states.weight_ih_l0": "lstm_1.input_weight", "states.weight_hh_l0": "lstm_1.recurrent_weight",
             "states.bias_ih_l0": "lstm_1.bias"} | affine("scores", "dense_1")
    return Lstm(), whole(d["text"]), whole(d["next"]).flatten(), names


def make_gpt(d):
    names = {"table.weight": "embedding_1.weight", "positions": "learned_positions_1.weight", "scores.weight": "scores_1.weight"} | normed("norm", "layer_norm_1")
    for i in range(4):
        peer, dlc = f"blocks.{i}.", f"repeat_1.{i}."
        names |= normed(peer + "attend_norm", dlc + "layer_norm_1") | normed(peer + "mlp_norm", dlc + "layer_norm_2")
        for part in ("weight", "bias"):
            names[f"{peer}seen.{part}"] = tuple(f"{dlc}multi_head_1.{role}_{part}" for role in ("query", "key", "value"))
            names[f"{peer}attended.{part}"] = f"{dlc}multi_head_1.output_{part}"
        names |= affine(peer + "up", dlc + "mlp_1.0") | affine(peer + "down", dlc + "mlp_1.1")
    return Gpt(), whole(d["text"]), whole(d["next"]).flatten(), names


def make_gcn(d, sparse=False):
    names = {"first.weight": "graph_conv_1.weight", "first_bias": "graph_conv_1.bias", "second.weight": "graph_conv_2.weight",
             "second_bias": "graph_conv_2.bias"}
    return Gcn(whole(d["from"][0]), whole(d["to"][0]), sparse), real(d["features"][0]), whole(d["label"][0]), names


def make_gcn_sparse(d):
    return make_gcn(d, sparse=True)


class Trainer:
    """One step is forward, backward and Adam."""

    def __init__(self, name, data, weights, compiled):
        self.net, self.x, self.y, names = globals()["make_" + name](data)
        self.shapes = {key: w.shape for key, w in weights.items()}
        self.layouts = {key: layout(names[key], p.shape) for key, p in self.net.named_parameters() if p.requires_grad}
        with torch.no_grad():
            for key, p in self.net.named_parameters():
                if p.requires_grad:
                    p.copy_(torch.tensor(self.layouts[key].from_dlc(weights)))

        def loss(x, y):
            return F.cross_entropy(self.net(x), y)

        self.loss = torch.compile(loss) if compiled else loss
        self.optimizer = torch.optim.Adam([p for p in self.net.parameters() if p.requires_grad], 1e-3, fused=True)

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.x, self.y)
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())

    def gradient(self):
        self.optimizer.zero_grad(set_to_none=True)
        self.loss(self.x, self.y).backward()
        found = {}
        for key, p in self.net.named_parameters():
            if p.requires_grad:
                found |= self.layouts[key].to_dlc(p.grad.numpy(), self.shapes)
        return found

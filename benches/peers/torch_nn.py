"""Training steps of PyTorch, for `cargo bench --bench nn -- --peers`.

Arguments: mlp, cnn, gpt_s or gpt_m; the size of the batch; threads; eager or compiled. Says `ready` and the microseconds of the first step, from the making of the model on,
after warming up; then for each line with a number does so many steps, and answers with the microseconds that one took.
"""

import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

work, batch, threads, mode = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
torch.set_num_threads(threads)
torch.manual_seed(1)


class Block(nn.Module):
    def __init__(self, channels, heads):
        super().__init__()
        self.heads = heads
        self.attention_norm, self.mlp_norm = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.attend, self.project = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)
        self.expand, self.contract = nn.Linear(channels, 4 * channels), nn.Linear(4 * channels, channels)

    def forward(self, x):
        samples, tokens, channels = x.shape
        parts = self.attend(self.attention_norm(x)).split(channels, 2)
        q, k, v = (p.view(samples, tokens, self.heads, -1).transpose(1, 2) for p in parts)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.project(y.transpose(1, 2).reshape(samples, tokens, channels))
        return x + self.contract(F.gelu(self.expand(self.mlp_norm(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, layers, heads, channels, tokens, symbols=256):
        super().__init__()
        self.symbols, self.positions = nn.Embedding(symbols, channels), nn.Embedding(tokens, channels)
        self.blocks = nn.ModuleList(Block(channels, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(channels)
        for weights in self.parameters():
            if weights.dim() > 1:
                nn.init.normal_(weights, std=0.02)

    def forward(self, tokens):
        x = self.symbols(tokens) + self.positions.weight
        for block in self.blocks:
            x = block(x)
        return F.linear(self.norm(x), self.symbols.weight).flatten(0, 1)


start = time.perf_counter()
if work == "mlp":
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    x, y = torch.rand(batch, 784), torch.randint(0, 10, (batch,))
elif work == "cnn":
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
    x, y = torch.rand(batch, 1, 28, 28), torch.randint(0, 10, (batch,))
else:
    size = {"gpt_s": (4, 4, 128, 64), "gpt_m": (6, 6, 384, 128)}[work]
    model = Gpt(*size)
    x, y = torch.randint(0, 256, (batch, size[3])), torch.randint(0, 256, (batch * size[3],))
if work.startswith("gpt"):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0)
else:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)


def loss(x, y):
    return F.cross_entropy(model(x), y)


def update():
    optimizer.step()


if mode == "compiled":
    loss, update = torch.compile(loss), torch.compile(update)


def step():
    optimizer.zero_grad(set_to_none=mode != "compiled")
    value = loss(x, y)
    value.backward()
    update()
    return value.item()


step()
first = (time.perf_counter() - start) * 1e6
for _ in range(50 if not work.startswith("gpt") else 4):
    step()
print("ready", first, flush=True)
for line in sys.stdin:
    steps = int(line)
    start = time.perf_counter()
    for _ in range(steps):
        step()
    print((time.perf_counter() - start) * 1e6 / steps, flush=True)

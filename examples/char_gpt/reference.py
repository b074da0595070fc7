"""The model of this example in PyTorch, trained in the same way: what the validation loss is compared with.

    python3 reference.py FILE [steps]

Prints the loss on the whole validation text, the last tenth of the file, sample after sample.
"""

import math
import sys

import torch
from torch import nn
from torch.nn import functional as F

LAYERS, HEADS, CHANNELS, TOKENS, BATCH, PEAK = 4, 4, 128, 64, 12, 1e-3

text = open(sys.argv[1], encoding="utf-8").read()
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
symbols = sorted(set(text))
data = torch.tensor([symbols.index(c) for c in text])
split = int(len(data) * 0.9)
training, validation = data[:split], data[split:]
torch.manual_seed(1)
torch.set_num_threads(1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(CHANNELS) for _ in range(2))
        self.attend, self.project = nn.Linear(CHANNELS, 3 * CHANNELS), nn.Linear(CHANNELS, CHANNELS)
        self.expand, self.contract = nn.Linear(CHANNELS, 4 * CHANNELS), nn.Linear(4 * CHANNELS, CHANNELS)

    def forward(self, x):
        samples, tokens, _ = x.shape
        parts = self.attend(self.norms[0](x)).split(CHANNELS, 2)
        q, k, v = (p.view(samples, tokens, HEADS, -1).transpose(1, 2) for p in parts)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.project(y.transpose(1, 2).reshape(x.shape))
        return x + self.contract(F.gelu(self.expand(self.norms[1](x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.symbols, self.positions = nn.Embedding(len(symbols), CHANNELS), nn.Embedding(TOKENS, CHANNELS)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(CHANNELS)
        for name, p in self.named_parameters():
            if p.dim() > 1:
                adding = "project" in name or "contract" in name
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * LAYERS) if adding else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def forward(self, tokens, targets):
        x = self.symbols(tokens) + self.positions.weight
        for block in self.blocks:
            x = block(x)
        return F.cross_entropy(F.linear(self.norm(x), self.symbols.weight).flatten(0, 1), targets.flatten())


model = Gpt()
groups = [
    {"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": 0.1},
    {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, lr=PEAK, betas=(0.9, 0.99))
rising = min(max(steps // 20, 1), 100)


def rate(step):
    if step < rising:
        return PEAK * (step + 1) / (rising + 1)
    done = min((step - rising) / max(steps - rising, 1), 1.0)
    return PEAK * (0.1 + 0.45 * (1.0 + math.cos(math.pi * done)))


def batch(text, starts):
    samples = torch.stack([text[i : i + TOKENS + 1] for i in starts])
    return samples[:, :-1], samples[:, 1:]


for step in range(steps):
    for group in optimizer.param_groups:
        group["lr"] = rate(step)
    loss = model(*batch(training, torch.randint(0, len(training) - TOKENS, (BATCH,))))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if (step + 1) % 100 == 0:
        print(f"step {step + 1}: loss {loss.item():.3f}", flush=True)

with torch.no_grad():
    samples = BATCH * TOKENS
    starts = range(0, len(validation) - samples, samples)
    losses = [model(*batch(validation, range(i, i + samples, TOKENS))).item() for i in starts]
print(f"validation loss {sum(losses) / len(losses):.4f}")

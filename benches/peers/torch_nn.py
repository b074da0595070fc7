"""Training steps of PyTorch, for `cargo bench --bench nn -- --peers`.

Arguments: mlp, and the size of the batch. Says `ready` after warming up; then for each line with a number does so many steps, and answers with the microseconds
that one took. One thread, eager mode.
"""

import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)
work, batch = sys.argv[1], int(sys.argv[2])

assert work == "mlp", work
model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
x = torch.rand(batch, 784)
y = torch.randint(0, 10, (batch,))
sgd = torch.optim.SGD(model.parameters(), lr=0.01)


def step():
    sgd.zero_grad(set_to_none=True)
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    sgd.step()
    return loss.item()


for _ in range(50):
    step()
print("ready", flush=True)
for line in sys.stdin:
    steps = int(line)
    start = time.perf_counter()
    for _ in range(steps):
        step()
    print((time.perf_counter() - start) * 1e6 / steps, flush=True)

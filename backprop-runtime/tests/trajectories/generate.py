"""Writes trajectories.txt: where PyTorch's and optax's optimizers lead, in double precision, from a fixed start along fixed gradients.

    pip install --target FOLDER torch optax
    PYTHONPATH=FOLDER python3 generate.py

A line for each of some steps: name, step, the six numbers of a matrix of two rows, the two of a vector. The same start, gradients and
hyperparameters stand in main.rs.
"""

import pathlib
import sys

import jax
import numpy as np
import optax
import torch

jax.config.update("jax_enable_x64", True)
# NAdam keeps its product of momenta in the default type.
torch.set_default_dtype(torch.float64)

START = [np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]]), np.array([0.1, -0.3])]
STEPS = 12
SHOWN = [1, 2, 3, 7, 12]


def gradient(leaves, step):
    """That of a convex function, and a disturbance that changes from step to step."""
    out = []
    first = 0
    for x in leaves:
        flat = x.reshape(-1)
        g = np.empty_like(flat)
        for i, value in enumerate(flat):
            k = first + i
            g[i] = (1.0 + 0.5 * k) * (value - 0.25 * k) + 0.125 * value * value * value + 0.25 * ((7 * step + 3 * k) % 5 - 2)
        first += len(flat)
        out.append(g.reshape(x.shape))
    return out


def run_torch(make):
    params = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in START]
    optimizers = make(params)
    for step in range(1, STEPS + 1):
        for p, g in zip(params, gradient([p.detach().numpy() for p in params], step)):
            p.grad = torch.tensor(g)
        for optimizer in optimizers:
            optimizer.step()
        yield step, [p.detach().numpy().copy() for p in params]


def run_optax(optimizer):
    params = [jax.numpy.asarray(x) for x in START]
    state = optimizer.init(params)
    for step in range(1, STEPS + 1):
        g = [jax.numpy.asarray(g) for g in gradient([np.asarray(p) for p in params], step)]
        updates, state = optimizer.update(g, state, params)
        params = optax.apply_updates(params, updates)
        yield step, [np.asarray(p) for p in params]


def quadratic(leaves, step):
    """For L-BFGS: the same function at every step, without the disturbance."""
    del step
    flat = np.concatenate([x.reshape(-1) for x in leaves])
    k = np.arange(len(flat))
    value = np.sum(0.5 * (1.0 + 0.5 * k) * (flat - 0.25 * k) ** 2 + 0.03125 * flat**4)
    g = (1.0 + 0.5 * k) * (flat - 0.25 * k) + 0.125 * flat**3
    return value, [g[:6].reshape(2, 3), g[6:]]


def run_lbfgs():
    params = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in START]
    optimizer = torch.optim.LBFGS(params, lr=1.0, max_iter=1, history_size=10, line_search_fn="strong_wolfe", tolerance_grad=0.0, tolerance_change=0.0)

    def closure():
        value, g = quadratic([p.detach().numpy() for p in params], 0)
        for p, g in zip(params, g):
            p.grad = torch.tensor(g)
        return torch.tensor(value)

    for step in range(1, STEPS + 1):
        optimizer.step(closure)
        yield step, [p.detach().numpy().copy() for p in params]


o = torch.optim
RUNS = {
    "sgd": run_torch(lambda p: [o.SGD(p, lr=0.05, weight_decay=0.1)]),
    "momentum": run_torch(lambda p: [o.SGD(p, lr=0.05, momentum=0.9)]),
    "nesterov": run_torch(lambda p: [o.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.1)]),
    "adam": run_torch(lambda p: [o.Adam(p, lr=0.05)]),
    "amsgrad": run_torch(lambda p: [o.Adam(p, lr=0.05, betas=(0.8, 0.6), amsgrad=True)]),
    "adamw": run_torch(lambda p: [o.AdamW([{"params": p[:1]}, {"params": p[1:], "weight_decay": 0.0, "lr": 0.1}], lr=0.05, weight_decay=0.2)]),
    "nadam": run_torch(lambda p: [o.NAdam(p, lr=0.05, weight_decay=0.2, decoupled_weight_decay=True)]),
    "radam": run_torch(lambda p: [o.RAdam(p, lr=0.05, weight_decay=0.2, decoupled_weight_decay=True)]),
    "rmsprop": run_torch(lambda p: [o.RMSprop(p, lr=0.05, alpha=0.9)]),
    "rmsprop_momentum": run_torch(lambda p: [o.RMSprop(p, lr=0.05, momentum=0.5)]),
    "adagrad": run_torch(lambda p: [o.Adagrad(p, lr=0.05)]),
    "adadelta": run_torch(lambda p: [o.Adadelta(p, lr=1.0)]),
    "adafactor": run_torch(lambda p: [o.Adafactor(p, lr=0.3, weight_decay=0.05)]),
    "muon_torch": run_torch(
        lambda p: [
            o.Muon(p[:1], lr=0.05, momentum=0.9, weight_decay=0.2, nesterov=True, adjust_lr_fn="match_rms_adamw"),
            o.AdamW(p[1:], lr=0.05, weight_decay=0.2),
        ]
    ),
    "lbfgs": run_lbfgs(),
    "adam_optax": run_optax(optax.adam(0.05)),
    "lion": run_optax(optax.lion(0.05, weight_decay=0.2)),
    "lamb": run_optax(optax.lamb(0.05, weight_decay=0.2)),
    "adafactor_optax": run_optax(optax.adafactor(0.05, min_dim_size_to_factor=2)),
    "muon": run_optax(
        optax.contrib.muon(0.05, beta=0.9, nesterov=False, consistent_rms=0.2, weight_decay=0.2, adam_weight_decay=0.2)
    ),
}

with open(pathlib.Path(__file__).parent / "trajectories.txt", "w", encoding="utf-8") as file:
    print(f"# By generate.py with Python {sys.version.split()[0]}, torch {torch.__version__}, optax {optax.__version__}, jax {jax.__version__}.", file=file)
    for name, run in RUNS.items():
        for step, leaves in run:
            if step in SHOWN:
                numbers = np.concatenate([x.reshape(-1) for x in leaves])
                print(name, step, *(repr(float(x)) for x in numbers), file=file)

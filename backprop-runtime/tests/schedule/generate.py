"""Writes schedules.txt: the learning rates of PyTorch's schedules, a line for each: name, then the rates of the first 40 steps.

    pip install --target FOLDER torch numpy
    PYTHONPATH=FOLDER python3 generate.py
"""

import pathlib
import sys

import torch

s = torch.optim.lr_scheduler
STEPS = 40
# What the plateau sees.
LOSSES = [3.0, 2.0, 1.9999, 2.5, 1.5, 1.6, 1.7, 1.5, 1.49995, 1.8, 1.2, 1.1, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3]


def rates(make, losses=None):
    optimizer = torch.optim.SGD([torch.zeros(1, dtype=torch.float64)], lr=0.5)
    schedule = make(optimizer)
    for k in range(STEPS if losses is None else len(losses)):
        if losses is None:
            yield optimizer.param_groups[0]["lr"]
        optimizer.step()
        if losses is None:
            if k + 1 < STEPS:
                schedule.step()
        else:
            schedule.step(losses[k])
            yield optimizer.param_groups[0]["lr"]


RUNS = {
    "step": rates(lambda o: s.StepLR(o, 7, 0.3)),
    "exponential": rates(lambda o: s.ExponentialLR(o, 0.9)),
    "polynomial": rates(lambda o: s.PolynomialLR(o, 30, 2.0)),
    "cosine": rates(lambda o: s.CosineAnnealingLR(o, 39, 0.05)),
    "cosine_restarts": rates(lambda o: s.CosineAnnealingWarmRestarts(o, 5, 2, 0.05)),
    "cosine_restarts_alike": rates(lambda o: s.CosineAnnealingWarmRestarts(o, 7, 1, 0.0)),
    "one_cycle": rates(lambda o: s.OneCycleLR(o, 0.8, STEPS)),
    "plateau": rates(lambda o: s.ReduceLROnPlateau(o, factor=0.3, patience=2, min_lr=0.02), LOSSES),
}

with open(pathlib.Path(__file__).parent / "schedules.txt", "w", encoding="utf-8") as file:
    print(f"# By generate.py with Python {sys.version.split()[0]}, torch {torch.__version__}.", file=file)
    for name, run in RUNS.items():
        print(name, *(repr(float(rate)) for rate in run), file=file)

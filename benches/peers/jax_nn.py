"""Training steps of JAX, compiled, for `cargo bench --bench nn -- --peers`.

Arguments: mlp, and the size of the batch. Says `ready` after warming up; then for each line with a number does so many steps, and answers with the microseconds
that one took. One thread; parameters are handed on in place.
"""

import os
import sys
import time

if hasattr(os, "sched_setaffinity"):
    # The compiler's pool is as large as the set of processors.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import jax
import jax.numpy as jnp
import numpy as np

work, batch = sys.argv[1], int(sys.argv[2])
random = np.random.default_rng(1)


def weights(*shape):
    fan = int(np.prod(shape[:-1]))
    return jnp.asarray(random.normal(size=shape) * np.sqrt(2.0 / fan), jnp.float32), jnp.zeros(shape[-1], jnp.float32)


def dense(layers, x):
    for w, b in layers[:-1]:
        x = jax.nn.relu(x @ w + b)
    w, b = layers[-1]
    return x @ w + b


assert work == "mlp", work
model = [weights(784, 128), weights(128, 64), weights(64, 10)]
x = jnp.asarray(random.random((batch, 784)), jnp.float32)
y = jnp.asarray(random.integers(0, 10, batch))


def loss(model):
    logs = jax.nn.log_softmax(dense(model, x))
    return -jnp.mean(jnp.take_along_axis(logs, y[:, None], axis=1))


def descend(model):
    value, gradient = jax.value_and_grad(loss)(model)
    return jax.tree.map(lambda w, g: w - 0.01 * g, model, gradient), value


compiled = jax.jit(descend, donate_argnums=0)


def step():
    global model
    model, value = compiled(model)
    return jax.block_until_ready(value)


for _ in range(50):
    step()
print("ready", flush=True)
for line in sys.stdin:
    steps = int(line)
    start = time.perf_counter()
    for _ in range(steps):
        step()
    print((time.perf_counter() - start) * 1e6 / steps, flush=True)

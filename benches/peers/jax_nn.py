"""Training steps of JAX, compiled, for `cargo bench --bench nn -- --peers`.

Arguments: mlp, cnn, gpt_s or gpt_m; the size of the batch; threads. Says `ready` and the microseconds of the first step, from the making of the model on, after warming up; then
for each line with a number does so many steps, and answers with the microseconds that one took. Parameters are handed on in place.
"""

import os
import sys
import time

work, batch, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if hasattr(os, "sched_setaffinity"):
    # The compiler's pool is as large as the set of processors.
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:threads]))
if threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import numpy as np

random = np.random.default_rng(1)


def normal(deviation, *shape):
    return jnp.asarray(random.normal(size=shape) * deviation, jnp.float32)


def layer(*shape):
    return normal(np.sqrt(2.0 / np.prod(shape[:-1])), *shape), jnp.zeros(shape[-1], jnp.float32)


def dense(layers, x):
    for w, b in layers[:-1]:
        x = jax.nn.relu(x @ w + b)
    w, b = layers[-1]
    return x @ w + b


def pooled(x, layer, padding):
    w, b = layer
    x = jax.lax.conv_general_dilated(x, w, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")) + b
    return jax.nn.relu(jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID"))


def lenet(layers, x):
    x = pooled(pooled(x, layers[0], "SAME"), layers[1], "VALID")
    return dense(layers[2:], x.reshape(x.shape[0], -1))


def norm(x, scale, shift):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * scale + shift


def block(p, x, heads):
    samples, tokens, channels = x.shape
    w, b = p["attend"]
    parts = jnp.split(norm(x, *p["attention_norm"]) @ w + b, 3, -1)
    q, k, v = (part.reshape(samples, tokens, heads, -1).transpose(0, 2, 1, 3) for part in parts)
    scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(channels // heads)
    weights = jax.nn.softmax(jnp.where(jnp.tril(jnp.ones((tokens, tokens), bool)), scores, -jnp.inf), -1)
    w, b = p["project"]
    x = x + (weights @ v).transpose(0, 2, 1, 3).reshape(samples, tokens, channels) @ w + b
    w, b = p["expand"]
    hidden = jax.nn.gelu(norm(x, *p["mlp_norm"]) @ w + b, approximate=True)
    w, b = p["contract"]
    return x + hidden @ w + b


def gpt(heads):
    def scores(p, tokens):
        x = p["symbols"][tokens] + p["positions"]
        for each in p["blocks"]:
            x = block(each, x, heads)
        return (norm(x, *p["norm"]) @ p["symbols"].T).reshape(-1, 256)

    return scores


start = time.perf_counter()
if work == "mlp":
    model, scores = [layer(784, 128), layer(128, 64), layer(64, 10)], dense
    x, y = jnp.asarray(random.random((batch, 784)), jnp.float32), jnp.asarray(random.integers(0, 10, batch))
elif work == "cnn":
    model, scores = [layer(5, 5, 1, 6), layer(5, 5, 6, 16), layer(400, 120), layer(120, 84), layer(84, 10)], lenet
    x, y = jnp.asarray(random.random((batch, 28, 28, 1)), jnp.float32), jnp.asarray(random.integers(0, 10, batch))
else:
    layers, heads, c, tokens = {"gpt_s": (4, 4, 128, 64), "gpt_m": (6, 6, 384, 128)}[work]
    ones, zeros = (lambda n: jnp.ones(n, jnp.float32)), (lambda n: jnp.zeros(n, jnp.float32))
    pair = lambda i, o: (normal(0.02, i, o), zeros(o))
    blocks = [
        {"attention_norm": (ones(c), zeros(c)), "attend": pair(c, 3 * c), "project": pair(c, c),
         "mlp_norm": (ones(c), zeros(c)), "expand": pair(c, 4 * c), "contract": pair(4 * c, c)}
        for _ in range(layers)]
    model = {"symbols": normal(0.02, 256, c), "positions": normal(0.02, tokens, c), "blocks": blocks, "norm": (ones(c), zeros(c))}
    scores = gpt(heads)
    x, y = (jnp.asarray(random.integers(0, 256, (batch, tokens))) for _ in range(2))
    y = y.reshape(-1)


def loss(model):
    logs = jax.nn.log_softmax(scores(model, x))
    return -jnp.mean(jnp.take_along_axis(logs, y[:, None], axis=1))


def descend(model, state):
    value, gradient = jax.value_and_grad(loss)(model)
    return jax.tree.map(lambda w, g: w - 0.01 * g, model, gradient), state, value


def adam(model, state):
    value, g = jax.value_and_grad(loss)(model)
    m, v, t = state
    t = t + 1.0
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    a, b = 1.0 - 0.9**t, 1.0 - 0.999**t
    model = jax.tree.map(lambda w, m, v: w - 1e-3 * (m / a) / (jnp.sqrt(v / b) + 1e-8), model, m, v)
    return model, (m, v, t), value


if work.startswith("gpt"):
    none = jax.tree.map(jnp.zeros_like, model)
    state, update = (none, jax.tree.map(jnp.zeros_like, model), jnp.float32(0.0)), adam
else:
    state, update = (), descend
compiled = jax.jit(update, donate_argnums=(0, 1))


def step():
    global model, state
    model, state, value = compiled(model, state)
    # All of it, not the loss alone.
    return jax.block_until_ready((model, state, value))


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

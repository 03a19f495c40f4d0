"""PyTorch. Arguments: how many threads, then `serve` or `memory STEPS` (see protocol.ts, footprint.ts)."""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F

LEARNING_RATE = 0.01
READINGS = 8


def product(n):
    a, b = torch.randn(n, n), torch.randn(n, n)
    return lambda: a @ b


def fused():
    x, y, b = torch.randn(2**20), torch.randn(2**20), torch.randn(1)
    return lambda: torch.tanh(x * y + b)


def of_matrix(f):
    x = torch.randn(1024, 1024)
    return lambda: f(x)


def convolution():
    x, w = torch.randn(8, 32, 32, 32), torch.randn(64, 32, 3, 3)
    return lambda: F.conv2d(x, w, padding=1)


def convolution_gradients():
    x = torch.randn(8, 32, 32, 32, requires_grad=True)
    w = torch.randn(64, 32, 3, 3, requires_grad=True)
    return lambda: torch.autograd.grad(F.conv2d(x, w, padding=1).sum(), [x, w])


def descend(parameters, loss):
    def step():
        gradients = torch.autograd.grad(loss(), parameters)
        with torch.no_grad():
            for p, g in zip(parameters, gradients):
                p -= LEARNING_RATE * g

    return step


def weight(rows, columns, scale):
    return (torch.randn(rows, columns) * scale).requires_grad_()


def perceptron_step():
    x, labels = torch.randn(64, 784), torch.randint(10, (64,))
    w1, w2, w3 = weight(784, 256, 0.05), weight(256, 128, 0.05), weight(128, 10, 0.05)
    b1, b2, b3 = (torch.zeros(size, requires_grad=True) for size in (256, 128, 10))

    def loss():
        first = (x @ w1 + b1).relu()
        second = (first @ w2 + b2).relu()
        return F.cross_entropy(second @ w3 + b3, labels)

    return descend([w1, b1, w2, b2, w3, b3], loss)


def attention_step():
    batch, tokens, width, heads = 4, 256, 128, 4
    depth = width // heads
    x = torch.randn(batch, tokens, width)
    parameters = [weight(width, width, 0.1) for _ in range(4)]
    wq, wk, wv, wo = parameters

    def split(t):
        return t.reshape(batch, tokens, heads, depth).transpose(1, 2)

    def loss():
        q, k, v = (split(x @ w) for w in (wq, wk, wv))
        scores = q @ k.transpose(-1, -2) / math.sqrt(depth)
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, tokens, width)
        return (mixed @ wo).square().mean()

    return descend(parameters, loss)


def additions():
    x, y = torch.randn(10, requires_grad=True), torch.randn(10)

    def run():
        z = x
        for _ in range(1000):
            z = z + y
        return torch.autograd.grad(z.sum(), x)

    return run


WORKS = {
    "matmul 128": lambda: product(128),
    "matmul 256": lambda: product(256),
    "matmul 512": lambda: product(512),
    "matmul 1024": lambda: product(1024),
    "tanh(x*y+b)": fused,
    "softmax": lambda: of_matrix(lambda x: x.softmax(-1)),
    "sum 0": lambda: of_matrix(lambda x: x.sum(0)),
    "sum 1": lambda: of_matrix(lambda x: x.sum(1)),
    "conv": convolution,
    "conv gradients": convolution_gradients,
    "MLP step": perceptron_step,
    "attention step": attention_step,
    "additions": additions,
}


def median_of(run, ms):
    samples = []
    end = time.perf_counter() + ms / 1e3
    while len(samples) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        samples.append(time.perf_counter() - start)
    return {"median": 1e3 * sorted(samples)[len(samples) // 2], "runs": len(samples)}


def serve():
    work, run = None, None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["work"] != work:
                work, run = request["work"], WORKS[request["work"]]()
                median_of(run, request["ms"])
            reply = median_of(run, request["ms"])
        except Exception as error:
            work, reply = None, {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"work": request["work"], **reply}), flush=True)


def status(field):
    """A field of /proc/self/status, in bytes."""
    with open("/proc/self/status") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith(field))


def memory(steps):
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 5, stride=2, padding=2),
        torch.nn.ReLU(),
        torch.nn.Conv2d(8, 16, 5, stride=2, padding=2),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(784, 10),
    )
    optimizer = torch.optim.Adam(network.parameters())
    resident = []
    for step in range(1, steps + 1):
        images, labels = torch.randn(64, 1, 28, 28), torch.randint(10, (64,))
        optimizer.zero_grad()
        F.cross_entropy(network(images), labels).backward()
        optimizer.step()
        if step % (steps // READINGS) == 0:
            resident.append(status("VmRSS:"))
    print(json.dumps({"resident": resident, "peak": status("VmHWM:")}))


torch.set_num_threads(int(sys.argv[1]))
if sys.argv[2] == "memory":
    memory(int(sys.argv[3]))
else:
    serve()

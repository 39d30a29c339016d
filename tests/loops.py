"""What the exercises of page 07 ask about, done by torch: loops with a fault, single steps, floors."""

import torch
from torch import nn
from torch.nn import functional as F

BINS, BATCH = 48, 64


def losses(fault: str, steps: int = 12) -> list[float]:
    """The loss at each step of a loop with that fault, on one batch of one scene."""
    torch.manual_seed(0)
    policy = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, BINS))
    optimizer = torch.optim.SGD(policy.parameters(), lr=0.3)
    token, found = torch.randint(BINS, (BATCH,)), []
    for _ in range(steps):
        log_q = policy(torch.ones(BATCH, 1)).log_softmax(0 if fault == "softmax over the batch" else 1)
        loss = F.nll_loss(log_q, token)
        found.append(loss.item())
        optimizer.zero_grad()
        if fault == "step before backward":
            optimizer.step()
        loss.backward()
        if fault != "step before backward":
            optimizer.step()
    return found


def first_weight_gradient(behind=(1.0, 0.0, 2.0), belief=(0.2, 0.5, 0.3)) -> float:
    """Autograd's derivative of -log q(third) by the first layer's one weight, at tanh(w x) = 0.5 and x = 1, where the weights
    behind h are `behind` and biases make the softmax `belief`."""
    w = torch.tensor(0.5, dtype=torch.float64).atanh().requires_grad_()
    behind, belief = (torch.tensor(numbers, dtype=torch.float64) for numbers in (behind, belief))
    F.cross_entropy(belief.log() + behind * (w.tanh() - 0.5), torch.tensor(2)).backward()
    return w.grad.item()


def trains(order: str) -> bool:
    """Whether the lines of a loop, a to e as exercise L8 has them, in that order do what gradient descent does."""
    w = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    optimizer, seen, goal = torch.optim.SGD([w], lr=0.01), {}, 1.0
    seen["loss"] = w * 0
    lines = {
        "a": lambda x: optimizer.step(),
        "b": lambda x: seen.update(output=w * x),
        "c": lambda x: seen["loss"].backward(),
        "d": lambda x: optimizer.zero_grad(),
        "e": lambda x: seen.update(loss=seen["output"] ** 2),
    }
    for x in (1.0, 2.0, 3.0):
        for letter in order.split():
            lines[letter](x)
        goal -= 0.01 * 2 * goal * x**2
    return abs(w.item() - goal) < 1e-12


def distance_left(factor: float, steps: int = 3) -> float:
    """The share of the distance to the mean that gradient descent on squared error leaves."""
    answer = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(answer**2, answer)
        answer = (answer - factor * gradient).detach().requires_grad_()
    return answer.item()


def descended(w: torch.Tensor, g: torch.Tensor, lr: float, decay: float = 0.0) -> torch.Tensor:
    """The weights after one step of torch's SGD."""
    weights = w.clone().requires_grad_()
    weights.grad = g.clone()
    torch.optim.SGD([weights], lr=lr, weight_decay=decay).step()
    return weights.detach()


def logit_gradient(q: torch.Tensor, p: torch.Tensor) -> torch.Tensor:
    """Autograd's gradient of the cross-entropy H(p, softmax) by the logits, where the softmax is q."""
    logits = q.log().requires_grad_()
    (gradient,) = torch.autograd.grad(F.cross_entropy(logits, p), logits)
    return gradient

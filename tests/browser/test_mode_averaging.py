"""The actions that notebook 08's live charts draw, against torch: rows that no number shows."""

import math

import pytest
import torch
from conftest import set_signals

from helpers import heads
from helpers.robot.cup_and_tray import CupAndTray, crashes
from helpers.theory import optima

PAGE = "notebooks/08_mode_averaging.html"


def test_drawn_actions_crash_as_the_task_says(page):
    for head in heads.IDEALS:
        set_signals(page, "mode_averaging", head=head, d=0.45, w=0.6, s=0.13, n=4)
        rows = chart_rows(page, "mode_averaging", "outcome", 60)
        action = torch.tensor([[row["x1"], row["x2"]] for row in rows], dtype=torch.float64)
        assert crashes(action).tolist() == [row["outcome"] == "crashes" for row in rows], head


@pytest.mark.parametrize(("d", "w", "s", "n"), [(0.6, 0.5, 0.1, 10), (0.9, 0.3, 0.05, 3), (0.4, 1.0, 0.13, 1)])
def test_flow_carries_its_60_draws_by_the_exact_velocity(page, d, w, s, n):
    set_signals(page, "mode_averaging", head="flow", d=d, w=w, s=s, n=n)
    rows = chart_rows(page, "mode_averaging", "outcome", 60)
    noise = torch.tensor([[row["z1"], row["z2"]] for row in rows], dtype=torch.float64)
    expected = heads.euler(lambda x, t: optima.velocity(x, t, CupAndTray(d, w, s)), noise, n)
    drawn = torch.tensor([[row["x1"], row["x2"]] for row in rows], dtype=torch.float64)
    torch.testing.assert_close(drawn, expected, atol=1e-5, rtol=1e-5)


def chart_rows(page, chart: str, field: str, count: int) -> list[dict]:
    """The rows of the chart's first data set that has `count` rows with `field`."""
    return page.evaluate(
        """([chart, field, count]) => {
            const { view } = window.liveCharts[chart];
            const names = Object.keys(view.getState({ data: () => true, signals: () => false }).data);
            return names.map((name) => view.data(name) ?? []).find((rows) => rows.length === count && field in rows[0]);
        }""",
        [chart, field, count],
    )


@pytest.mark.parametrize(("n", "w", "s"), [(10, 0.5, 0.1), (1, 0.5, 0.1), (20, 0.8, 0.05), (2, 0.0, 0.13)])
@pytest.mark.parametrize("method", ["flow", "diffusion"])
def test_particles_follow_the_exact_field(page, method, n, w, s):
    set_signals(page, "flow_steps", method=method, n=n, w=w, s=s, share=1)
    rows = chart_rows(page, "flow_steps", "outcome", 60)
    task = CupAndTray(0.6, w, s)
    along, across = (torch.tensor([row[f"{axis}0"] for row in rows], dtype=torch.float64) for axis in "uv")
    noise = torch.stack([along + across, along - across], -1) / math.sqrt(2)
    if method == "flow":
        expected = heads.euler(lambda x, t: optima.velocity(x, t, task), noise, n)
    else:
        beta = heads.cosine_schedule(n).double()
        expected = denoise_with(rows, noise, beta, task)
    drawn = torch.tensor([[row["x1"], row["x2"]] for row in rows], dtype=torch.float64)
    torch.testing.assert_close(drawn, expected, atol=1e-5, rtol=1e-5)


def denoise_with(rows, x, beta, task):
    """DDPM with the noise that the chart holds for each step, along and across the diagonal."""
    alpha_bar = (1 - beta).cumprod(0)
    for step, t in enumerate(reversed(range(len(beta)))):
        predicted = optima.noise_prediction(x, alpha_bar[t], task)
        x = (x - beta[t] / (1 - alpha_bar[t]).sqrt() * predicted) / (1 - beta[t]).sqrt()
        if t > 0:
            u, v = (torch.tensor([row[f"e{axis}"][step] for row in rows], dtype=torch.float64) for axis in "uv")
            x = x + beta[t].sqrt() * torch.stack([u + v, u - v], -1) / math.sqrt(2)
    return x

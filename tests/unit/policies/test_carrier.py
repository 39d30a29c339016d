"""What the arm is taught: demonstrations in chunks, every head on them, and rollouts by policies whose answer is known."""

import math

import pytest
import torch
from torch import nn

from helpers.policies import carrier
from helpers.policies.carrier import CARRYING, CHUNK, Carrier, Demonstrations
from helpers.robot.table import BOX, START, STEPS, TRAY, Table


class Along(nn.Module):
    """A policy that goes through given corners at 2 cm a step, whatever it sees; it counts how often it is asked."""

    def __init__(self, *corners: tuple[float, float]):
        super().__init__()
        self.corners, self.asked = torch.tensor(corners), 0

    def chunks(self, observations):
        self.asked += 1
        chunk, here = [], carrier.seen(observations)[1]
        for _ in range(CHUNK):
            passed = (here.unsqueeze(1)[..., 0] > self.corners[:, 0] - 0.02).sum(1).clamp(max=len(self.corners) - 1)
            ahead = self.corners[passed] - here
            here = here + ahead * (0.02 / ahead.norm(dim=-1, keepdim=True)).clamp(max=1)
            chunk.append(here)
        return torch.stack(chunk, 1)


ROUND = ((0.38, 0.2), (0.6, 0.2), (TRAY, 0.0))


def test_a_chunk_holds_the_next_places_of_the_demonstration_and_ends_at_the_tray():
    shown = carrier.demonstrations(2, seed=3)
    assert shown.picture.shape == (2 * STEPS, 3, 40, 40) and shown.picture.dtype == torch.uint8
    assert shown.chunk.shape == (2 * STEPS, CHUNK, 2)
    first = shown.chunk[:STEPS]
    torch.testing.assert_close(first[1:, :-1], first[:-1, 1:])  # each moment's chunk is the one before, one step on
    torch.testing.assert_close(first[-1], torch.tensor([TRAY, 0.0]).expand(CHUNK, 2))
    way = torch.cat([first[:1, 0], first[1:, 0]])
    assert (way[1:] - way[:-1]).norm(dim=-1).max() < 0.025  # no jump
    lag = (shown.hand[1:STEPS] - way[:-1]).norm(dim=-1)  # the hand goes where it was told to
    assert lag.max() < 0.03


def test_the_same_demonstrations_are_carried_out_once_and_others_differ():
    assert carrier.demonstrations(2, seed=3) is carrier.demonstrations(2, seed=3)
    assert not torch.equal(carrier.demonstrations(2, seed=3).chunk, carrier.demonstrations(2, seed=4).chunk)


@pytest.mark.parametrize("executed", [1, 5, 12])
def test_a_policy_that_goes_straight_crashes_and_one_that_goes_round_delivers(executed):
    straight = carrier.roll_out(Along((TRAY, 0.0)), executed, 4)
    assert straight.crash.all() and not straight.delivered.any() and not straight.diverged.any()
    round_ = carrier.roll_out(Along(*ROUND), executed, 4)
    assert round_.delivered.all() and not round_.crash.any()
    beside = round_.way[(round_.way[..., 0].abs() < BOX)]
    assert (beside[:, 1] > 0.1).all()  # to the left of the box


def test_it_looks_again_when_what_it_executes_is_done():
    for executed in (1, 3, 12):
        policy, moments = Along(*ROUND), []
        carrier.roll_out(policy, executed, 1, watch=lambda env, moments=moments: moments.append(env.time))
        assert moments == list(range(len(moments)))
        assert policy.asked == math.ceil((len(moments) - 1) / executed)


def test_who_stands_still_neither_crashes_nor_delivers():
    found = carrier.roll_out(Along((START, 0.0)), 6, 2)
    assert not found.crash.any() and not found.delivered.any()
    assert found.way.shape == (2, 81, 2)


@pytest.mark.parametrize("head", CARRYING)
def test_each_head_learns_from_the_picture(head):
    """Four pictures that have nothing in common, the hand always at the same place: it plans what was shown with each."""
    shown = carrier.demonstrations(4, Table(scatter=0.0), seed=1)
    torch.manual_seed(0)
    first = Demonstrations(torch.randint(256, (4, 3, 40, 40), dtype=torch.uint8), *(of[::STEPS] for of in shown[1:]))
    assert (first.hand - first.hand[0]).norm(dim=-1).max() < 1e-3
    assert {*first.chunk[:, 9, 1].sign().tolist()} == {-1, 1}  # both sides are shown
    policy = carrier.train(head, first, share=300 / CARRYING[head].steps)
    plan = torch.stack([policy.plan(first.picture, first.hand) for _ in range(9)]).median(0).values
    assert plan.shape == (4, CHUNK, 2)
    apart = (plan.unsqueeze(1) - first.chunk).norm(dim=-1).median(-1).values  # planned for i, shown with j
    assert apart.argmin(1).tolist() == [0, 1, 2, 3]
    assert apart.diagonal().max() < 0.06


def test_training_repeats_with_its_seed_and_leaves_the_callers_state():
    shown = carrier.demonstrations(2, seed=3)
    state = torch.get_rng_state()
    first, again = (carrier.train("flow", shown, share=0.005) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    for one, other in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_trunk_sees_the_hand():
    policy = Carrier(CARRYING["mse"], torch.full((CHUNK, 2), 0.2))
    picture = torch.zeros(2, 3, 40, 40, dtype=torch.uint8)
    plan = policy.plan(picture, torch.tensor([[0.3, 0.0], [0.6, 0.1]]))
    moved = plan - torch.tensor([[0.3, 0.0], [0.6, 0.1]]).unsqueeze(1)
    assert not torch.allclose(moved[0], moved[1])


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: carrier.roll_out(Along(*ROUND), 13), "a chunk has 12"),
        (lambda: carrier.roll_out(Along(*ROUND), 0), "executed"),
        (lambda: carrier.roll_out(Along(*ROUND), 3, 0), "episodes"),
        (lambda: carrier.demonstrations(0), "n = 0"),
        (
            lambda: carrier.train("mse", Demonstrations(*(of[:0] for of in carrier.demonstrations(2, seed=3)))),
            "no|empty",
        ),
        (lambda: carrier.train("gaussian", carrier.demonstrations(2, seed=3)), "gaussian"),
    ],
)
def test_what_cannot_be_is_refused(work, message):
    with pytest.raises(ValueError, match=message):
        work()


def test_an_arm_that_breaks_is_reported():
    broken = lambda env: env.data.qvel.__setitem__(slice(None), 1e12)
    found = carrier.roll_out(Along(*ROUND), 3, 1, watch=lambda env: broken(env) if env.time == 4 else None)
    assert found.diverged.all() and not found.delivered.any()

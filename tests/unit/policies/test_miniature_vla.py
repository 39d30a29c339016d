"""The miniature OpenVLA: causal, unmasked, averaged over three tokens; it obeys, splits, and fails as the text says."""

import pytest
import torch
from torch.nn import functional as F

from helpers import heads
from helpers.policies import miniature_vla
from helpers.robot.cup_and_tray import CupAndTray, crashes, success_rate


@pytest.fixture(scope="module")
def model():
    return miniature_vla.train(CupAndTray())


def test_no_token_sees_a_later_one():
    torch.manual_seed(0)
    model = miniature_vla.MiniatureVLA().eval()
    tokens = torch.randint(miniature_vla.VOCABULARY, (4, 3))
    changed = tokens.clone()
    changed[:, 2] = (changed[:, 2] + 7) % miniature_vla.VOCABULARY
    assert torch.allclose(model(tokens)[:, :2], model(changed)[:, :2], atol=1e-6)
    assert not torch.allclose(model(tokens)[:, 2], model(changed)[:, 2], atol=1e-3)
    earlier = tokens.clone()
    earlier[:, 1] = (earlier[:, 1] + 7) % miniature_vla.VOCABULARY
    assert not torch.allclose(model(tokens)[:, 2], model(earlier)[:, 2], atol=1e-3)


def test_a_word_said_again_stands_at_another_position():
    """Attention alone cannot tell: the mean of equal things is the thing itself."""
    torch.manual_seed(0)
    model = miniature_vla.MiniatureVLA().eval()
    logits = model(torch.full((1, 3), 5))[0]
    assert (logits[0] - logits[1]).abs().max() > 1e-3
    assert (logits[1] - logits[2]).abs().max() > 1e-3


def test_loss_is_the_mean_over_two_actions_and_an_end():
    torch.manual_seed(0)
    model = miniature_vla.MiniatureVLA().eval()
    said, action = miniature_vla.demonstrations(8, CupAndTray())
    bins = model.tokenizer.bin(action / miniature_vla.REACH) - 1
    tokens = torch.cat([said[:, None] + miniature_vla.BINS + 1, bins], -1)
    targets = torch.cat([bins, torch.full((8, 1), miniature_vla.END)], -1)
    each = -model(tokens).log_softmax(-1).gather(-1, targets.unsqueeze(-1))[..., 0]  # (8, 3)
    assert model.loss(said, action).item() == pytest.approx(each.mean().item(), rel=1e-5)


def test_demonstrations_do_as_they_are_told():
    torch.manual_seed(0)
    said, action = miniature_vla.demonstrations(6000, CupAndTray(w=0.8))
    right = (action[:, 0] > 0).float()
    shares = [right[said == i].mean().item() for i in range(3)]
    assert shares == pytest.approx([0, 1, 0.8], abs=0.04)
    assert (~crashes(action)).float().mean() > 0.99
    spread = (action.abs() - 0.6).pow(2).mean().sqrt().item()  # about the modes, from 12,000 numbers
    assert spread == pytest.approx(0.1, abs=4 * 0.1 / 24_000**0.5)


@pytest.mark.parametrize(("said", "right"), [("pass left", 0), ("pass right", 1)])
def test_it_obeys(model, said, right):
    torch.manual_seed(0)
    for decoding in heads.DECODINGS:
        action, _ = model.act(said, 2000, decoding)
        obeyed = (~crashes(action)) & ((action[:, 0] > 0) == bool(right))
        assert obeyed.float().mean() > 0.95, decoding


def test_either_splits_when_sampled_keeps_one_side_when_greedy_and_crashes_as_a_mean(model):
    torch.manual_seed(0)
    sampled, _ = model.act("either", 4000)
    assert (sampled[:, 0] > 0).float().mean().item() == pytest.approx(0.5, abs=0.1)
    assert success_rate(sampled)[0] > 0.95
    greedy, _ = model.act("either", 50, "greedy")
    assert success_rate(greedy)[0] == 1
    assert len(greedy.unique(dim=0)) == 1
    mean, _ = model.act("either", 50, "mean")
    assert crashes(mean).all()


def test_second_pmf_follows_the_first_token(model):
    torch.manual_seed(0)
    action, pmfs = model.act("either", 200)
    assert torch.allclose(pmfs.sum(-1), torch.ones(200, 2))
    upper = pmfs[:, 1, miniature_vla.BINS // 2 : miniature_vla.BINS].sum(-1)
    assert torch.equal(upper > 0.5, action[:, 0] > 0)


def test_temperature_sharpens_and_flattens(model):
    entropy = lambda t: torch.special.entr(model.act("either", 1, temperature=t)[1][0, 0]).sum().item()
    assert entropy(0.3) < entropy(1.0) < entropy(3.0)


def test_mean_decoding_averages_over_the_action_bins_alone():
    model = miniature_vla.MiniatureVLA().eval()
    with torch.no_grad():
        model.to_logits.weight.zero_()
        model.to_logits.bias.fill_(-50.0)
        model.to_logits.bias[[20, 30, miniature_vla.END]] = torch.tensor([0.0, 0.0, 3.0])
    action, _ = model.act("either", 2, "mean")
    middle = model.tokenizer.centres[25].item() * miniature_vla.REACH
    assert action.flatten().tolist() == pytest.approx([middle] * 4)


def test_a_model_is_remembered_by_task_seed_and_steps(monkeypatch):
    monkeypatch.setattr(miniature_vla, "TRAINED", {})
    seen = []
    first = miniature_vla.train(CupAndTray(), 3, 2, seen.append)
    assert miniature_vla.train(CupAndTray(), 3, 2, seen.append) is first
    assert seen == [0.5, 1.0]  # trained once
    for others in ((CupAndTray(w=0.2), 3, 2), (CupAndTray(), 4, 2), (CupAndTray(), 3, 1)):
        assert not torch.equal(miniature_vla.train(*others).to_logits.bias, first.to_logits.bias)
    miniature_vla.TRAINED.clear()
    again = miniature_vla.train(CupAndTray(), 3, 2)
    assert again is not first
    assert torch.equal(again.to_logits.bias, first.to_logits.bias)


def test_the_stages_of_a_training_lead_from_nothing_learned_to_the_model():
    task = CupAndTray()
    torch.manual_seed(0)
    examples = miniature_vla.demonstrations(2000, task)
    stages = miniature_vla.stages(task, 0)
    with torch.no_grad():
        losses = [stage.loss(*examples).item() for stage in stages]
    assert len(stages) == 11
    assert stages[-1] is miniature_vla.train(task, 0)
    assert losses[0] > 4  # about log 68, of which nothing is learned
    assert losses[-1] == min(losses) < 2
    assert len({*losses}) == 11


def test_training_and_remembering_leave_the_callers_random_state(monkeypatch):
    monkeypatch.setattr(miniature_vla, "TRAINED", {})
    torch.manual_seed(7)
    expected = torch.rand(3)
    for _ in ("trained", "remembered"):
        torch.manual_seed(7)
        miniature_vla.train(CupAndTray(), 3, 1)
        assert torch.equal(torch.rand(3), expected)


def test_a_word_that_is_no_action_is_clipped_to_an_end():
    model = miniature_vla.MiniatureVLA().eval()
    with torch.no_grad():
        model.to_logits.weight.zero_()
        model.to_logits.bias.copy_(F.one_hot(torch.tensor(miniature_vla.END), miniature_vla.VOCABULARY) * 50.0)
    action, _ = model.act("either", 3, "greedy")
    top = model.tokenizer.centres[-1].item() * miniature_vla.REACH
    assert action.flatten().tolist() == pytest.approx([top] * 6)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda model: model.act("fly", 1), "pass left"),
        (lambda model: model.act("either", 1, "beam"), "greedy"),
        (lambda model: model.act("either", 1, temperature=0), "temperature"),
        (lambda model: model.act("either", 0), "n = 0"),
        (lambda model: miniature_vla.train(CupAndTray(), 0, 0), "steps = 0"),
        (lambda model: miniature_vla.train(CupAndTray(), 0, 1.5), r"steps = 1\.5"),
        (lambda model: miniature_vla.demonstrations("10", CupAndTray()), "n = '10'"),
    ],
)
def test_refusals_say_what_was_expected(model, call, word):
    with pytest.raises(ValueError, match=word):
        call(model)

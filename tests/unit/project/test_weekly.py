"""The weekly run's issue, with a `gh` that only writes down what it is asked."""

import json
import os
import subprocess
import sys

import pytest
import yaml
from common import ROOT

GITHUB = ROOT / ".github"
RUN = "https://github.example/ada/book/actions/runs/42"
GH = f"""#!{sys.executable}
import json, os, sys
body = sys.stdin.read() if "--body-file" in sys.argv else ""
with open(os.environ["CALLS"], "a") as calls:
    print(json.dumps([sys.argv[1:], body]), file=calls)
if sys.argv[1:3] == ["issue", "list"]:
    print(os.environ["OPEN"], end="")
"""


@pytest.fixture
def weekly(tmp_path):
    """Runs the script; gives the calls of gh that change something, each with the text that it was piped."""
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(GH)
    gh.chmod(0o755)
    report, calls = tmp_path / "report.txt", tmp_path / "calls"

    def run(result: str, issue: str, text: str | None = "all is well\n") -> list[tuple[list[str], str]]:
        if text is not None:
            report.write_text(text)
        calls.write_text("")
        subprocess.run(
            [GITHUB / "weekly_report.sh", result, report],
            check=True,
            env={
                "PATH": f"{gh.parent}:{os.environ['PATH']}",
                "CALLS": str(calls),
                "OPEN": issue,
                "GITHUB_SERVER_URL": "https://github.example",
                "GITHUB_REPOSITORY": "ada/book",
                "GITHUB_RUN_ID": "42",
            },
        )
        asked, *made = [json.loads(line) for line in calls.read_text().splitlines()]
        assert asked[0][:4] == ["issue", "list", "--state", "open"]
        assert option(asked[0], "--label") == "newest-versions"
        return made

    return run


def option(arguments: list[str], name: str) -> str:
    return arguments[arguments.index(name) + 1]


def test_a_first_failure_opens_an_issue_with_the_end_of_the_report(weekly):
    [label, _], [create, body] = weekly("failed", "", "begins\n" + "works\n" * 200 + "1 failed: ✗\n")
    assert label[:3] == ["label", "create", "newest-versions"]
    assert "--force" in label  # not an error if there is one
    assert create[:2] == ["issue", "create"]
    assert option(create, "--label") == "newest-versions"
    assert option(create, "--title") == "The newest versions break the book"
    assert body.startswith(f"It failed in {RUN}.")
    assert body.endswith("    1 failed: ✗\n")
    assert "begins" not in body


def test_a_further_failure_is_a_comment(weekly):
    [[comment, body]] = weekly("failed", "7\n", "1 failed\n")
    assert comment[:3] == ["issue", "comment", "7"]
    assert RUN in body
    assert "    1 failed\n" in body


def test_a_run_that_passes_closes_the_issue_and_says_why(weekly):
    [[close, _]] = weekly("passed", "7\n")
    assert close[:3] == ["issue", "close", "7"]
    assert RUN in option(close, "--comment")


def test_a_run_that_passes_with_no_issue_open_does_nothing(weekly):
    assert weekly("passed", "") == []


def test_whatever_the_report_holds_stays_short_and_code(weekly):
    text = "50%\r100%\n```\n@ada\n\x1b[31mred\x1b[0m\n" * 1000 + ("x" * 10_000 + "\n") * 50
    [[_, body]] = weekly("failed", "7", text)
    assert len(body) < 60_000
    _, _, *lines = body.splitlines()
    assert all(line.startswith("    ") for line in lines)
    assert "    red" in lines
    assert "\r" not in body


@pytest.mark.parametrize("text", [None, ""])
def test_a_run_that_ended_without_a_report_is_reported(weekly, text):
    [[_, body]] = weekly("failed", "7", text)
    assert "There is none" in body


def test_another_result_is_an_error(weekly):
    with pytest.raises(subprocess.CalledProcessError):
        weekly("skipped", "7")


def test_only_the_weekly_job_writes_issues_and_it_fails_where_the_tests_do(tmp_path):
    workflow = yaml.safe_load((GITHUB / "workflows" / "book.yml").read_text())
    assert [name for name, job in workflow["jobs"].items() if "issues" in job.get("permissions", {})] == ["newest"]
    assert workflow["permissions"] == {"contents": "read"}
    checkout, _, tests, report = workflow["jobs"]["newest"]["steps"]
    assert checkout["with"] == {"persist-credentials": False}
    assert tests["shell"] == "bash"  # which GitHub starts as below
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_text("#!/bin/sh\necho to say; echo to warn >&2; exit 3\n")
    (tmp_path / ".ci" / "run").chmod(0o755)
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", tests["run"]]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "RUNNER_TEMP": str(tmp_path)}, capture_output=True)
    assert done.returncode == 3
    assert (tmp_path / "report.txt").read_text() == "to say\nto warn\n"
    assert "!cancelled()" in report["if"]
    assert "steps.run.outcome == 'success' && 'passed' || 'failed'" in report["run"]

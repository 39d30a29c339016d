#!/usr/bin/env bash
# weekly_report.sh passed|failed REPORT: one open issue as long as the newest versions break the book, none otherwise.
set -euo pipefail

result=$1 report=$2
title="The newest versions break the book"
label=newest-versions
run="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"

body() {  # the report's end, indented as code, short enough for an issue
  printf 'It failed in %s. The end of its report:\n\n' "$run"
  if [ -s "$report" ]; then
    tr '\r' '\n' < "$report" | tail -n 100 | cut -c 1-300 | sed -e $'s/\e\\[[0-9;]*m//g' -e 's/^/    /'
  else
    echo "(There is none: the run ended before the tests began.)"
  fi
}

issue=$(gh issue list --state open --label "$label" --limit 1 --json number --jq '.[].number')
case $result:$issue in
  passed:) ;;
  passed:*) gh issue close "$issue" --comment "It passed in $run." ;;
  failed:)
    gh label create "$label" --force --color d93f0b --description "Opened and closed by the weekly run"
    body | gh issue create --title "$title" --label "$label" --body-file -
    ;;
  failed:*) body | gh issue comment "$issue" --body-file - ;;
  *) echo "expected passed or failed, got $result" >&2; exit 2 ;;
esac

"""The settings file: what it may hold, and what is said about what it may not."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.domain.settings import DEFAULTS, Checklist, ChecklistLine, ReminderSettings, Role, TeamSettings
from bot.domain.settings_fields import SETTINGS
from bot.settings_file import file
from bot.settings_file.nodes import Unusable
from bot.settings_file.printed import printed

GUIDE = Path(__file__).parents[2] / "docs"
THEIRS = ReminderSettings(
    ladder=(-2, 0),
    hour=8,
    until=24,
    working_days=(0, 6),
    country="NO",
    days_off=(date(2026, 12, 24),),
    postmortems_for=(),
    texts_kept=540,
    roles=(Role("Liaison", "Talks to support: #no comment 'yet'"), Role("Protokoll für alle", "on")),
    call_from="calendar",
    call_link="https://meet.example.com/{ref}?a=1&b=2",
    update_critical=30,
    update_high=None,
    update_low=240,
    nudged_at=("critical", "low"),
    commander_after=None,
    people_critical=("U0ANA", "W0BEN"),
    groups_low=("S0ONCALL",),
    checklists=(
        Checklist(
            "First minutes", (ChecklistLine("Tell: support", 15), ChecklistLine("Ask #all")), ("high",)
        ),
        Checklist("Notes", (ChecklistLine("Write"),), role="Scribe", project="Payments"),
    ),
)


def parsed(text: str | bytes) -> dict[str, Any]:
    content = text.encode() if isinstance(text, str) else text
    return dict(file.parsed("/etc/muster/muster.yaml", content).values)


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(Unusable) as refused:
        parsed(text)
    return [str(each) for each in refused.value.problems]


@pytest.mark.parametrize("settings", [DEFAULTS, THEIRS])
def test_what_is_printed_is_a_file_that_sets_the_same(settings: ReminderSettings) -> None:
    text = printed(TeamSettings(settings, settings))
    assert parsed(text) == {each.name: getattr(settings, each.name) for each in SETTINGS}


def test_what_is_printed_says_where_each_setting_comes_from() -> None:
    found = file.FileSettings("muster.yaml", "1", {"texts_kept": 90})
    text = printed(file.with_file(ReminderSettings(hour=8), found))
    assert "# set by muster.yaml\n  texts_kept_days: 90\n" in text
    assert "# set in Slack\n  day_starts: 08:00\n" in text
    assert "# by default\n  roles: []\n" in text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("# nothing yet\n", {}),
        ("people:\nreminders: {}\n", {}),
        ("people: {roles: }", {"roles": ()}),
        ("people:\n  roles: 'Liaison: Talks to support'", {"roles": (Role("Liaison", "Talks to support"),)}),
        ("reminders: {public_holidays: NO}", {"country": "NO"}),
        ("reminders: {public_holidays: no}", {"country": "NO"}),
        ("reminders: {day_starts: 8, day_ends: 18:00}", {"hour": 8, "until": 18}),
        ("reminders: {reminder_days: '3, 1'}", {"ladder": (1, 3)}),
        ("reminders: {reminder_days: [3, 1, 1]}", {"ladder": (1, 3)}),
        ("reminders: {working_days: [Sunday, monday]}", {"working_days": (0, 6)}),
        ("reminders: {working_days: monday}", {"working_days": (0,)}),
        ("reminders: {days_off: [2026-12-24]}", {"days_off": (date(2026, 12, 24),)}),
        ("updates: {next_update_low: none, next_update_high: 60}", {"update_low": None, "update_high": 60}),
        ("updates: {ask_for_commander_after: never}", {"commander_after": None}),
        ("updates: {nudged_at: []}", {"nudged_at": ()}),
        ("channels: {texts_kept_days: 18 months}", {"texts_kept": 540}),
        ("channels: {texts_kept_days: 90}", {"texts_kept": 90}),
        ("channels: {call: null}", {"call_link": None}),
        ("\ufeffchannels: {call: https://meet.example.com}", {"call_link": "https://meet.example.com"}),
    ],
)
def test_a_file_sets_what_people_mean(text: str, values: dict[str, Any]) -> None:
    assert parsed(text) == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("people:\n  role: []", ["line 2, people.role: There is no such setting. Did you mean roles?"]),
        ("chanels: {}", ["chanels: There is no such setting. Did you mean channels?"]),
        (
            "channels:\n  zzz: 1",
            [
                (
                    "line 2, channels.zzz: There is no such setting here. "
                    "These exist: texts_kept_days, call_from, call."
                )
            ],
        ),
        (
            "people:\n  roles:\n    - name: Liaison\n      dooty: Talks",
            [
                "line 3, people.roles[1].duty: It is missing.",
                "line 4, people.roles[1].dooty: There is no such setting. Did you mean duty?",
            ],
        ),
        (
            "people: {roles: 5}",
            ["people.roles: It has to be a list, each entry on a line that begins"],
        ),
        ("people: []", ["people: It has to have keys of its own, each on a line below it."]),
        ("- people", ["It has to have keys of its own, each on a line below it."]),
        ("channels: {call: 5}", ["channels.call: It has to be text."]),
        (
            "channels: {texts_kept_days: true}",
            ["channels.texts_kept_days: It can't be true or false."],
        ),
        ("channels: {texts_kept_days: 7}", ["channels.texts_kept_days: Write a time from 30 days"]),
        (
            "reminders: {reminder_days: [1.5]}",
            ["reminders.reminder_days[1]: It has to be a whole number."],
        ),
        ("reminders: {days_off: [2026-12-24, 0]}", ["reminders.days_off[2]: It has to be a date such as"]),
        (
            "checklists:\n  lists:\n    - {name: A, lines: [x]}\n    - {name: B, lines: []}",
            ["line 4, checklists.lists[2]: Write what has to be done"],
        ),
        ("reminders: {days_off: [24 Dec]}", ["reminders.days_off[1]: It has to be a date such as"]),
        (
            "reminders: {public_holidays: XX}",
            ["reminders.public_holidays: I don't know the country “XX”."],
        ),
        (
            "reminders: {working_days: [funday]}",
            ["reminders.working_days: I can't use “funday” here."],
        ),
        (
            "reminders: {working_days: []}",
            ["reminders.working_days: Choose at least one working day."],
        ),
        (
            "reminders: {day_starts: 8}",
            ["reminders.day_starts: Set day_starts and day_ends together."],
        ),
        (
            "reminders: {day_starts: 9, day_ends: 9}",
            ["reminders.day_ends: The working day has to end"],
        ),
        (
            "updates: {next_update_low: 45}",
            ["updates.next_update_low: I can't use “45” here. Choose"],
        ),
        (
            "updates: {nudged_at: [dire]}",
            ["updates.nudged_at: I can't use “dire” here. Choose from"],
        ),
        (
            "checklists:\n  lists:\n    - name: First\n      line: [Ask]",
            [
                "line 3, checklists.lists[1].lines: It is missing.",
                "line 4, checklists.lists[1].line: There is no such setting. Did you mean lines?",
            ],
        ),
        ("checklists: {lists: Ask}", ["checklists.lists: It has to be a list, each entry on a line"]),
        (
            "checklists: {lists: [{name: First, lines: [Ask], severities: [dire]}]}",
            ["checklists.lists[1]: I can't use “dire” here. Choose from critical, high"],
        ),
        (
            "checklists: {lists: [{name: First, lines: [Ask]}, {name: first, lines: [Ask]}]}",
            ["checklists.lists: There are two checklists called “first”."],
        ),
        (
            "checklists: {lists: [{name: First, lines: ['" + "x\n\n" * 200 + "']}]}",
            ["checklists.lists[1]: A checklist can have up to 25 lines; this one has 200. Split it"],
        ),
        ("people: {}\npeople: {}", ["line 2, people: It is here twice. Remove one of them."]),
        ("people: {roles: [\n", ["line 2: It isn't YAML: "]),
        ("people: &a {}\nupdates: *a", ["line 2: It isn't YAML: an alias (*) can't be used here."]),
        ("people: !!python/object:os.system {}", ["A tag (!) can't be used here."]),
        ("people: !x y", ["A tag (!) can't be used here."]),
        ("? [a]\n: b", ["A key has to be a word."]),
        ("a: b\x00", ["It isn't YAML: it contains a character that isn't allowed."]),
        (b"\xff\xfe", ["It isn't text in UTF-8."]),
        ("[" * 20_000, ["It is nested too deeply."]),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(text: str | bytes, said: list[str]) -> None:
    found = problems(text)
    assert len(found) == len(said), found
    for each, beginning in zip(found, said, strict=True):
        assert each.removeprefix("line 1").lstrip(",: ").startswith(beginning)


ROLES = "people: {roles: [{name: Liaison, duty: Talks to support}]}\n"
NO_ROLES = "people: {roles: []}\n"


def lists_for(*roles: str) -> str:
    """The lists of a file, one for each role, from its second line."""
    lines = [
        f"  - name: List {number}\n    lines: [Ask]\n    role: {each}" for number, each in enumerate(roles)
    ]
    return "\n".join(["checklists:", "  lists:", *lines])


def test_a_list_can_be_for_a_role_that_is_built_in_or_the_files_own() -> None:
    found = parsed(ROLES + lists_for("scribe", "' liaison '"))
    assert [each.role for each in found["checklists"]] == ["scribe", "liaison"]


def test_a_list_for_no_role_of_a_file_that_sets_the_roles_is_named_with_the_nearest() -> None:
    assert problems(ROLES + lists_for("Scribe", "Liason", "Zzz")) == [
        "line 9, checklists.lists[2].role: There is no role “Liason”. Did you mean Liaison?",
        (
            "line 12, checklists.lists[3].role: There is no role “Zzz”. "
            "These exist: Commander, Communications, Scribe, Liaison."
        ),
    ]
    [said] = problems(NO_ROLES + lists_for("x" * 100))
    assert f"There is no role “{'x' * 59}…”. These exist" in said


def test_a_list_for_a_role_that_slack_may_have_can_be_used_if_it_has_it() -> None:
    found = file.parsed("muster.yaml", lists_for("Liaison", "Commander").encode())
    assert [(each.name, each.line, each.key) for each in found.roles] == [
        ("Liaison", 5, "checklists.lists[1].role")
    ]
    with_it = ReminderSettings(roles=(Role("LIAISON", "Talks"),))
    assert file.lacking(found, TeamSettings(with_it, with_it)) == []
    [lacks] = file.lacking(found, TeamSettings(with_it, DEFAULTS))
    assert str(lacks) == (
        "line 5, checklists.lists[1].role: There is no role “Liaison”. "
        "These exist: Commander, Communications, Scribe."
    )


def test_a_list_can_be_for_a_project_that_nobody_has_set_up() -> None:
    assert problems(f"checklists: {{lists: [{{name: First, lines: [Ask], project: {'x' * 76}}}]}}") == [
        "line 1, checklists.lists[1]: A project's name can have at most 75 characters; this one has 76."
    ]
    [found] = parsed("checklists: {lists: [{name: First, lines: [Ask], project: ' Search  v2 '}]}")[
        "checklists"
    ]
    assert found.project == "Search v2"


def test_everything_that_is_wrong_is_named_at_once() -> None:
    assert (
        len(problems("people: {role: 1}\nreminders: {public_holidays: XX}\nupdates: {nudged_at: [dire]}"))
        == 3
    )


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    endless = tmp_path / "endless.yaml"
    endless.write_bytes(b"#" * 100_000)
    for path, said in (
        (tmp_path / "none.yaml", "It can't be read (No such file or directory)."),
        (tmp_path, "It is a folder, not a file."),
        (endless, "It is longer than 64,000 bytes."),
    ):
        with pytest.raises(Unusable) as refused:
            file.load(str(path))
        assert str(refused.value) == said


def test_the_example_in_the_guide_can_be_used_and_names_every_setting() -> None:
    page = (GUIDE / "settings.md").read_text("utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    assert set(parsed(example)) == {each.name for each in SETTINGS}

"""Every refusal that Slack documents is success, has another way, is retried, or is put into words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.config import Settings
from bot.domain.outbox.effects import EFFECTS
from bot.domain.outbox.refusals import ANY, MEANINGS, Cause, Meaning, cause_of, codes_of, meaning_of
from bot.domain.outbox.retry import FailureKind
from bot.domain.outbox.rows import Stuck
from bot.domain.surface.shown import DoctorShown
from bot.effects.failures import from_slack
from bot.views.answers import failures
from bot.views.doctor import doctor
from bot.views.kit.message import Message
from bot.views.kit.remedies import FOR_RUNNERS, WORDS, words_for
from tests.support.documented_errors import ERRORS, UPLOADS
from tests.support.examples import NOW, incident

ROOT = Path(__file__).parents[2]
NEW = "a_code_of_tomorrow"
DOCUMENTED = [(method, code) for method, codes in ERRORS.items() for code in codes]
A_CODE = re.compile(r"\b[a-z]+_[a-z_]+\b")
A_SETTING = re.compile(r"\b[A-Z]+_[A-Z_]+\b")


class Answer:
    """An answer of Slack's that isn't ``ok``."""

    status_code = 200
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed

    def __init__(self, code: str) -> None:
        self.data = {"ok": False, "error": code}


def failure_with(code: str) -> FailureKind:
    return from_slack(SlackApiError("x", Answer(code)), NOW).kind  # type: ignore[no-untyped-call]


def called() -> set[str]:
    """The methods of Slack's that the bot's code names."""
    found = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_method = re.fullmatch(r"[a-z]+(\.[a-z]+)?\.[a-zA-Z_0-9]+", node.value)
                if is_method and hasattr(WebClient, node.value.replace(".", "_")):
                    found.add(node.value)
    return found


def test_the_table_has_the_errors_of_every_method_that_is_called() -> None:
    assert (called() - {"files.upload_v2"}) | set(UPLOADS) == set(ERRORS)


def test_only_methods_that_are_called_have_a_meaning() -> None:
    assert set(MEANINGS) <= set(ERRORS)


@pytest.mark.parametrize(("method", "code"), DOCUMENTED)
def test_every_documented_error_is_done_or_tried_again_or_has_another_way_or_words(
    method: str, code: str
) -> None:
    if failure_with(code) is FailureKind.FINAL and meaning_of(method, code) is Meaning.FINAL:
        assert cause_of(code) is not Cause.UNKNOWN
        assert words_for(code)


@pytest.mark.parametrize("method", [method for method, codes in MEANINGS.items() if ANY in codes])
def test_a_method_with_another_way_takes_it_after_a_code_that_nobody_knows(method: str) -> None:
    assert list(MEANINGS[method])[-1] == ANY, "whatever follows would never count"
    assert meaning_of(method, NEW) is Meaning.FALL_BACK
    for code in ERRORS[method]:
        known = MEANINGS[method].get(code, Meaning.FALL_BACK)
        assert meaning_of(method, code) is (Meaning.FINAL if code in codes_of(Cause.TOKEN) else known)


@pytest.mark.parametrize("code", sorted(codes_of(Cause.TOKEN)))
def test_a_refused_token_is_final_for_every_method(code: str) -> None:
    assert {meaning_of(method, code) for method in ERRORS} == {Meaning.FINAL}


@pytest.mark.parametrize("code", sorted(codes_of(Cause.PASSING)))
def test_what_passes_by_itself_is_tried_again(code: str) -> None:
    assert failure_with(code) in {FailureKind.PASSING, FailureKind.NOT_YET}


@pytest.mark.parametrize("cause", Cause)
def test_people_read_what_a_cause_means_and_no_code_or_setting(cause: Cause) -> None:
    words = WORDS[cause]
    assert not A_CODE.search(words) and not A_SETTING.search(words)


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("a_thing_not_found", Cause.GONE),
        ("free_teams_cannot_do_this", Cause.PLAN),
        ("restricted_action_of_a_new_kind", Cause.NOT_ALLOWED),
        ("something_too_long", Cause.TOO_LONG),
        ("too_many_of_them", Cause.FULL),
        ("KeyError", Cause.DEFECT),
        (NEW, Cause.UNKNOWN),
    ],
)
def test_a_code_that_is_not_listed_has_the_cause_that_it_looks_like(code: str, cause: Cause) -> None:
    assert cause_of(code) is cause


def shown(message: Message) -> str:
    """What the message says."""
    return str(message.arguments())


def failed(kind: str, code: str, number: int = 1) -> Stuck:
    return Stuck(number, f"row/{number}", kind, 12, 1, code, NOW)


@pytest.mark.parametrize("code", [*FOR_RUNNERS, "cant_invite", "too_long", NEW, "google_http_500"])
def test_a_report_has_words_where_the_doctor_has_the_code(code: str) -> None:
    row = failed("SetTopic", code)
    told = shown(failures(incident(), [row], []))
    assert (code if "_" in code else f"({code}") not in told
    assert words_for(code) in told
    assert f"({code}: " in shown(doctor(DoctorShown((row,), ())))


@pytest.mark.parametrize("kind", sorted(set(EFFECTS) - {"InvitePeople"}))
def test_people_who_could_not_be_brought_in_come_first(kind: str) -> None:
    rows = [failed(kind, "is_archived", 2), failed("InvitePeople", "cant_invite: U0BEN", 1)]
    lines = shown(failures(incident(), rows, [])).split("• ")
    assert "invite people to the channel" in lines[1]


def test_a_report_names_those_who_were_not_invited_by_why() -> None:
    error = "user_is_restricted: U0GUEST U0OTHER, cant_invite: U0LEFT, and 3 more"
    told = shown(failures(incident(), [failed("InvitePeople", error)], []))
    assert f"<@U0GUEST> <@U0OTHER>, because {WORDS[Cause.GUEST]}" in told
    assert f"<@U0LEFT>, because {WORDS[Cause.NOBODY]} · and 3 more" in told
    assert "user_is_restricted" not in told and "cant_invite" not in told


def test_where_the_bot_is_the_restricted_one_nobody_reads_of_guests() -> None:
    told = shown(failures(incident(), [failed("SetTopic", "user_is_restricted")], []))
    assert WORDS[Cause.NOT_ALLOWED] in told


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Ops-Alerts", "ops-alerts"),
        ("#Ops Alerts", "ops-alerts"),
        (" # incidents ", "incidents"),
        ("ops_alerts", "ops_alerts"),
        ("Störungen", "störungen"),
        ("C0GENERAL01", "C0GENERAL01"),
        ("CRITICALS", "criticals"),
        ("alerts!", "alerts"),
    ],
)
def test_the_announcements_channel_is_named_as_slack_writes_names(typed: str, name: str) -> None:
    assert settings(typed).incidents_channel == name


@pytest.mark.parametrize("typed", ["#", "!!!", "x" * 81])
def test_a_name_that_no_channel_can_have_is_a_problem_of_the_settings(typed: str) -> None:
    with pytest.raises(ValueError, match="incidents_channel"):
        settings(typed)


def settings(channel: str) -> Settings:
    return Settings.model_validate(
        {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1", "incidents_channel": channel}
    )

"""Whatever keeps an answer from being replaced, the person who clicked gets it as a new message, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message as Headers
from http.client import RemoteDisconnected
from io import BytesIO
from typing import Any, cast
from urllib.error import HTTPError, URLError
from urllib.request import Request

import pytest

from bot.codec import answer_to_json
from bot.domain.kit.people import Viewer
from bot.domain.outbox.effects import SendAnswer
from bot.domain.surface.answers import Answer, IncidentList, Sentence, Tray
from bot.domain.surface.originals import Original
from bot.domain.surface.shown import Shown
from bot.effects.forms import Forms
from bot.network import Network
from bot.operations.answers import Answers
from tests.support.databases import _migrated_postgresql, _migrated_sqlite, database
from tests.support.office import Office, office
from tests.support.records import recorded

__all__ = ["_migrated_postgresql", "_migrated_sqlite", "database", "office"]

URL = "https://hooks.slack.example/actions/T1/2/secret"
CLICKED = Original(URL, "C1", "1.5")
SHOWN = Sentence("There are 3 incidents.")
TROUBLE: dict[str, int | Exception] = {
    "used up or expired": 404,
    "rate-limited": 429,
    "down": 500,
    "no answer in time": TimeoutError(),
    "connection cut": ConnectionResetError(),
    "connection closed": RemoteDisconnected("closed"),
    "nobody there": URLError(ConnectionRefusedError()),
}


@dataclass
class FakeSlack:
    """What answers at a ``response_url``: it returns a status, or fails with an error."""

    outcome: int | Exception = 200
    asked: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    headers: Headers = field(default_factory=Headers)

    @contextmanager
    def open(self, request: Request, timeout: float) -> Iterator[FakeSlack]:
        assert timeout <= 5
        self.asked.append(json.loads(cast(bytes, request.data)))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        if self.outcome != self.status:
            raise HTTPError(request.full_url, self.outcome, "", Headers(), BytesIO(b'{"ok": false}'))
        yield self

    def read(self) -> bytes:
        return b"ok"


class BrokenAnswers(Answers):
    """Answers with a defect."""

    def load(self, answer: Answer, viewer: Viewer) -> Shown:
        raise KeyError(answer, viewer)


def replace(
    office: Office, slack: FakeSlack, answer: Answer = SHOWN, original: Original = CLICKED, by: str = "ANA"
) -> None:
    """Have the answer replaced after a click, and wait until that is done or has failed."""
    network = Network()
    network.__dict__["opener"] = slack
    forms = Forms(cast(Any, None), network, office.answers, cast(Any, None))
    forms.replace(original, answer, user_id=by, key="click/1")
    forms._pool.shutdown(wait=True)


def sent(office: Office) -> list[SendAnswer]:
    """The answers that are sent as new messages."""
    return [row.effect for row in office.claim().values() if isinstance(row.effect, SendAnswer)]


def test_an_answer_that_slack_replaces_is_not_sent_again(office: Office) -> None:
    slack = FakeSlack()
    replace(office, slack)
    [asked] = slack.asked
    assert asked["replace_original"] is True
    assert SHOWN.markdown in json.dumps(asked)
    assert sent(office) == []


@pytest.mark.parametrize("trouble", TROUBLE)
def test_an_answer_that_is_not_replaced_is_sent_to_the_same_person_in_the_same_place(
    office: Office, trouble: str
) -> None:
    replace(office, FakeSlack(TROUBLE[trouble]))
    assert sent(office) == [SendAnswer("ANA", "C1", "1.5", answer_to_json(SHOWN))]


def test_a_click_that_slack_delivers_again_is_answered_by_one_new_message(office: Office) -> None:
    slack = FakeSlack(404)
    for _ in range(3):
        replace(office, slack)
    assert len(slack.asked) == 3
    assert len(sent(office)) == 1


def test_without_a_place_or_a_url_the_answer_is_a_direct_message(office: Office) -> None:
    slack = FakeSlack()
    replace(office, slack, original=Original("", ""))
    assert slack.asked == []
    assert [each.channel_id for each in sent(office)] == [""]


def test_an_answer_that_broke_is_sent_too_so_that_its_failure_is_reported(office: Office) -> None:
    office.answers = BrokenAnswers(office.database, office.clock, ())
    replace(office, FakeSlack(), IncidentList())
    assert [each.answer for each in sent(office)] == [answer_to_json(IncidentList())]


def test_the_new_message_of_a_private_incident_shows_what_its_reader_may_see_by_then(
    office: Office,
) -> None:
    incident = office.declare("Acme leaks", is_private=True)
    office.perform_all()
    slack = FakeSlack(404)
    replace(office, slack, Tray(incident.id), by="BEN")
    assert "Acme leaks" not in json.dumps(slack.asked)
    # It names the incident; whoever performs it loads the rest for its reader.
    assert sent(office) == [SendAnswer("BEN", "C1", "1.5", answer_to_json(Tray(incident.id)))]


def test_the_log_says_why_and_never_where(office: Office) -> None:
    with recorded() as records:
        replace(office, FakeSlack(404))
        replace(office, FakeSlack(TimeoutError()))
    codes = [each["code"] for each in records if each["event"] == "answer not replaced"]
    assert codes == ["http_404", "TimeoutError"]
    assert "secret" not in str(records)

"""The postmortem's document: a canvas, or a file after any refusal of one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from bot.domain.action_items.model import ActionItem
from bot.domain.outbox.effects import PublishPostmortem
from bot.domain.outbox.refusals import Cause, codes_of
from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.outbox.rows import Claimed
from bot.domain.postmortems.documents import Document
from bot.effects.failures import CallFailed
from bot.effects.postmortems import PostmortemPerformers
from bot.views.postmortems.exports import CANVAS_BYTES
from tests.support.documented_errors import ERRORS
from tests.support.examples import NOW, document, item, postmortem

CREATE, EDIT, NEW = "conversations.canvases.create", "canvases.edit", "a_code_of_tomorrow"
PASSING = codes_of(Cause.PASSING) | codes_of(Cause.TOKEN)
REFUSED = [
    (method, code) for method in (CREATE, EDIT) for code in (*ERRORS[method], NEW) if code not in PASSING
]


@dataclass
class Office:
    """Slack, which refuses some calls, and what the bot has noted."""

    shown: Document
    refused: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)

    def document(self, _incident_id: int, *, viewer: object) -> Document:
        return self.shown

    def note_canvas(self, _postmortem_id: int, canvas: str) -> None:
        self.noted.append(f"canvas {canvas}")

    def note_file(self, _postmortem_id: int, file: str) -> None:
        self.noted.append(f"file {file}")

    def show_again(self, _incident_id: int) -> None:
        self.noted.append("shown")

    def call(self, method: str, **asked: Any) -> dict[str, Any]:
        self.calls.append((method, asked))
        if code := self.refused.get(method):
            raise CallFailed(Failure(FailureKind.FINAL, code), method)
        file = {"id": "F1", "name": "INC-12-postmortem.md", "permalink": "https://acme.slack.com/files/F1"}
        answers: dict[str, dict[str, Any]] = {
            CREATE: {"canvas_id": "F0CANVAS"},
            "files.upload_v2": {"files": [file]},
            "files.list": {"files": [file, {**file, "id": "F0OLD"}]},
            "auth.test": {"user_id": "UBOT"},
        }
        return answers.get(method, {})

    def publish(self) -> None:
        """Write the document."""
        us = cast("Any", self)
        performers = PostmortemPerformers(us, us, us, us, us, lambda: "C0ANNOUNCE")
        row = Claimed(1, "key", PublishPostmortem(12), 1, look_first=False, created_at=NOW, owner="me")
        performers.publish(PublishPostmortem(12), row)

    def of(self, method: str) -> list[dict[str, Any]]:
        """The calls of a method."""
        return [asked for called, asked in self.calls if called == method]


def office(items: tuple[ActionItem, ...] = (), **values: Any) -> Office:
    owned = tuple((each, "ben") for each in items)
    return Office(replace(document(postmortem(**values)), items=owned))


@pytest.mark.parametrize(("method", "code"), REFUSED)
def test_after_any_refusal_of_the_canvas_a_file_has_the_document(method: str, code: str) -> None:
    found = office(canvas_id="F0CANVAS" if method == EDIT else None, file_id=None)
    found.refused = {method: code}
    found.publish()
    assert len(found.of("files.upload_v2")) == 1
    assert found.noted == ["file F1", "shown"]


@pytest.mark.parametrize("code", [*ERRORS["files.delete"], NEW])
def test_an_earlier_file_that_cannot_be_deleted_stays(code: str) -> None:
    if code in PASSING:
        return
    found = office(canvas_id=None, file_id="F0OLD")
    found.refused = {"files.delete": code}
    found.publish()
    assert found.noted == ["file F1"]


def test_a_refused_token_does_not_turn_a_canvas_into_a_file() -> None:
    found = office(canvas_id="F0CANVAS", file_id=None)
    found.refused = {EDIT: "token_revoked"}
    with pytest.raises(CallFailed, match="token_revoked"):
        found.publish()
    assert found.noted == []


def test_a_canvas_of_more_than_a_mebibyte_is_cut_and_links_to_the_whole_in_a_file() -> None:
    long = item(title="é" * 500)
    found = office(tuple(replace(long, id=number) for number in range(1200)), canvas_id=None, file_id=None)
    found.publish()
    [made], [file] = found.of(CREATE), found.of("files.upload_v2")
    text = made["document_content"]["markdown"]
    assert CANVAS_BYTES - 5000 < len(text.encode()) <= CANVAS_BYTES
    assert text.endswith("The rest is in [the whole document](https://acme.slack.com/files/F1)\n")
    assert len(file["content"].encode()) > CANVAS_BYTES
    assert found.noted == ["canvas F0CANVAS"]
    assert found.of("files.delete") == [{"file": "F0OLD"}]


def test_a_document_that_fits_makes_no_file() -> None:
    found = office(canvas_id=None, file_id=None)
    found.publish()
    assert not found.of("files.upload_v2") and found.noted == ["canvas F0CANVAS"]

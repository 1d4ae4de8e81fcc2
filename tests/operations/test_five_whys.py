"""Five whys on a database: replies, edits and deletions in any order and number, clicks, restarts."""

from __future__ import annotations

import contextlib
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from bot.domain.five_whys.model import AnalysisStatus, FiveWhysAnalysis
from bot.domain.five_whys.tree import shown
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, PostedMessage
from bot.domain.kit.errors import (
    AlreadyAsked,
    AnalysisOver,
    MovedOn,
    NobodyKnown,
    NotAllowed,
    NothingToUndo,
    NotInTree,
    NoWhysHere,
    ProblemMissing,
    ProblemTooLong,
    RootCauseMissing,
    UnknownAnalysis,
)
from bot.domain.kit.people import SYSTEM
from bot.operations.five_whys.manage import FiveWhysFacilitator
from bot.operations.five_whys.reads import WhysReads
from bot.views.five_whys.messages import root_message
from tests.support.examples import NAMES
from tests.support.office import MEMBERS, NOBODIES, Office, keys
from tests.support.rows import states

ROOT = "1000.000000"


@dataclass
class Room:
    """An incident's channel with a session in it, and what people write there."""

    office: Office
    incident: Incident
    id: int = 0
    time: int = 1000
    said: dict[str, PostedMessage] = field(default_factory=dict)

    @property
    def whys(self) -> FiveWhysFacilitator:
        return self.office.whys

    @property
    def now(self) -> FiveWhysAnalysis:
        """The session as it is stored."""
        return self.whys.get_analysis(self.id, viewer=SYSTEM)

    def ts(self) -> str:
        """The ts of the next message."""
        self.time += 1
        return f"{self.time}.000000"

    def asks(self) -> None:
        """Note that the bot's latest question is in the thread."""
        self.whys.stands(self.id, max(self.now.whys, default=0), f"C{self.incident.id}", self.ts())

    def says(self, text: str, by: str | None = "ANA", **more: object) -> PostedMessage:
        """Have somebody reply; the message."""
        values = {"thread_ts": ROOT, **more}
        message = PostedMessage(f"C{self.incident.id}", self.ts(), by, None, text, **values)  # type: ignore[arg-type]
        self.office.recorder.record_message(message)
        self.said[message.ts] = message
        return message

    def answer(self, text: str, by: str = "ANA") -> int:
        """Have somebody answer the latest question; the answer's number."""
        self.asks()
        self.says(text, by)
        return max(self.now.whys)

    def edits(self, message: PostedMessage, text: str) -> None:
        """Have somebody edit the message."""
        edited = PostedMessage(
            message.channel_id, message.ts, message.user_id, None, text, (), ROOT, self.ts()
        )
        self.office.recorder.edit_message(edited)

    def deletes(self, message: PostedMessage) -> None:
        """Have somebody delete the message."""
        gone = PostedMessage(message.channel_id, message.ts, message.user_id, None, "")
        self.office.recorder.delete_message(gone)

    def tree(self) -> list[tuple[str, int]]:
        """The answers of the tree, with their depths."""
        return [(why.answer if why.is_taken else "-", depth) for why, depth in shown(self.now)]


@pytest.fixture
def room(office: Office) -> Room:
    incident = office.declare()
    office.perform_all()
    made = Room(office, incident)
    made.id = office.whys.conduct_five_whys(incident.id, "ANA", by="ANA", key=next(keys)).id
    office.whys.stands(made.id, None, f"C{incident.id}", ROOT)
    return made


def test_the_specifications_linear_case(office: Office) -> None:
    incident = office.declare()
    whys = office.whys
    analysis = whys.conduct_five_whys(incident.id, "BEN", by="ANA", key=next(keys))
    assert (analysis.problem, analysis.facilitator_id) == (incident.title, "BEN")
    for text in ("The pool ran out", "No limit was set"):
        whys.add_why(analysis.id, text, "ANA", key=next(keys))
    done = whys.identify_root_cause(analysis.id, "Nobody owns the template", by="BEN", key=next(keys))
    assert done.status is AnalysisStatus.COMPLETED
    assert done.root_causes(NAMES) == ("Nobody owns the template",)
    assert [(w.question, w.answered_by, d) for w, d in shown(done)] == [
        ("Database is slow. Why did that happen?", "ANA", 1),
        ("The pool ran out. Why did that happen?", "ANA", 2),
        ("No limit was set. Why did that happen?", "BEN", 3),
    ]
    assert office.facts(incident, EntryKind.ROOT_CAUSE) == [
        ("BEN", None, "Nobody owns the template", analysis.ref)
    ]


def test_a_retracted_root_cause_is_retracted_in_the_timeline(room: Room) -> None:
    number = room.answer("The pool ran out")
    room.whys.name_root_cause(room.id, number, by="ANA", key=next(keys))
    room.whys.complete(room.id, by="ANA", key=next(keys))
    room.whys.resume(room.id, by="ANA", key=next(keys))
    room.whys.take_back(room.id, number, by="ANA", key=next(keys))
    room.whys.complete(room.id, by="ANA", key=next(keys))
    assert [(f[1], f[2]) for f in room.office.facts(room.incident, EntryKind.ROOT_CAUSE)] == [
        (None, "The pool ran out"),
        ("The pool ran out", None),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_in_any_order_each_message_exists_once_and_is_shown_as_stored(room: Room, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    for number in range(60):
        with contextlib.suppress(NotInTree, MovedOn, NothingToUndo, AnalysisOver):
            _something_happens(room, chance, number)
        if not room.now.is_active:
            room.whys.resume(room.id, by="ANA", key=next(keys))
    tree = room.now
    stamps = [why.ts for why, _ in shown(tree) if why.is_taken]
    assert len(stamps) == len(set(stamps)) > 0
    assert {why.id for why in tree.whys.values() if why.is_taken} <= {why.id for why, _ in shown(tree)}
    text = str(root_message(tree, "", NAMES).blocks)
    for why, depth in list(shown(tree))[:40]:
        told = f"{depth}. " + ("_retracted_" if not why.is_taken else "🎯 " * why.is_root_cause + why.answer)
        assert told in text


def _something_happens(room: Room, chance: random.Random, number: int) -> None:
    said, which = list(room.said.values()), chance.choice([0, *room.now.whys])
    by, key = chance.choice(MEMBERS), next(keys)
    match chance.randrange(11):
        case 0 | 1 | 2:
            room.asks()
            room.says(f"because {number}.", by)
        case 3:
            room.says(f"because {number}.", by)
        case 4:
            room.asks()
        case 5 if said:
            # A redelivery.
            room.office.recorder.record_message(chance.choice(said))
        case 6 if said:
            room.edits(chance.choice(said), chance.choice([f"edited {number}.", "// no"]))
        case 7 if said:
            room.deletes(chance.choice(said))
        case 8 if which:
            room.whys.take_back(room.id, which, by=by, key=key)
        case 9 if which:
            act = chance.choice([room.whys.branch, room.whys.go_on_at, room.whys.name_root_cause])
            act(room.id, which, by=by, key=key)
        case 10:
            room.whys.undo(room.id, max(room.now.whys, default=0), by=by, key=key)
        case _:
            room.says("// let me think", by)


def test_an_edit_or_a_deletion_before_its_message_counts(room: Room) -> None:
    room.asks()
    for text, ts in (("first", "2001.000000"), ("second", "2002.000000")):
        message = PostedMessage(f"C{room.incident.id}", ts, "ANA", None, text, thread_ts=ROOT)
        if text == "first":
            room.deletes(message)
        else:
            room.edits(message, "edited")
        room.office.recorder.record_message(message)
    assert room.tree() == [("edited", 1)]


def test_replies_before_the_sessions_message_is_known_count(office: Office) -> None:
    incident = office.declare()
    office.perform_all()
    made = Room(office, incident)
    made.id = office.whys.conduct_five_whys(incident.id, "ANA", by="ANA", key=next(keys)).id
    made.says("The pool ran out")
    assert made.tree() == []
    for _ in range(2):
        office.whys.stands(made.id, None, f"C{incident.id}", ROOT)
    assert made.tree() == [("The pool ran out", 1)]


def test_a_reply_to_a_question_that_is_noted_later_continues_the_line(
    room: Room,
) -> None:
    room.answer("The pool ran out")
    asked_at = room.ts()
    room.says("Traffic doubled")
    assert room.tree() == [("The pool ran out", 1), ("Traffic doubled", 1)]
    room.whys.stands(room.id, min(room.now.whys), f"C{room.incident.id}", asked_at)
    assert room.tree() == [("The pool ran out", 1), ("Traffic doubled", 2)]


def test_ten_whys_are_the_limit(room: Room) -> None:
    for number in range(12):
        room.answer(f"because {number}")
    assert room.tree()[-1] == ("because 9", 10)
    assert len(room.tree()) == 10
    assert sum("deep/" in key for key in states(room.office.database)) == 1


def test_evidence_comes_and_goes_with_its_message(room: Room) -> None:
    number = room.answer("See <https://graphs.example/1|the graph>")
    picture = room.says("", files=({"name": "pool.png", "permalink": "https://files.example/1"},))
    assert [e["name"] for e in room.now.whys[number].evidence] == ["https://graphs.example/1", "pool.png"]
    room.deletes(picture)
    assert [e["name"] for e in room.now.whys[number].evidence] == ["https://graphs.example/1"]


def test_a_quiet_session_is_nudged_once_until_it_is_resumed(room: Room) -> None:
    def nudges() -> int:
        room.whys.plan_nudges()
        return sum("/nudge/" in key for key in states(room.office.database))

    room.office.clock.move(minutes=29)
    assert nudges() == 0
    room.answer("The pool ran out")
    room.office.clock.move(minutes=29)
    assert nudges() == 0
    room.office.clock.move(minutes=1)
    assert nudges() == 1
    room.answer("Traffic doubled")
    room.office.clock.move(hours=5)
    assert nudges() == 1
    room.whys.abandon(room.id, by="ANA", key=next(keys))
    room.whys.resume(room.id, by="ANA", key=next(keys))
    room.office.clock.move(minutes=31)
    assert nudges() == 2
    assert WhysReads(room.office.database, room.office.clock).session(room.id).former is None


def test_a_root_cause_leaves_the_session_open_for_another_one(room: Room) -> None:
    room.answer("The pool ran out")
    first = room.answer("Nobody set a limit")
    room.whys.name_root_cause(room.id, first, by="BEN", key=next(keys))
    assert room.now.is_active
    second = room.answer("Nobody watched it")
    assert room.tree() == [("The pool ran out", 1), ("Nobody set a limit", 2), ("Nobody watched it", 2)]
    room.whys.name_root_cause(room.id, second, by="BEN", key=next(keys))
    done = room.whys.complete(room.id, by="ANA", key=next(keys))
    assert done.root_causes(NAMES) == ("Nobody set a limit", "Nobody watched it")


def test_a_named_root_cause_can_be_asked_about_and_undone(room: Room) -> None:
    number = room.answer("The pool ran out")
    room.whys.name_root_cause(room.id, number, by="BEN", key=next(keys))
    asked_about = [room.now.current_id]
    room.whys.go_on_at(room.id, number, by="BEN", key=next(keys))
    asked_about.append(room.now.current_id)
    for _ in range(2):
        room.whys.undo(room.id, number, by="BEN", key=next(keys))
    assert [*asked_about, room.now.current_id] == [None, number, number]
    assert room.now.root_causes(NAMES) == ()


def test_with_nothing_left_to_ask_a_quiet_session_ends_with_its_findings(room: Room) -> None:
    number = room.answer("The pool ran out")
    room.office.clock.move(minutes=31)
    room.whys.plan_nudges()
    room.whys.name_root_cause(room.id, number, by="BEN", key=next(keys))
    room.office.clock.move(minutes=29)
    room.whys.plan_nudges()
    assert room.now.is_active
    room.office.clock.move(minutes=1)
    for _ in range(2):
        room.whys.plan_nudges()
    assert room.now.status is AnalysisStatus.COMPLETED
    assert room.office.facts(room.incident, EntryKind.ROOT_CAUSE) == [
        ("ANA", None, "The pool ran out", room.now.ref)
    ]
    assert sum("/nudge/" in key for key in states(room.office.database)) == 1


@pytest.mark.parametrize("end", ["complete", "abandon"])
def test_whoever_answers_in_the_thread_of_an_ended_session_is_told_once(room: Room, end: str) -> None:
    getattr(room.whys, end)(room.id, by="ANA", key=next(keys))
    for text, by in (("Traffic doubled", "BEN"), ("Really", "BEN"), ("// hm", "CHEN"), ("I know", "GUEST")):
        room.says(text, by)
    hints = [key for key in states(room.office.database) if "whys/over/" in key]
    assert [key.rpartition("/")[2] for key in hints] == ["BEN"]
    assert room.tree() == []


def test_a_second_delivery_changes_nothing(room: Room) -> None:
    number = room.answer("The pool ran out")
    room.answer("Traffic doubled")
    for _ in range(2):
        room.whys.undo(room.id, max(room.now.whys), by="ANA", key="click/1")
    assert room.tree() == [("The pool ran out", 1)]
    for _ in range(2):
        room.whys.take_back(room.id, number, by="ANA", key="click/2")
    assert room.tree() == []


def test_people_who_may_not_act_or_see_it_are_refused_everywhere(office: Office, room: Room) -> None:
    secret = office.declare("Secret", by="BEN", is_private=True)
    hidden = office.whys.conduct_five_whys(secret.id, "BEN", by="BEN", key=next(keys))
    whys, number = office.whys, room.answer("The pool ran out")
    for nobody in NOBODIES:
        with pytest.raises(NotAllowed):
            whys.name_root_cause(room.id, number, by=nobody, key=next(keys))
        with pytest.raises(NobodyKnown):
            whys.hand_over(room.id, nobody, by="ANA", key=next(keys))
        room.says("I know", nobody)
    assert len(room.tree()) == 1
    answers = []
    for missing in (hidden.id, 99):
        with pytest.raises(UnknownAnalysis) as refused:
            whys.complete(missing, by="ANA", key=next(keys))
        answers.append(str(refused.value.values).replace(str(missing), "?"))
    assert answers[0] == answers[1]


def test_invalid_input_changes_nothing(office: Office, room: Room) -> None:
    whys, incident = office.whys, room.incident.id
    for problem, error in ((" \u200b", ProblemMissing), ("x" * 301, ProblemTooLong)):
        with pytest.raises(error):
            whys.conduct_five_whys(incident, "ANA", problem, by="ANA", key=next(keys))
    with pytest.raises(AlreadyAsked):
        whys.conduct_five_whys(incident, "BEN", "DATABASE is  slow", by="BEN", key=next(keys))
    with pytest.raises(RootCauseMissing):
        whys.identify_root_cause(room.id, " ", by="ANA", key=next(keys))
    with pytest.raises(NotInTree):
        whys.branch(room.id, 99, by="ANA", key=next(keys))
    with pytest.raises(NothingToUndo):
        whys.undo(room.id, 0, by="ANA", key=next(keys))
    number = room.answer("The pool ran out")
    with pytest.raises(MovedOn):
        whys.undo(room.id, 0, by="ANA", key=next(keys))
    elsewhere = PostedMessage("C9", "1.0", "ANA", None, "x", thread_ts="0.5")
    with pytest.raises(NoWhysHere):
        whys.name_message(elsewhere, by="ANA", key=next(keys))
    whys.complete(room.id, by="ANA", key=next(keys))
    with pytest.raises(AnalysisOver):
        whys.branch(room.id, number, by="ANA", key=next(keys))
    assert room.tree() == [("The pool ran out", 1)]


def test_if_two_people_start_the_same_session_at_once_one_succeeds(office: Office) -> None:
    incident = office.declare()
    together = threading.Barrier(2)

    def start(by: str) -> str:
        together.wait(5)
        try:
            return office.whys.conduct_five_whys(incident.id, by, by=by, key=next(keys)).ref
        except AlreadyAsked as error:
            return f"see {error.values['ref']}"

    with ThreadPoolExecutor(2) as pool:
        first, second = sorted(pool.map(start, ("ANA", "BEN")))
    assert second == f"see {first}"

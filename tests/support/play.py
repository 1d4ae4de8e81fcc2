"""People who do random things with a bot on a bad day: a state machine for hypothesis.

To add something that people can do: a line in :mod:`tests.support.lines`, or a rule of a few lines. Buttons
and forms need neither: every button that somebody sees is clicked sooner or later, and every form filled in.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from time import monotonic
from typing import Any, cast

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from sandbox.control import channels, messages
from sandbox.interactions.targets import on_view
from sandbox.workspace.model import Json
from storage.database import Database
from tests.support.agreement import Agreement
from tests.support.crowd import ACTIVE, Crowd, usable, values_for
from tests.support.databases import emptied
from tests.support.lines import CHANGES, LINES
from tests.support.records import recorded
from tests.support.set_up import PROJECT, set_up
from tests.support.stage import Stage
from tests.support.wire import Fault

PEOPLE = (*ACTIVE, "emi", "gus")
UPDATES = ("write", "write", "correct_update", "no_change_update", "snooze_update", "unsubscribe_incident")
EFFECTS = ("cut", "late cut", "500", "late 500", "429", "kill", "late kill")
QUIET = frozenset({"info", "debug"})
EXPECTED = frozenset({("effect failed", None), ("effect given up", None)})
"""(event, error) of records that faults provoke; any other that isn't quiet is a defect."""

STEPS, TOGETHER = 40, 6
"""Steps in one workspace, and workspaces with one seed."""

people = st.sampled_from(PEOPLE)
which = st.integers(0, 99)
"""Which one of those there are at that moment: the number is taken modulo their count."""
texts = st.sampled_from(["", "As far as we know", "<!channel> & *more*"])


def acts(**drawn: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """Make a method a rule, which does nothing once the time is over."""

    def made(act: Callable[..., None]) -> Any:
        @wraps(act)
        def acted(play: Play, *given: Any, **values: Any) -> None:
            if not play.rests:
                act(play, *given, **values)

        return cast(Any, rule)(**drawn)(acted)

    return made


class Play(RuleBasedStateMachine):
    """One workspace from its first minute on."""

    def __init__(self, database: Database, played: Played) -> None:
        super().__init__()
        self._played, self.rests = played, played.is_over
        if self.rests:
            return
        self._recording = recorded()
        self.log = self._recording.__enter__()
        emptied(database)
        self.stage = Stage(database.engine.url.render_as_string(hide_password=False))
        self.agreement = Agreement(self.stage)
        self.crowd = Crowd(self.stage, self.agreement.note)
        self.declared = 0
        self.stage.drain()

    def teardown(self) -> None:
        """Let everything finish and check it, then end the bot and its log."""
        if self.rests:
            return
        broke = sys.exc_info()[1]
        # Hypothesis has errors of its own, with which it ends an example early.
        self._played.has_failed |= broke is not None and not type(broke).__module__.startswith("hypothesis")
        try:
            if broke is None:
                self.settles()
        except Exception:
            self._played.has_failed = True
            raise
        finally:
            self._played.note(self.stage)
            self.stage.close()
            self._recording.__exit__(None, None, None)

    # what people do

    @initialize(is_set_up=st.booleans())
    def begins(self, is_set_up: bool) -> None:
        """An incident with three people in it; in some workspaces, admins have set up all that they can."""
        if self.rests:
            return
        if is_set_up:
            set_up(self.stage)
        self.declares("ana", "high", private=False)
        self.stage.work()
        for person in ("ben", "chen"):
            self.joins(person, 0, None)

    @acts(
        person=st.sampled_from(ACTIVE),
        severity=st.sampled_from(["critical", "high", "medium", "low"]),
        private=st.booleans(),
        project=st.sampled_from([None, None, PROJECT]),
    )
    def declares(self, person: str, severity: str, private: bool, project: str | None = None) -> None:
        if self.declared >= 4:
            return
        self.declared += 1
        self.crowd.types(person, "declare", None)
        title = f"It is slow word{self.declared}"
        values: Json = {"title": title, "severity": severity}
        values |= {"private": ["private"]} if private else {}
        self.crowd.submits(person, values | ({"project": project} if project else {}))

    @acts(person=people, line=st.sampled_from(LINES), incident=which)
    def types_a_command(self, person: str, line: str, incident: int) -> None:
        self.crowd.types(person, line, self.crowd.incident(incident))

    @acts(person=st.sampled_from(ACTIVE), line=st.sampled_from(CHANGES), incident=which)
    def changes_the_incident(self, person: str, line: str, incident: int) -> None:
        self.crowd.types(person, line, self.crowd.incident(incident))

    @acts(person=people, incident=which)
    def waits_for_news(self, person: str, incident: int) -> None:
        """Subscribe in the announcements channel."""
        self.crowd.does(channels.join, channel="incidents", user=person)
        self.crowd.clicks_any(person, "subscribe_incident", incident)

    @acts(person=st.sampled_from(ACTIVE), incident=which, step=st.sampled_from(UPDATES), number=which)
    def writes_an_update(self, person: str, incident: int, step: str, number: int) -> None:
        """Write one, or press a button of an earlier one."""
        where = self.crowd.incident(incident)
        if step == "write":
            self.crowd.types(person, f"update We know {number} things {{word}}", where)
        else:
            self.crowd.clicks_any(person, step, number)
            self.fills_in_the_form(person, number, "I know better")

    @acts(person=which, line=st.sampled_from(LINES), incident=which)
    def mentions_the_bot(self, person: int, line: str, incident: int) -> None:
        if where := self.crowd.incident(incident):
            text = f"@Muster {self.crowd.filled(line, where)}"
            self.crowd.does(messages.post, channel=where.id, user=self.crowd.member(where, person), text=text)

    @acts(person=people, button=which, choice=which)
    def clicks(self, person: str, button: int, choice: int) -> None:
        self.crowd.clicks_one_of(person, list(self.crowd.buttons(person)), button, choice)

    @acts(person=which, incident=which, button=which, choice=which, text=texts)
    def clicks_in_the_channel(self, person: int, incident: int, button: int, choice: int, text: str) -> None:
        if where := self.crowd.incident(incident):
            who = self.stage.store.person(self.crowd.member(where, person)).name
            seen = [each for each in self.crowd.buttons(who) if each[0] is where or each[0].is_im]
            self.crowd.clicks_one_of(who, seen, button, choice)
            self.fills_in_the_form(who, choice, text)

    @acts(person=people, button=which, choice=which)
    def clicks_at_home(self, person: str, button: int, choice: int) -> None:
        self.stage.store.open_home(person)
        self.stage.deliver_events()
        self.stage.work(5)
        home = self.stage.store.workspace.homes.get(self.crowd.id_of(person))
        if home and (buttons := list(usable(home.payload["blocks"]))):
            element = buttons[button % len(buttons)]
            self.crowd.uses(lambda: on_view(self.crowd.here, user=person, view="home"), element, choice)

    @acts(person=people, choice=which, text=texts)
    def fills_in_the_form(self, person: str, choice: int, text: str) -> None:
        if stack := self.stage.store.workspace.modals.get(self.crowd.id_of(person)):
            self.crowd.submits(person, dict(values_for(stack[-1], choice, text)))

    @acts(person=which, incident=which, reply=st.booleans(), at=which)
    def says(self, person: int, incident: int, reply: bool, at: int) -> None:
        where = self.crowd.incident(incident)
        if not where:
            return
        found = list(where.messages.values())
        parent = found[at % len(found)] if reply else None
        thread = (parent.thread_ts or parent.ts) if parent and not parent.ephemeral_to else None
        text = f"I see {self.crowd.words.get(where.id, '')} {at}"
        user = self.crowd.member(where, person)
        self.crowd.does(messages.post, channel=where.id, user=user, text=text, thread_ts=thread)

    @acts(incident=which, at=which, text=st.sampled_from(["I meant something else", None]))
    def changes_their_mind(self, incident: int, at: int, text: str | None) -> None:
        if found := self.crowd.written(incident):
            channel, message = found[at % len(found)]
            at_it = {"channel": channel.id, "ts": message.ts, "user": str(message.user)}
            if text:
                self.crowd.does(messages.edit, **at_it, text=text)
            else:
                self.crowd.does(messages.delete, **at_it)

    @acts(
        person=which,
        incident=which,
        at=which,
        name=st.sampled_from(["pushpin", "ballot_box_with_check", "eyes"]),
        present=st.booleans(),
    )
    def reacts(self, person: int, incident: int, at: int, name: str, present: bool) -> None:
        if found := self.crowd.written(incident):
            channel, message = found[at % len(found)]
            at_it = {"channel": channel.id, "ts": message.ts, "user": self.crowd.member(channel, person)}
            self.crowd.does(messages.react, **at_it, name=name, present=present)

    @acts(person=people, incident=which, by=st.sampled_from([None, *ACTIVE]))
    def joins(self, person: str, incident: int, by: str | None) -> None:
        if where := self.crowd.incident(incident):
            self.crowd.does(channels.join, channel=where.id, user=person, inviter=by)

    @acts(person=people, incident=which)
    def leaves(self, person: str, incident: int) -> None:
        if where := self.crowd.incident(incident):
            self.crowd.does(channels.leave, channel=where.id, user=person)

    @acts(incident=which, private=st.booleans())
    def converts(self, incident: int, private: bool) -> None:
        if where := self.crowd.incident(incident):
            self.crowd.insiders.pop(where.id, None)
            self.crowd.does(channels.convert, channel=where.id, user="ana", private=private)

    @acts(incident=which, present=st.booleans())
    def archives(self, incident: int, present: bool) -> None:
        """Archive a channel, or unarchive it."""
        if where := self.crowd.incident(incident):
            self.crowd.does(channels.archive, channel=where.id, user="ana", present=present)

    @acts(incident=which, number=which)
    def renames(self, incident: int, number: int) -> None:
        if where := self.crowd.incident(incident):
            name = f"{where.name[:70].rstrip('-')}-{number}"
            self.crowd.does(channels.rename, channel=where.id, user="ana", name=name)

    @acts(person=st.sampled_from(["dara", "emi"]))
    def leaves_or_comes_back_to_the_workspace(self, person: str) -> None:
        gone = self.stage.store.person(person).deleted
        self.stage.store.update_person(person, deleted=not gone)
        self.stage.deliver_events()

    # what goes wrong, and time

    @acts(what=st.sampled_from((*EFFECTS, "restart", "again", "again")), number=st.integers(0, 8))
    def something_goes_wrong(self, what: str, number: int) -> None:
        if what == "restart":
            self.stage.restart()
        elif what == "again":
            kind, payload = self.stage.delivered[-1 - number % len(self.stage.delivered)]
            self.stage.hand_over(kind, payload)
            self.stage.deliver_events()
        elif len(self.stage.wire.faults) < 3:
            self.stage.wire.faults.append(Fault(what, number))

    @acts(minutes=st.sampled_from([0, 1, 6, 16, 31, 61, 600]), rows=st.sampled_from([0, 3, 8, 1000, None]))
    def time_passes(self, minutes: int, rows: int | None) -> None:
        self.stage.wait(minutes=minutes)
        self.stage.replica.ring()
        if rows is None:
            self.settles()
        else:
            self.stage.work(rows)

    def settles(self) -> None:
        """Everything is done, and all is as it should be; a channel is no longer archived then."""
        for each in self.crowd.channels():
            self.crowd.does(channels.archive, channel=each.id, user="ana", present=False)
        self.stage.drain()
        self.crowd.note()
        self.agreement.check()
        declarers = {each.channel_id or "": each.declared_by for each in self.agreement.incidents()}
        self.crowd.nothing_private_is_outside(declarers)
        loud = [each for each in self.log if each["log_level"] not in QUIET]
        told = [each for each in loud if (each["event"], each.get("error")) in EXPECTED]
        wrong = [each for each in loud if each not in told or each.get("exc_info")]
        assert not wrong, wrong


@dataclass
class Played:
    """What came of it, and when it ends."""

    until: float
    """In monotonic seconds."""
    has_failed: bool = False
    workspaces: int = 0
    slowest_drain: float = 0.0
    """Seconds until nothing was left to do."""
    slowest_ack: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether the time is over. After a failure it never is: hypothesis repeats what led to it."""
        return monotonic() > self.until and not self.has_failed

    def note(self, stage: Stage) -> None:
        """Count one more workspace, and note how slow the bot was in it."""
        self.workspaces += 1
        self.slowest_drain = max(self.slowest_drain, stage.slowest_drain)
        self.slowest_ack = max(self.slowest_ack, stage.slowest_ack)


def play(database: Database, number: int, seconds: float, *, shrinks: bool = False) -> Played:
    """Let people do things for about so many seconds, in workspaces one after another.

    A failure prints all steps since its workspace began, and a seed. With that as ``number``, it happens
    again at once; with ``shrinks``, hypothesis looks for a shorter way to it, which can take minutes.
    """
    phases = (Phase.generate, Phase.shrink) if shrinks else (Phase.generate,)
    few = settings(
        max_examples=TOGETHER,
        stateful_step_count=STEPS,
        phases=phases,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    played = Played(monotonic() + seconds)
    # Hypothesis counts examples, not seconds: when the time is over, nothing happens in those that are left.
    for each in itertools.count(number):
        if played.is_over:
            break
        machine = seed(each)(partial(Play, database, played))
        try:
            run_state_machine_as_test(cast(Any, machine), settings=few)
        except BaseException as error:
            error.add_note(f"The seed is {each}, on {database.engine.dialect.name}.")
            raise
    return played

"""Lists, timelines, help and reports: Slack takes them at their fullest, and they lead to the next page."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.codec import answer_from_json, dump, form_from_json, form_to_json
from bot.domain.five_whys.model import AnalysisStatus
from bot.domain.incidents.briefing import MAX_CHANGES
from bot.domain.incidents.model import MAX_COUNTED, Incident, IncidentSeverity
from bot.domain.incidents.roles import Roles
from bot.domain.incidents.timeline import EntryKind, TimelineEntry, TimelinePage
from bot.domain.kit.groups import UserGroup
from bot.domain.kit.text import storable
from bot.domain.outbox.effects import EFFECTS
from bot.domain.outbox.rows import Stuck
from bot.domain.pages.model import Page
from bot.domain.postmortems.model import LessonLearned, Missing, Revision, Section, content_of
from bot.domain.projects.model import Link, Project
from bot.domain.settings import DEFAULTS, Checklist, ReminderSettings, TeamSettings
from bot.domain.surface import answers
from bot.domain.surface.answers import (
    FormOffer,
    Hint,
    IncidentList,
    ItemList,
    Offers,
    ProjectList,
    Sentence,
    Timeline,
)
from bot.domain.surface.forms import DeclareStart
from bot.domain.surface.shown import (
    BlockShown,
    BriefingShown,
    ChecklistSettingsShown,
    ChecklistsShown,
    DoctorShown,
    HelpShown,
    ItemAddedShown,
    ItemListShown,
    ItemPickerShown,
    ItemTrayShown,
    ListShown,
    PeopleShown,
    PostmortemShown,
    ProjectsShown,
    RevisionsShown,
    RolesShown,
    SettingsShown,
    Shown,
    SubscriptionShown,
    TimelineShown,
    TrayShown,
    WhysListShown,
    WhysOverShown,
    WhysTrayShown,
)
from bot.listeners.commands import COMMANDS
from bot.operations.answers import HOME_LIMIT, LIST_PAGE, TIMELINE_PAGE
from bot.views.action_items.messages import HINTS
from bot.views.answers import (
    VIEWS,
    failures,
    form_offer,
    help_message,
    incident_list,
    render,
    timeline,
)
from bot.views.doctor import doctor
from bot.views.home import home
from bot.views.kit.message import Message
from bot.views.kit.text import escape
from sandbox.rules import check_view
from tests.support.examples import (
    HOSTILE,
    NAMES,
    NOW,
    checklist,
    document,
    entry,
    incident,
    item,
    postmortem,
    session,
    time_block,
)
from tests.support.examples import any_text as anything
from tests.views.screens import action_ids, check, foreign, markup, shown, texts
from tests.views.test_incident import incidents

any_text = anything.map(storable)
TEAM = "https://acme.slack.com/"
MARKUP = ("<!channel> <!subteam^S1|@ops>", "<@U0BEN>", "&amp;" * 500, "x" * 4000, "&lt;!here&gt;", "🔥" * 300)
FILE = {"name": "a|b <c> & d.png" * 8, "permalink": f"{TEAM}files/U1/F1/" + "x" * 120}

few = settings(max_examples=30)
"""Each example is a whole page of incidents, entries or rows."""

entries = st.builds(
    entry,
    kind=st.just(EntryKind.MESSAGE),
    text=st.sampled_from(MARKUP) | any_text.map(escape),
    by=st.sampled_from([None, "U0BEN"]),
    source=st.none() | any_text,
    files=st.lists(st.sampled_from([FILE, {"name": "b.txt", "permalink": None}, {}]), max_size=10).map(tuple),
    channel_id=st.just("C0INC"),
    ts=st.just("1700000000.000100"),
    thread_ts=st.sampled_from([None, "1690000000.000100"]),
    is_edited=st.booleans(),
    is_deleted=st.booleans(),
    is_key=st.booleans(),
) | st.builds(
    entry,
    kind=st.just(EntryKind.STATUS),
    from_value=st.just("open"),
    to_value=st.just("resolved"),
    text=st.sampled_from(["&" * 2000, *map(storable, HOSTILE)]),
)
stuck = st.builds(
    Stuck,
    id=st.integers(1),
    key=st.text(),
    kind=st.sampled_from(sorted(EFFECTS)),
    incident_id=st.none() | st.integers(1, 10**9),
    attempts=st.integers(0, 99),
    last_error=st.sampled_from(["", "is_archived", "x" * 300, *map(storable, HOSTILE)]),
    created_at=st.just(NOW),
)


def page_of(
    found: list[TimelineEntry], page: int = 1, pages: int = 1, *, everything: bool = True
) -> TimelinePage:
    return TimelinePage(12, tuple(found), page, pages, len(found), everything)


def targets(message: Message) -> dict[str, answers.Answer]:
    """The answer that each paging button leads to."""
    buttons = [
        element for block in message.blocks if block["type"] == "actions" for element in block["elements"]
    ]
    paging = {"page_back", "page_on", "show_other"}
    return {
        each["action_id"]: answer_from_json(json.loads(each["value"]))
        for each in buttons
        if each["action_id"] in paging
    }


@few
@given(st.lists(incidents, max_size=LIST_PAGE), st.none() | any_text.map(lambda text: text[:75]))
def test_slack_accepts_every_page_of_the_list(found: list[Incident], project: str | None) -> None:
    check(incident_list(IncidentList(project_id=project, page=2), found, 3, 25))


def test_slack_accepts_the_fullest_page_of_the_list() -> None:
    worst = incident(title="&" * 200, channel_id=None, channel_name="x" * 80, id=10**9)
    check(incident_list(IncidentList(page=2), [worst] * LIST_PAGE, 3, 25))


@pytest.mark.parametrize(
    ("asked", "total", "title"),
    [
        (IncidentList(), 0, "No open incidents"),
        (IncidentList(), 1, "1 open incident"),
        (IncidentList(active_only=False), 7, "7 incidents"),
        (IncidentList(active_only=False), 999, "999 incidents"),
        (IncidentList(active_only=False), MAX_COUNTED, "The latest 1,000 incidents"),
        (IncidentList(severity="high", project_id="<a>"), 2, "2 open incidents (high, &lt;a&gt;)"),
    ],
)
def test_a_lists_title_counts_all_that_match(asked: IncidentList, total: int, title: str) -> None:
    assert incident_list(asked, [], 1, total).text == title


@pytest.mark.parametrize(
    ("page", "ways"), [(1, {"page_on"}), (2, {"page_back", "page_on"}), (3, {"page_back"})]
)
def test_a_list_leads_to_its_neighbouring_pages_and_keeps_its_filters(page: int, ways: set[str]) -> None:
    asked = IncidentList(active_only=False, project_id="checkout", severity="low", page=page)
    found = targets(incident_list(asked, [incident()], 3, 25))
    assert set(found) == ways
    for way, answer in found.items():
        assert answer == replace(asked, page=page + (1 if way == "page_on" else -1))


@few
@given(st.lists(entries, max_size=TIMELINE_PAGE), st.booleans())
def test_slack_accepts_every_page_of_the_timeline(found: list[TimelineEntry], everything: bool) -> None:
    example = incident(title="&" * 200)
    check(timeline(example, page_of(found, 2, 3, everything=everything), TEAM, NAMES))


@pytest.mark.parametrize("text", MARKUP)
@pytest.mark.parametrize("files", [0, 10])
def test_slack_accepts_the_fullest_page_of_the_timeline(text: str, files: int) -> None:
    worst = entry(
        text=text,
        files=(FILE,) * files,
        channel_id="C0INC123456",
        ts="1700000000.000100",
        thread_ts="1690000000.000100",
        is_key=True,
        is_edited=True,
    )
    check(timeline(incident(title="&" * 200), page_of([worst] * TIMELINE_PAGE, 2, 3), TEAM, NAMES))


def test_slack_accepts_a_page_of_the_longest_changes() -> None:
    worst = entry(EntryKind.TITLE, to_value="&" * 200, channel_id="C0INC123456", ts="1700000000.000100")
    noted = entry(EntryKind.STATUS, from_value="open", to_value="closed", text="&" * 2000)
    for line in (worst, noted):
        check(timeline(incident(title="&" * 200), page_of([line] * TIMELINE_PAGE, 2, 3), TEAM, NAMES))


def one_line(**values: Any) -> str:
    message = timeline(incident(), page_of([entry(**values)]), TEAM, NAMES)
    return next(text for text in texts(list(message.blocks), "mrkdwn") if "<!date" in text)


def test_every_entry_has_its_time_and_a_link() -> None:
    line = one_line(channel_id="C0INC", ts="1700000000.000100", text="hello")
    link = "https://acme.slack.com/archives/C0INC/p1700000000000100"
    when = f"<!date^{int(NOW.timestamp())}^{{date_short_pretty}} {{time_secs}}^{link}|2026-03-02 09:30 UTC>"
    assert line == f"{when} <@U0BEN>: hello"


@pytest.mark.parametrize(
    ("values", "ending"),
    [
        ({"text": "hi", "is_edited": True}, "<@U0BEN>: hi _(edited)_"),
        ({"text": "hi", "is_deleted": True}, "<@U0BEN>: _message deleted_"),
        ({"text": "up", "by": None, "source": "Alert <bot>"}, "Alert &lt;bot&gt;: up"),
        ({"text": "up", "by": None}, "a bot: up"),
        (
            {"text": "see", "files": ({"name": "a|b.png", "permalink": f"{TEAM}f"},)},
            "<@U0BEN>: see 📎 <https://acme.slack.com/f|a b.png>",
        ),
        ({"files": ({"name": "gone.txt", "permalink": None},)}, "<@U0BEN>: 📎 gone.txt"),
        ({"files": (FILE,) * 5}, "📎 3 more"),
    ],
)
def test_messages_in_the_timeline_read_like_this(values: dict[str, Any], ending: str) -> None:
    assert one_line(**values).endswith(ending)


def test_key_events_are_marked() -> None:
    assert one_line(text="hi", is_key=True).startswith("📌 ")
    assert not one_line(text="hi").startswith("📌 ")


@pytest.mark.parametrize("everything", [False, True])
def test_a_timeline_leads_to_its_pages_and_to_its_other_side(everything: bool) -> None:
    found = targets(timeline(incident(), page_of([entry()], 2, 3, everything=everything), TEAM, NAMES))
    assert found == {
        "page_back": Timeline(12, everything, 1),
        "page_on": Timeline(12, everything, 3),
        "show_other": Timeline(12, not everything, 0),
    }


def test_an_empty_timeline_says_so() -> None:
    message = timeline(incident(), page_of([]), TEAM, NAMES)
    check(message)
    assert "Nothing yet." in shown(message)


def test_help_shows_every_command_with_its_usage() -> None:
    message = help_message(COMMANDS)
    check(message)
    for command in COMMANDS:
        assert not command.name or f"`{command.usage}` {command.summary}" in shown(message)


@few
@given(st.lists(stuck, max_size=20), st.lists(stuck, max_size=20))
def test_slack_accepts_every_doctors_report(dead: list[Stuck], overdue: list[Stuck]) -> None:
    message = doctor(DoctorShown(tuple(dead), tuple(overdue)))
    check(message)
    assert ("All is well" in message.text) == (not dead and not overdue)


def test_an_effect_that_only_another_version_knows_is_listed_by_name() -> None:
    row = Stuck(1, "k", "SendPigeon", 12, 1, "unreadable", NOW)
    for message in (doctor(DoctorShown((row,), (row,))), failures(incident(), [row], [row])):
        check(message)
        assert "do “SendPigeon”, which another version of Muster planned" in shown(message)


@few
@given(incidents, st.lists(stuck, max_size=20), st.lists(stuck, max_size=300))
def test_slack_accepts_every_report_of_failures(
    example: Incident, dead: list[Stuck], trying: list[Stuck]
) -> None:
    message = failures(example, dead, trying)
    check(message)
    assert ("retry_failed" in action_ids(list(message.blocks))) == bool(dead)


def test_a_report_is_updated_with_its_failures() -> None:
    row = Stuck(1, "INC-12/topic", "SetTopic", 12, 1, "is_archived", NOW)
    told = shown(failures(incident(), [row], []))
    assert "set the channel's topic: the channel is archived; unarchive the channel" in told
    assert "is_archived" not in told
    assert "set the channel's topic (is_archived: unarchive the channel" in shown(
        doctor(DoctorShown((row,), ()))
    )
    assert "trying again to set the channel's topic" in shown(failures(incident(), [], [row, row]))
    assert "everything is done now" in shown(failures(incident(), [], []))


@given(
    st.builds(
        DeclareStart,
        any_text,
        any_text.map(lambda text: text * 300),
        st.just("C0GENERAL01"),
        st.just("1700000000.000100"),
    )
)
def test_a_form_on_offer_fits_into_its_button_and_keeps_where_it_came_from(start: DeclareStart) -> None:
    message = form_offer(FormOffer(*form_to_json(start)))
    check(message)
    value = json.loads(message.blocks[1]["elements"][0]["value"])
    opened = form_from_json(value["form"], value["arguments"])
    assert isinstance(opened, DeclareStart)
    assert (opened.source_channel, opened.source_ts) == (start.source_channel, start.source_ts)
    assert start.title.startswith(opened.title)
    assert start.description.startswith(opened.description)


@few
@given(st.lists(incidents, max_size=HOME_LIMIT))
def test_slack_accepts_every_home(found: list[Incident]) -> None:
    view = home(found)
    check_view(view, kind="home")
    assert not any(foreign(text) for text in texts(view, "mrkdwn"))
    assert action_ids(view).count("show_tray") == len(found)


def test_an_empty_home_is_calm() -> None:
    assert "No open incidents." in list(texts(home([]), "mrkdwn"))


def test_a_full_home_says_how_many_more_there_are() -> None:
    assert any("105 more" in each for each in texts(home([incident()], 105), "mrkdwn"))


FULL: dict[str, Any] = {
    "title": "&" * 200,
    "summary": "&" * 3000,
    "impact": "<" * 3000,
    "root_causes": ("&" * 300,) * 20,
    "lessons_learned": (LessonLearned("&" * 600),) * 30,
}
REVISION = Revision(3, "U0ANA", NOW, Section.IMPACT, dump(content_of(postmortem(**FULL))))
PROJECT = Project(
    7,
    "&" * 75,
    tuple(f"U{number:08}" for number in range(50)),
    tuple(f"S{number}" for number in range(1, 11)),
    tuple(Link("&" * 60, "https://acme.slack.com/" + "x" * 250) for _ in range(10)),
    "U0ANA",
    NOW,
    "U0ANA",
    NOW,
    "C0HOME",
    NOW,
)
PAGE = Page(5, 12, "U0ANA", NOW, "The pool is full", people={"U0BEN": None})
LISTS = ReminderSettings(checklists=(Checklist("*" * 40, (), ("high",), "&" * 40, "<" * 75),) * 20)
EXAMPLES: dict[type[Shown], Shown] = {
    Sentence: Sentence("Done."),
    Offers: Offers("Which?", {"&" * 200: "list", "long": "x" * 4000, **{str(n): "list" for n in range(30)}}),
    FormOffer: FormOffer("declare", {"title": "x"}),
    HelpShown: HelpShown(COMMANDS),
    TrayShown: TrayShown(incident(severity=IncidentSeverity.LOW)),
    RolesShown: RolesShown(incident(), Roles(holders={"scribe": "U0BEN"}), "U0BEN"),
    PeopleShown: PeopleShown(incident(), Roles(), (("U0BEN", PAGE),), ("U0CHEN",)),
    ChecklistsShown: ChecklistsShown(
        incident(title="&" * 200),
        ((checklist(name="&" * 40), f"{TEAM}archives/C1/p1"), (checklist(), None)) * 10,
        ("*" * 40,) * 20,
    ),
    ChecklistSettingsShown: ChecklistSettingsShown(TeamSettings(LISTS, LISTS)),
    ListShown: ListShown(IncidentList(), (incident(),), 1, 1),
    TimelineShown: TimelineShown(incident(), page_of([entry()]), TEAM, NAMES),
    BriefingShown: BriefingShown(
        incident(title="&" * 200, commander_id="U0BEN", resolved_at=NOW),
        NOW,
        entry(EntryKind.STATUS, from_value="open", to_value="resolved", text="&" * 2000),
        entry(text="&lt;" * 900, files=(FILE,) * 9, is_key=True),
        tuple(entry(text="<!channel> " + "x" * 900, files=(FILE,) * 9) for _ in range(MAX_CHANGES)),
        1234,
        5678,
        TEAM,
        NAMES,
    ),
    DoctorShown: DoctorShown((), (), is_followed=True),
    SettingsShown: SettingsShown(TeamSettings(DEFAULTS, DEFAULTS)),
    ItemTrayShown: ItemTrayShown(item(due_date=date(2026, 1, 1)), date(2026, 3, 2)),
    ItemAddedShown: ItemAddedShown(item(), dict.fromkeys(HINTS, "&" * 200) | {"person": "U0BEN"}),
    ItemListShown: ItemListShown(
        ItemList(12), tuple(item(id=n) for n in range(1, 9)), 3, 20, date(2026, 3, 2)
    ),
    ItemPickerShown: ItemPickerShown((incident(),)),
    WhysOverShown: WhysOverShown(session(status=AnalysisStatus.COMPLETED)),
    WhysTrayShown: WhysTrayShown(session(*["&lt;x&gt;" * 900] * 80), f"{TEAM}archives/C1/p1", NAMES),
    WhysListShown: WhysListShown(incident(), (session("The pool ran out", problem="&" * 300),) * 60, NAMES),
    Hint: Hint("a_person"),
    BlockShown: BlockShown(time_block(), incident(), NOW),
    PostmortemShown: PostmortemShown(incident(), document(postmortem(**FULL)), tuple(Missing)),
    SubscriptionShown: SubscriptionShown(incident(title="&" * 200), is_subscribed=True),
    ProjectsShown: ProjectsShown(
        ProjectList(2), (PROJECT,) * 10, {"S1": UserGroup("S1", "&" * 80, "On call"), "S2": None}, 3, 30
    ),
    RevisionsShown: RevisionsShown(incident(), (REVISION,) * 12, None, 2, 3),
}


def test_every_kind_of_answer_is_rendered() -> None:
    for kind in get_args(Shown):
        assert kind in EXAMPLES, f"{kind.__name__} has no example in EXAMPLES of this file"
    assert set(EXAMPLES) == set(get_args(Shown)), "no example is left over"


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=lambda each: type(each).__name__)
def test_whatever_is_shown_slack_accepts_it(example: Shown) -> None:
    message = render(example)
    check(message)
    assert all(markup(message))


def test_everything_that_can_be_shown_has_its_message() -> None:
    for kind in get_args(Shown):
        assert kind in VIEWS, f"{kind.__name__} has no row in VIEWS of bot/views"
    assert set(VIEWS) == set(get_args(Shown)), "no row is left over"

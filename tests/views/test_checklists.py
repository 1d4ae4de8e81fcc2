"""Checklists on screen: Slack takes the longest, each line has its button, and nudges say what is left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.checklists.model import LINE_LIMIT, MAX_LINES, PostedLine, as_typed, digest
from bot.domain.incidents.roles import key_of
from bot.domain.incidents.timeline import EntryKind
from bot.domain.incidents.timeline_text import entry_words
from bot.domain.kit.people import ERASED
from bot.domain.kit.text import storable
from bot.domain.settings import Checklist, ChecklistLine, ReminderSettings, TeamSettings
from bot.domain.surface.shown import (
    ChecklistFormShown,
    ChecklistSettingsShown,
    ChecklistsShown,
    PostmortemShown,
)
from bot.views.checklists.messages import (
    already_posted,
    checklist_message,
    checklists_tray,
    nudge_message,
)
from bot.views.checklists.settings import checklist_form, checklist_settings, parse_checklist
from bot.views.incidents.changes import change_line
from bot.views.postmortems.exports import html, markdown
from bot.views.postmortems.messages import postmortem_tray
from tests.support.examples import HOSTILE, NAMES, NOW, any_text, checklist, document, entry, incident
from tests.views.screens import action_ids, check, check_form, shown, submitted

texts = any_text.map(storable).map(lambda text: text[:LINE_LIMIT]).filter(str.strip)
STATES: tuple[dict[str, Any], ...] = (
    {},
    {"done_at": NOW, "done_by": "U0BEN"},
    {"done_at": NOW, "done_by": ERASED},
    {"item_id": 7},
)
LINK = "https://acme.slack.com/archives/C1/p1"


def line(number: int, text: str, **values: Any) -> PostedLine:
    return replace(PostedLine(number, 6, number, text, 15), **values)


@given(st.lists(texts, min_size=1, max_size=MAX_LINES), texts, st.data())
def test_slack_takes_every_list_and_nothing_in_it_pings(
    said: list[str], name: str, data: st.DataObject
) -> None:
    lines = [line(n, text, **data.draw(st.sampled_from(STATES))) for n, text in enumerate(said, start=1)]
    found = checklist(*lines, name=name[:40])
    check(checklist_message(incident(), found))
    check(nudge_message(incident(), found, 15, "U0ANA"))
    check(checklists_tray(ChecklistsShown(incident(), ((found, LINK),), (name[:40],))))


@pytest.mark.parametrize("text", ["x" * LINE_LIMIT, "*" * LINE_LIMIT, "🔥" * 50, "&" * LINE_LIMIT])
@pytest.mark.parametrize("state", [{}, {"done_at": NOW, "done_by": "U0BEN0BEN0BEN"}], ids=["open", "done"])
def test_the_longest_list_is_shown_in_full_with_all_of_its_buttons(
    text: str, state: dict[str, object]
) -> None:
    lines = [line(9_000_000 + number, text, **state) for number in range(MAX_LINES)]
    message = checklist_message(incident(id=999_999), checklist(*lines, name="*" * 40, incident_id=999_999))
    check(message)
    blocks = message.arguments()["blocks"]
    assert len(blocks) == MAX_LINES + 2
    assert "doesn't fit" not in shown(message)
    assert action_ids(blocks).count("untick_line" if state else "tick_line") == MAX_LINES


def test_each_line_says_what_has_become_of_it() -> None:
    message = checklist_message(incident(), checklist())
    head, done, moved, left, menu = message.blocks
    assert head["text"]["text"] == "📋 *First minutes* · 1 of 3 done"
    assert done["text"]["text"].startswith("✅ Tell support · <@U0BEN> <!date")
    assert moved["text"]["text"] == "➡️ Write to customers · *AI-7*"
    assert left["text"]["text"].startswith("☐ Post on the status page · by <!date")
    assert [each["accessory"]["text"]["text"] for each in (done, moved, left)] == ["Undo", "Done", "Done"]
    assert [each["value"] for each in menu["elements"][0]["options"]] == ["12/3"], "only what is open"
    assert message.text == "INC-12: checklist First minutes, 1 of 3 done"


def test_a_list_that_is_done_says_so_and_offers_nothing_but_undoing() -> None:
    done = checklist(line(1, "Tell", done_at=NOW, done_by="U0BEN"))
    message = checklist_message(incident(), done)
    assert action_ids(list(message.blocks)) == ["untick_line"]
    assert "Everything is done" in shown(message)


def test_a_nudge_names_what_is_left_and_whom_it_asks() -> None:
    found = checklist(line(1, "Tell"), line(2, "Post", done_at=NOW, done_by="U0BEN"), line(3, "Ask"))
    message = nudge_message(incident(), found, 15, "U0ANA")
    assert "⏰ <@U0ANA>, 2 lines are still open after 15 min:" in shown(message)
    assert action_ids(list(message.blocks)) == ["tick_line", "line_to_item"] * 2
    assert "<@" not in shown(nudge_message(incident(), found, 15, None))
    assert "⏰ 1 line is still open after 1 h" in shown(
        nudge_message(incident(), checklist(line(1, "X", minutes=60)), 60, None)
    )


def test_a_nudge_about_many_lines_names_some() -> None:
    found = checklist(*(line(number, "Tell") for number in range(1, MAX_LINES + 1)))
    message = nudge_message(incident(), found, 15, "U0ANA")
    check(message)
    assert action_ids(list(message.blocks)).count("tick_line") == 10
    assert "15 more on the list above" in shown(message)


def test_a_nudge_that_was_answered_has_no_buttons() -> None:
    settled = checklist(line(1, "Tell", done_at=NOW, done_by="U0BEN"), line(2, "Ask", item_id=7))
    message = nudge_message(incident(), settled, 15, "U0ANA")
    assert action_ids(list(message.blocks)) == []
    assert "<@" not in shown(message)


def test_what_there_is_has_links_and_what_there_could_be_has_buttons() -> None:
    message = checklists_tray(ChecklistsShown(incident(), ((checklist(), LINK),), ("Handover",)))
    assert f"*First minutes* · 1 of 3 done · <{LINK}|Open it>" in shown(message)
    assert action_ids(list(message.blocks)) == ["post_checklist"]
    assert "Open it" not in shown(checklists_tray(ChecklistsShown(incident(), ((checklist(), None),), ())))
    assert "Admins can add some" in shown(checklists_tray(ChecklistsShown(incident(), (), ())))
    assert already_posted(incident(), checklist(), LINK).endswith(f"1 of 3 done. <{LINK}|Open it>.")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_timeline_says_who_ticked_what(hostile: str) -> None:
    ticked = entry(EntryKind.CHECKLIST, from_value=hostile, to_value="ticked", text=hostile)
    assert change_line(ticked).startswith("✅ <@U0BEN> ticked *")
    assert entry_words(ticked, NAMES).endswith(f"ticked “{hostile}” on the checklist “{hostile}”")
    undone = entry(EntryKind.CHECKLIST, from_value="Tell", to_value="unticked", text="First")
    assert change_line(undone) == "↩️ <@U0BEN> unticked *Tell* (First)"
    added = entry(EntryKind.CHECKLIST, to_value="posted", text="First")
    assert change_line(added) == "📋 <@U0BEN> posted the checklist *First*"
    assert entry_words(added, NAMES).endswith("posted the checklist “First”")


def test_the_postmortem_shows_what_was_left_open() -> None:
    told = document(checklists=(checklist(),))
    for page in (html(told), markdown(told)):
        assert "Left open on checklists" in page
        assert "First minutes: Write to customers (AI" in page
        assert "First minutes: Post on the status page" in page
        assert "Tell support" not in page
    assert "2 lines of checklists left open" in shown(postmortem_tray(PostmortemShown(incident(), told)))
    done = document(checklists=(checklist(line(1, "Tell", done_at=NOW, done_by="U0BEN")),))
    assert "checklists" not in shown(postmortem_tray(PostmortemShown(incident(), done)))
    assert "checklists" not in html(done) + markdown(done)


TOLD = (ChecklistLine("Tell support", 15), ChecklistLine("Ask"))
WHOLE = Checklist("First minutes", TOLD, ("high",), "Scribe", "Payments")
ROLES = ("Commander", "Scribe")


@pytest.mark.parametrize("found", [None, WHOLE, Checklist("Handover", (ChecklistLine("Ask"),))])
def test_the_form_comes_back_as_it_opened(found: Checklist | None) -> None:
    form = checklist_form(ChecklistFormShown(found, ROLES))
    check_form(form)
    filled = parse_checklist(submitted(form, {}))
    kept = found or Checklist("", ())
    assert (filled.name, filled.severities, filled.role, filled.project) == (
        *(kept.name, kept.severities, kept.role, kept.project),
    )
    assert filled.lines == as_typed(kept.lines)
    assert (filled.key, filled.was) == (key_of(kept.name), digest(found))
    assert not filled.is_deleted


def test_only_a_list_that_is_there_can_be_deleted() -> None:
    fields = [each["block_id"] for each in checklist_form(ChecklistFormShown(None, ROLES))["blocks"]]
    assert "delete" not in fields
    form = checklist_form(ChecklistFormShown(WHOLE, ROLES))
    view = submitted(form, {})
    view["state"]["values"]["delete"]["delete"]["selected_options"] = [{"value": "delete"}]
    assert parse_checklist(view).is_deleted


@given(st.lists(texts, min_size=1, max_size=MAX_LINES), texts)
def test_slack_takes_every_form(said: list[str], name: str) -> None:
    lines = tuple(ChecklistLine(each, 1440) for each in said)
    check_form(checklist_form(ChecklistFormShown(Checklist(name[:40], lines, role=name[:40]), (name[:40],))))


def test_the_settings_say_when_each_list_comes() -> None:
    found = ReminderSettings(checklists=(WHOLE, Checklist("Handover", (ChecklistLine("Ask"),))))
    message = checklist_settings(ChecklistSettingsShown(TeamSettings(found, found)))
    check(message)
    assert "*First minutes* · 2 lines\n🟠 High · role Scribe · project Payments" in shown(message)
    assert "*Handover* · 1 line\nOnly on request" in shown(message)
    assert action_ids(list(message.blocks)) == ["edit_checklist", "edit_checklist", "add_checklist"]
    empty = checklist_settings(ChecklistSettingsShown(TeamSettings(ReminderSettings(), ReminderSettings())))
    assert action_ids(list(empty.blocks)) == ["add_checklist"]
    full = ReminderSettings(checklists=(WHOLE,) * 20)
    assert "add_checklist" not in action_ids(
        list(checklist_settings(ChecklistSettingsShown(TeamSettings(full, full))).blocks)
    )


def test_lists_that_a_file_sets_have_no_buttons() -> None:
    found = ReminderSettings(checklists=(WHOLE,))
    team = TeamSettings(found, found, frozenset({"checklists"}), "muster.yaml")
    message = checklist_settings(ChecklistSettingsShown(team))
    assert action_ids(list(message.blocks)) == []
    assert "Set by muster.yaml." in shown(message)

"""What people type after ``/incident action``: title, owner, date and priority, in any order and language."""

from __future__ import annotations

from datetime import date
from itertools import cycle, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.action_items.line import ActionLine, read_action_line, written
from bot.domain.action_items.line_left import left_in
from bot.domain.action_items.model import ActionItemPriority
from tests.support.examples import NAMES, any_text

CRITICAL, HIGH, MEDIUM, LOW = ActionItemPriority
OWNERS = ("<@U1>", "by <@U1>", "to <@U1|ana>", "for <@U1>", "owner: <@U1>", "assigned to <@U1>", "@ <@U1>")
DATES = ("due friday", "by friday", "until friday", "before friday", "on friday", "for friday", "due: friday")
LEVELS = ("high", "p2", "sev2", "SEV-2", "priority high", "prio: high", "high priority", "!", "!high")
SEPARATORS = (", ", "; ", " - ", " ", " | ", ",", "\n")


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("owner", OWNERS)
def test_owner_date_and_priority_come_in_any_order(owner: str, separator: str) -> None:
    for due, level in zip(cycle(DATES), LEVELS, strict=False):
        for order in permutations((owner, due, level)):
            typed = separator.join(("Fix the pool", *order))
            assert read_action_line(typed) == ActionLine("Fix the pool", "U1", "friday", HIGH), typed


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("Fix the pool", ActionLine("Fix the pool")),
        ("Fix it <@U1|ana> due next friday high", ActionLine("Fix it", "U1", "next friday", HIGH)),
        ("Fix it high due 5 dec <@U1>", ActionLine("Fix it", "U1", "5 dec", HIGH)),
        ("Ask <@U1> about it due friday", ActionLine("Ask <@U1> about it", None, "friday")),
        ("Pay what is due to them", ActionLine("Pay what is due to them")),
        ("<@U1> due friday", ActionLine("", "U1", "friday")),
        ("priority high", ActionLine("", None, None, HIGH)),
        ("", ActionLine("")),
        ("Fix it,", ActionLine("Fix it")),
        # A verb about people may be the end of a noun, too.
        ("Fix the status page <@U1>", ActionLine("Fix the status page", "U1")),
        ("Given away <@U1>", ActionLine("Given away", "U1")),
        ("Send the email <@U1> friday", ActionLine("Send the email", "U1", "friday")),
        ("Talk to the team, <@U1>", ActionLine("Talk to the team", "U1")),
        ("Drop support for OS X, <@U1>", ActionLine("Drop support for OS X", "U1")),
        ("Reply, to <@U1>", ActionLine("Reply", "U1")),
        # Before the title.
        ("<@U1> rotate keys by monday", ActionLine("rotate keys", "U1", "monday")),
        ("<@U1>: rotate keys, tomorrow", ActionLine("rotate keys", "U1", "tomorrow")),
        ("<@U1> to rotate keys by monday", ActionLine("rotate keys", "U1", "monday")),
        ("<@U1> please rotate keys", ActionLine("rotate keys", "U1")),
        ("by friday rotate the keys <@U1>", ActionLine("rotate the keys", "U1", "friday")),
        ("friday: rotate keys", ActionLine("rotate keys", None, "friday")),
        ("high: fix the db", ActionLine("fix the db", None, None, HIGH)),
        ("Urgent, fix db, <@U1>", ActionLine("fix db", "U1", None, CRITICAL)),
        ("high, <@U1>, friday: fix the db", ActionLine("fix the db", "U1", "friday", HIGH)),
        ("Fix it by 4 dec, friday", ActionLine("Fix it", None, "4 dec, friday")),
        ("by friday, high latency must go", ActionLine("high latency must go", None, "friday")),
        ("by friday - high latency must go", ActionLine("high latency must go", None, "friday")),
        ("by friday p1 <@U1> fix it", ActionLine("fix it", "U1", "friday", CRITICAL)),
        ("<@U1> high", ActionLine("", "U1", None, HIGH)),
        # The second of a kind stays in the title.
        ("[high] p1 <@U2> fix it", ActionLine("p1 <@U2> fix it", None, None, HIGH)),
        ("by friday, before tuesday fix it", ActionLine("before tuesday fix it", None, "friday")),
        # Between commas, and in brackets.
        ("Fix db, <@U1>, then restart it", ActionLine("Fix db, then restart it", "U1")),
        ("Fix db, by friday, and restart it", ActionLine("Fix db, and restart it", None, "friday")),
        ("Fix db, <@U1>, high, then restart it", ActionLine("Fix db, then restart it", "U1", None, HIGH)),
        ("Fix db, !high, then restart it", ActionLine("Fix db, then restart it", None, None, HIGH)),
        ("Fix it high, (<@U1>)", ActionLine("Fix it", "U1", None, HIGH)),
        ("Fix db (high, <@U1>, due friday)", ActionLine("Fix db", "U1", "friday", HIGH)),
        ("[high] fix the db <@U1>", ActionLine("fix the db", "U1", None, HIGH)),
        ("[p1] by friday fix the db", ActionLine("fix the db", None, "friday", CRITICAL)),
        ("Fix db (twice) <@U1>", ActionLine("Fix db (twice)", "U1")),
        ("Fix it. <@U1>. Friday.", ActionLine("Fix it.", "U1", "Friday")),
        # Without any word before the date.
        ("Fix it friday", ActionLine("Fix it", None, "friday")),
        ("Fix it 2026-12-24", ActionLine("Fix it", None, "2026-12-24")),
        ("Fix it, 5/12", ActionLine("Fix it", None, "5/12")),
        ("Fix it <@U1> 5/12", ActionLine("Fix it", "U1", "5/12")),
        ("Fix it in 2 weeks", ActionLine("Fix it", None, "in 2 weeks")),
        ("Fix it friday 5pm <@U1>", ActionLine("Fix it", "U1", "friday 5pm")),
        ("Fix it by 5pm", ActionLine("Fix it", None, "5pm")),
        ("Fix it due 31 february", ActionLine("Fix it", None, "31 february")),
        ("Fix it due 10 days", ActionLine("Fix it", None, "10 days")),
        ("Fix it, 10 days", ActionLine("Fix it", None, "10 days")),
        ("Fix it, <@U1>, 10 days", ActionLine("Fix it", "U1", "10 days")),
        # A priority as a number or as exclamation marks.
        ("Fix it, priority 1", ActionLine("Fix it", None, None, CRITICAL)),
        ("Fix it, prio: 4", ActionLine("Fix it", None, None, LOW)),
        ("Fix it !", ActionLine("Fix it", None, None, HIGH)),
        ("Fix it !!", ActionLine("Fix it", None, None, HIGH)),
        ("Fix it !!!", ActionLine("Fix it", None, None, CRITICAL)),
        ("Fix it low!", ActionLine("Fix it", None, None, LOW)),
        ("Fix it by friday !!!", ActionLine("Fix it", None, "friday", CRITICAL)),
        ("Fix it,!", ActionLine("Fix it", None, None, HIGH)),
        ("!!! <@U1> fix it", ActionLine("fix it", "U1", None, CRITICAL)),
        # Next to another field, a word counts that could be part of the sentence otherwise.
        ("Fix it high 5/12", ActionLine("Fix it", None, "5/12", HIGH)),
        # Other separators, and politeness.
        ("Fix it / <@U1> / friday / high", ActionLine("Fix it", "U1", "friday", HIGH)),
        ("Fix it => <@U1>", ActionLine("Fix it", "U1")),
        ("fix it owner=<@U1> due=friday priority=high", ActionLine("fix it", "U1", "friday", HIGH)),
        ("fix it owner:<@U1> due:friday priority:high", ActionLine("fix it", "U1", "friday", HIGH)),
        ("Fix it，<@U1>、friday，high", ActionLine("Fix it", "U1", "friday", HIGH)),
        ("Fix it <@U1> by friday please", ActionLine("Fix it", "U1", "friday")),
        ("Fix it <@U1> with high priority by friday", ActionLine("Fix it", "U1", "friday", HIGH)),
        ("p1 <@U1> fix it", ActionLine("fix it", "U1", None, CRITICAL)),
        ("<@U1> and <@U2> fix it", ActionLine("<@U2> fix it", "U1")),
        # Other languages.
        ("Pool reparieren, <@U1>, bis Freitag, hoch", ActionLine("Pool reparieren", "U1", "Freitag", HIGH)),
        ("Rotar claves <@U1> para el viernes", ActionLine("Rotar claves", "U1", "viernes")),
        ("Corriger le pool, <@U1>, avant vendredi", ActionLine("Corriger le pool", "U1", "vendredi")),
        # A title in quotes is taken as it is.
        ('"Fix the thing due friday", <@U1>, low', ActionLine("Fix the thing due friday", "U1", None, LOW)),
        ("“Fix it high” friday", ActionLine("Fix it high", None, "friday")),
        ('"Fix it high". <@U1>', ActionLine("Fix it high", "U1")),
        ('Say "done" <@U1>', ActionLine('Say "done"', "U1")),
        # The sentence ends in a priority, and a field follows.
        (
            "Find out why latency is high by friday",
            ActionLine("Find out why latency is high", None, "friday"),
        ),
        (
            "Find out why latency is high, <@U1>, low",
            ActionLine("Find out why latency is high", "U1", None, LOW),
        ),
        ("Set the log level to low, friday", ActionLine("Set the log level to low", None, "friday")),
        ("Stand by until friday", ActionLine("Stand by", None, "friday")),
        ("Follow up on monday", ActionLine("Follow up", None, "monday")),
    ],
)
def test_a_line_is_read_as_it_was_meant(line: str, read: ActionLine) -> None:
    assert read_action_line(line) == read


@pytest.mark.parametrize(
    "title",
    [
        "Fix the due date bug",
        "Investigate why disk latency is high",
        "Fix high latency in checkout",
        "Make the alert p1",
        "Support low, medium, high",
        "Stand by for failover",
        "Stand by friday",
        "Document on call by team",
        "Get approval by the board",
        "Wait until the dust settles",
        "Write down what is due to customers",
        "Fix it due someday",
        "Prepare for Black Friday",
        "Rotate keys every friday",
        "Write up the outage of 5 may",
        "Upgrade to 3.12",
        "Check shard 5/12",
        "Keep logs for 10 days",
        "Keep logs 10 days",
        "Keep the team standing by friday",
        "High, low fix it",
        "Silence the alert for 2 weeks",
        "Investigate the spike at 5pm",
        "Move to the sun",
        "Pair with <@U1>",
        "Talk to <@U1>",
        "Ask <@U1>",
        "Page <@U1>",
        "Fix it and ask <@U1>",
        "Reply to <@U1>",
        "Ask <@U1> about the pool",
        "<@U1>'s keys need rotation",
        "Fix <https://example.com/a,b|a, b>",
        "Fix it!",
        "Release v1.2",
        "Clean up /",
        "Drop support for OS X",
        "Explain OS X to <@U1>",
        "Report to:<@U1>",
        "On Friday the database filled up",
        "Deploy on monday, tuesday, and friday",
        "Draw long, low, and wide bars",
        "Priority low, medium and high need icons",
        "Fix shard 3",
        "Add p99 to the dashboard",
        "Fix etc.",
    ],
)
def test_a_title_that_only_contains_such_words_stays_whole(title: str) -> None:
    assert read_action_line(title) == ActionLine(title)


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("Fix it", {}),
        ("Fix it, <@U1>, friday, high", {}),
        ("Ask <@U2> about it, <@U1>", {"person": "U2"}),
        ("Fix it <@U1> <@U2>", {"person": "U1"}),
        ("Fix it, <!subteam^S1|@oncall>", {"group": "@oncall"}),
        ("<!subteam^S1> fix it", {"group": "a group"}),
        ("Fix it <!here>", {"group": "@here"}),
        ("Fix it @bobb", {"name": "@bobb"}),
        ("Mail ana@example.com", {}),
        ("Fix it due someday", {"date": "due someday"}),
        ("Write up the outage of 5 may", {"date": "5 may"}),
        ("Fix the due date bug", {}),
        ("Investigate why disk latency is high", {"priority": "high"}),
        ("Make the alert P1", {"priority": "P1"}),
        ("Check shard 5/12", {"date": "5/12"}),
        ("<@U1> and <@U2> fix it", {"person": "U2"}),
        ("Fix high latency, <@U1>, low", {}),
        ("Fix it by noon tomorrow", {"hour": "noon"}),
    ],
)
def test_what_stays_in_the_title_is_known(line: str, left: dict[str, str]) -> None:
    found = read_action_line(line)
    assert left_in(found, NAMES, is_dated=found.due is not None) == left


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("Since friday it hangs", "friday"),
        ("Fix the big friday", "friday"),
        ("Sunday comes before the", "Sunday"),
        ("Watch the sun", ""),
        ("The sun is up", ""),
        ("Compare 1/2 and 3/4 of it", ""),
        ("Keep logs 10 days", ""),
        ("Check in a couple of days whether it holds", "in a couple of days"),
        ("Send it on the last day of next month again", "the last day of next month"),
        # Longer titles are only searched at their beginning.
        ("word " * 39 + "friday", "friday"),
        ("word " * 40 + "friday", ""),
    ],
)
def test_a_day_that_a_title_names_is_known(title: str, day: str) -> None:
    assert left_in(ActionLine(title), NAMES, is_dated=False) == ({"date": day} if day else {})


def test_a_due_date_that_cannot_be_meant_is_named_with_its_hour() -> None:
    found = read_action_line("Fix it by noon tomorrow")
    assert left_in(found, NAMES, is_dated=False) == {"date": "noon tomorrow"}


def test_a_line_of_four_thousand_characters_is_read_and_a_longer_one_is_a_title() -> None:
    for length, owner in ((4000, "U1"), (4001, None)):
        assert read_action_line("<@U1>".rjust(length, "x").replace("x<", " <")).assigned_to == owner


def test_a_date_that_nothing_introduces_can_go_back_into_the_title() -> None:
    assert read_action_line("Check backup 2020-01-01").title_with_date == "Check backup 2020-01-01"
    assert read_action_line("Check backup due 2020-01-01").title_with_date is None
    assert read_action_line("Check backup, 10 days").title_with_date == "Check backup 10 days"


@pytest.mark.parametrize("owner", ["", "<@U1>"])
@pytest.mark.parametrize("level", ["", "low"])
@pytest.mark.parametrize(
    "title",
    [
        "Fix it",
        "Why is it high",
        "Ask <@U2> by friday",
        'Say "hi"',
        "Fix, due someday",
        "a\nb",
        "Say “x” now",
    ],
)
def test_a_line_with_its_date_chosen_is_read_the_same(title: str, level: str, owner: str) -> None:
    typed = ActionLine(
        title, owner.strip("<@>") or None, "tuesday", ActionItemPriority(level) if level else None
    )
    again = read_action_line(written(typed, date(2026, 12, 1)))
    expected = ActionLine(" ".join(title.split()), typed.assigned_to, "2026-12-01", typed.priority)
    assert again == expected


@pytest.mark.parametrize(
    "part", ["a, ", "a\n", "(a ", "due ", "high, ", '"a', "<@U1> ", "by friday ", "@a ", " "]
)
def test_a_line_of_any_length_is_read(part: str) -> None:
    line = read_action_line("x " + part * 20_000)
    assert line.title.startswith("x")


@given(any_text)
def test_no_word_of_any_line_is_lost(typed: str) -> None:
    line = read_action_line(f"zzz {typed} zzz")
    assert line.title.startswith("zzz")
    assert line.title.endswith("zzz")


@given(
    st.lists(
        st.sampled_from(("fix", "by", "due", "friday", "high", "<@U1>", ",", "-", "(", ")", "is", '"')),
        max_size=9,
    )
)
def test_any_order_of_such_words_is_read(words: list[str]) -> None:
    line = read_action_line(" ".join(words))
    for word, found in (("<@U1>", line.assigned_to), ("friday", line.due), ("high", line.priority)):
        assert word not in words or found or word in line.title

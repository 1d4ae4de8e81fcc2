"""Takes every picture of the README and the guide: `make pictures`.

A bot in this process runs against a fresh sandbox, and Chromium looks at an incident as people would. The
workspace's clock starts on a fixed day and is moved between steps, so that all pictures show the same times
whenever they are taken; only the sandbox's first steps are as `make sandbox` shows them right now.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, expect

from bot import logs
from sandbox.botprocess import BotProcess
from sandbox.server import running
from tests.browser.studio import CHANNEL, Studio, can_draw_emoji, running_browser, save
from tests.browser.window import Window, hook
from tests.support import bots
from tests.support.calendars import book, meeting
from tests.support.clocks import MovableClock
from tests.support.people import Workspace, eventually
from tests.support.whys import Session

BEGINS = datetime(2026, 10, 20, 12, 6, tzinfo=UTC)
"""A Tuesday, after lunch in London and Berlin."""
DUE, DUE_LATER = "2026-10-23", "2026-10-28"
PROBLEM = "Why did checkout return 500?"
LEVELS = (
    "All database connections were taken",
    "The deploy doubled the workers, each with its own pool",
    "Nothing limits the pools together",
)


def main() -> int:
    """Take all pictures; the exit code."""
    if not can_draw_emoji():
        print("Install a font with emoji, such as Noto Color Emoji.", file=sys.stderr)
        return 1
    logs.configure("WARNING")
    with running_browser() as browser:
        run_an_incident(browser)
        greet(browser)
    return 0


def run_an_incident(browser: Browser) -> None:
    """Take the pictures of an incident, from its declaration on."""
    clock = MovableClock()
    clock.move(BEGINS - clock())
    with ExitStack() as ending:
        folder = Path(ending.enter_context(TemporaryDirectory()))
        sandbox = ending.enter_context(running(bots.ROOT / "manifest.yml", clock=clock.seconds))
        calendar = bots.calendar(sandbox, folder)
        bot = bots.start_here(sandbox, f"sqlite:///{folder}/muster.db", clock=clock, **calendar)
        ending.callback(bot.stop)
        page = browser.new_page(locale="en-US", timezone_id="UTC")
        ending.callback(page.close)
        acme = Workspace(sandbox.url)
        _wait_for_the_bot(acme)
        studio = Studio(acme, clock, Window(page, sandbox.url))
        for act in ACTS:
            act(studio)
            print(f"{act.__name__}: done", flush=True)


def greet(browser: Browser) -> None:
    """Take the picture of the sandbox's first steps, of which three are done."""
    argv = [sys.executable, str(bots.ROOT / "app.py")]
    with TemporaryDirectory() as folder:
        bot = BotProcess(argv, {"MUSTER_ENV_FILE": "", "DATABASE_URL": f"sqlite:///{folder}/muster.db"})
        with running(bots.ROOT / "manifest.yml", bot=bot, data_dir=Path(folder), greets=True) as sandbox:
            _wait_for_the_bot(Workspace(sandbox.url))
            page = browser.new_page(locale="en-US", viewport={"width": 1280, "height": 800})
            window = Window(page, sandbox.url)
            window.visit("dara", "general")
            _take_three_steps(window)
            save("pictures/sandbox", page)
            page.close()


def _take_three_steps(window: Window) -> None:
    for step in ("declare", "command", "mark"):
        button = window.page.locator(f"{hook('greeting')} {hook('step', step=step)}")
        button.click()
        if step == "declare":
            window.form()
            window.submit()
        expect(button).to_have_attribute("data-done", "true")
    expect(window.message("took command")).to_be_visible()


def _wait_for_the_bot(acme: Workspace) -> None:
    eventually(lambda: "incidents" in {each["name"] for each in acme.state()["channels"]})


def declare(studio: Studio) -> None:
    """Dara fills in the form; Ben and Chen join."""
    studio.visit("dara", "ops-alerts")
    window = studio.window
    window.command("declare Checkout returns 500")
    form = window.form()
    window.field("severity").get_by_label("Critical").check()
    window.type_project("checkout")
    window.field("description").fill("A third of all card payments fail since the 14:02 deploy.")
    studio.picture("declare", form)
    window.submit()
    eventually(lambda: studio.acme.cards(CHANNEL))
    for user in ("ben", "chen"):
        studio.acme.post("join", channel=CHANNEL, user=user)


def investigate(studio: Studio) -> None:
    """Ben leads, and all three write what they find."""
    acme = studio.acme
    studio.later(minutes=2)
    studio.press("take_command")
    studio.posted("took command")
    eventually(lambda: "Commander" in acme.channel(CHANNEL)["topic"])
    # The topic changes at most once a minute.
    studio.later(minutes=2)
    studio.press("status_investigating")
    studio.posted("→ *Investigating*")
    eventually(lambda: "Investigating" in acme.channel(CHANNEL)["topic"])
    for minutes, user, text, is_key in (
        (2, "chen", "All 40 database connections of payments-api are taken.", True),
        (3, "dara", "The deploy doubled the workers, and each has its own pool.", False),
        (1, "ben", "Rolling back. EU first.", False),
        (5, "dara", "Error rate in EU is down to 0.3 %.", True),
    ):
        studio.later(minutes=minutes)
        ts = acme.say(text, CHANNEL, user)
        if is_key:
            acme.post("reaction", channel=CHANNEL, ts=ts, user="ben", name="pushpin")
    studio.visit("dara")
    expect(studio.window.card()).to_contain_text("Investigating")
    studio.picture("card", studio.window.card())


def look_back(studio: Studio) -> None:
    """Dara asks for the timeline; the README shows everything from the card on."""
    studio.visit("dara")
    studio.window.command("timeline")
    answer = studio.window.answer("Timeline of INC-1")
    expect(answer).to_contain_text("down to 0.3 %")
    studio.picture("timeline", answer)
    studio.window.show_from(studio.window.card())
    save("incident", studio.window.page)


def ask_why(studio: Studio) -> None:
    """Dara asks why, three times."""
    acme = studio.acme
    acme.open_form(f"whys {PROBLEM}", "dara", CHANNEL)
    assert acme.submit("dara") == {}
    session = Session(acme, CHANNEL, "WHY-1")
    session.question("")
    for text, user in zip(LEVELS, ("chen", "dara", "ben"), strict=True):
        studio.later(seconds=40)
        session.answer(text, user)
        session.question(text)
    studio.visit("dara", height=1000)
    root = studio.window.message("WHY-1")
    root.hover()
    root.locator(hook("open-thread")).click()
    pane = studio.window.page.locator(hook("thread-pane"))
    expect(pane).to_contain_text(LEVELS[-1])
    studio.picture("five-whys", pane)
    session.press("whys_root_cause", user="dara")
    session.question("Finish")
    session.press("whys_finish", user="dara")


def follow_up(studio: Studio) -> None:
    """Two action items are added, and the incident is resolved."""
    acme = studio.acme
    studio.later(minutes=4)
    acme.command(f"action Limit all pools together @ben due {DUE} high", "dara", CHANNEL)
    acme.command(f"action Alert before the pool is full @dara due {DUE_LATER}", "ben", CHANNEL)
    studio.posted("AI-2 ·")
    studio.later(minutes=9)
    acme.command("resolve Rolled back the deploy", "ben", CHANNEL)
    studio.posted("→ *Resolved*")


def meet(studio: Studio) -> None:
    """Ben finds a time, books it, and looks at it in his calendar."""
    acme = studio.acme
    studio.later(minutes=8)
    # Somebody else's message in between, so that the bot's begins with its name.
    acme.say("Payments are back to normal. Thank you, all!", CHANNEL, "dara")
    acme.open_form("meet", "ben", CHANNEL)
    assert acme.submit("ben", required=["ben", "dara"], optional=["chen"]) == {}
    offered = meeting(acme, CHANNEL, "Other times")
    studio.visit("ben")
    studio.picture("meeting", studio.offering("book_slot"))
    book(acme, CHANNEL, offered, user="ben")
    meeting(acme, CHANNEL, "Join the call")
    studio.visit("ben", "calendar", width=1400)
    event = studio.window.page.locator(hook("event")).filter(has_text="Postmortem INC-1")
    event.click()
    expect(studio.window.page.locator(f"{hook('event-panel')}:popover-open")).to_contain_text("Dara")
    studio.picture("calendar", studio.window.page.locator("main"))


def write_postmortem(studio: Studio) -> None:
    """Ben starts the postmortem, and fills in two sections."""
    studio.later(minutes=12)
    acme = studio.acme
    acme.say("I'll write the postmortem.", CHANNEL, "ben")
    studio.press("start_postmortem")
    for action, values in {
        "edit_impact": {"impact": "A third of all card payments failed for 14 minutes."},
        "add_lesson": {"lesson": "Alert before the pool is full", "category": "detection"},
    }.items():
        studio.press(action)
        eventually(lambda: acme.form("ben"))
        assert acme.submit("ben", **values) == {}
    studio.visit("ben")
    found = studio.offering("edit_impact")
    expect(found).to_contain_text("nothing missing")
    studio.picture("postmortem", found)


def keep_private(studio: Studio) -> None:
    """Emi declares a private incident."""
    channel = studio.acme.declare("Laptop with customer data stolen", "emi", private=["private"])
    studio.visit("emi", channel)
    studio.window.show_from(studio.window.card())
    studio.picture("private", studio.window.page.locator("main"))


def look_at_home(studio: Studio) -> None:
    """Dara looks at what is open."""
    studio.acme.declare("Search finds nothing", "farid", severity="medium")
    studio.later(minutes=3)
    studio.acme.declare("Invoices are late", "chen", severity="low")
    studio.visit("dara", "home", height=500)
    home = studio.window.page.locator(hook("home"))
    expect(home).to_contain_text("Search finds nothing")
    studio.picture("home", home)


def change_settings(studio: Studio) -> None:
    """Ana opens the settings, and a form of theirs."""
    studio.visit("ana", "general", height=1290)
    studio.window.command("settings")
    home = studio.window.answer("People and roles")
    studio.picture("settings", home)
    home.locator(hook("action", action="change_settings")).nth(1).click()
    studio.picture("settings-form", studio.window.form())
    studio.acme.close_forms()


def tick_off(studio: Studio) -> None:
    """Ana writes a checklist, and Chen and Dara work on it."""
    acme = studio.acme
    home = acme.asked("settings")
    found = acme.answered(
        lambda: acme.click("general", home["ts"], "show_checklist_settings"), "general", "ana"
    )
    acme.click("general", found["ts"], "add_checklist")
    eventually(lambda: acme.form("ana"))
    lines = "Say who leads\nPost on the status page (15 min)\nTell support\nWrite down how we noticed"
    acme.submit(checklist_name="First minutes", checklist_lines=lines, severities=["high"])
    channel = acme.declare("Emails arrive late", "chen")
    acme.post("join", channel=channel, user="dara")
    studio.visit("dara", channel)
    checklist = studio.window.message("📋 First minutes")
    checklist.locator(hook("action", action="tick_line")).nth(2).click()
    expect(checklist).to_contain_text("1 of 4 done")
    checklist.locator('[data-action="pick_line_for_item"]').select_option(label="Write down how we noticed")
    expect(checklist).to_contain_text("➡️ Write down how we noticed")
    studio.picture("checklist", checklist)


def be_reminded(studio: Studio) -> None:
    """On the day, Ben's working day begins."""
    studio.until(datetime.fromisoformat(f"{DUE}T08:00:20+00:00"))
    studio.acme.told_directly("ben", "Due today")
    direct = studio.acme.post("open-dm", user="ben")["channel"]
    studio.visit("ben", direct)
    studio.picture("reminder", studio.window.message("Due today"))


def ask_the_doctor(studio: Studio) -> None:
    """Slack refuses something, and Dara asks what is wrong; the clock would worry the doctor of an admin."""
    acme = studio.acme
    acme.faults({"method": "pins.add", "effect": "error:too_many_pins"})
    acme.declare("Parcels have no labels", "dara")
    acme.told_directly("dara", "couldn't")
    studio.later(minutes=2)
    studio.visit("dara", "general")
    studio.window.command("doctor")
    studio.picture("doctor", studio.window.answer("Given up"))
    acme.faults()


ACTS = (
    declare,
    investigate,
    look_back,
    ask_why,
    follow_up,
    meet,
    write_postmortem,
    keep_private,
    look_at_home,
    change_settings,
    tick_off,
    be_reminded,
    ask_the_doctor,
)


if __name__ == "__main__":
    sys.exit(main())

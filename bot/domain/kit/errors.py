"""Everything that can go wrong for a reason that the user can act on.

The docstring of a class is the sentence that the user reads; ``{fields}`` are filled in, escaped, by
:mod:`bot.views.kit.errors`.
"""

from __future__ import annotations

from collections.abc import Mapping


class BotError(Exception):
    """Something is not possible."""

    field: str | None = None
    """Which input of a form the sentence belongs to; ``None`` is the form as a whole."""

    def __init__(self, **values: object) -> None:
        super().__init__(type(self).__name__)
        self.values: Mapping[str, str] = {name: str(value) for name, value in values.items()}


class NotSaved(BotError):
    """The database is busy. Nothing was saved: please try again in a moment."""


class AlreadyRunning(BotError):
    """Another Muster is running on {path}. Stop it first, or use PostgreSQL for several."""


class PortTaken(BotError):
    """Something else listens on port {port}. Choose another PORT, or stop what is there."""


class NotAllowed(BotError):
    """Only full members of this workspace can do that. Please ask one of them."""


class CannotCheck(BotError):
    """I couldn't check who you are. Please try again in a moment."""


class NobodyKnown(BotError):
    """<@{person}> is not a full member of this workspace, so they can't take this on."""

    field = "assigned_to"


class UnknownCommand(BotError):
    """There is no `{typed}`. `/incident help` shows everything that I understand."""


class DidYouMean(BotError):
    """There is no `{typed}`. Did you mean `{suggestion}`?"""


class Usage(BotError):
    """{problem} Usage: `{usage}`"""


class UnknownRef(BotError):
    """There is no {ref} here. `/incident list all` shows every incident."""


class WhichIncident(BotError):
    """This isn't an incident's channel. Say which one, e.g. `/incident {example} …`: {candidates}."""


class NoneOpen(BotError):
    """This isn't an incident's channel, and none fits `{command}` now. `/incident list all` shows all."""


class IllegalTransition(BotError):
    """{ref} is {status}. From there it can become {possible}."""


class AlreadyThere(BotError):
    """{ref} is {status} already: <@{by}> was first."""


class ReasonMissing(BotError):
    """Reopening {ref} needs a reason, e.g. `/incident reopen the errors are back`."""

    field = "why"


class AlreadyLed(BotError):
    """<@{by}> has taken command of {ref} already. To take over: `/incident lead`."""


class PrivacyDecided(BotError):
    """{ref} is {privacy}: <@{by}> already decided."""


class PrivacyMoot(BotError):
    """{ref} and its channel are both {privacy}: there is nothing to decide."""


class NothingToChange(BotError):
    """{ref} has that {what} already."""


class WhyWithoutChange(BotError):
    """The severity stays the same. Change it too, or leave this empty."""

    field = "why"


class TitleMissing(BotError):
    """A title needs at least one visible character."""

    field = "title"


class TitleTooLong(BotError):
    """A title has at most {limit} characters; this one has {length}."""

    field = "title"


class TextTooLong(BotError):
    """That is {length} characters long; please keep it to {limit}."""


class ProjectTooLong(BotError):
    """A project's name has at most {limit} characters; this one has {length}."""

    field = "project"


class OutdatedButton(BotError):
    """That button no longer works. `/incident` shows what can be done now."""


class NothingToRetry(BotError):
    """Nothing is left to retry."""


class UnknownItem(BotError):
    """There is no {ref} here. `/incident actions` shows what is to be done."""


class ItemTitleMissing(BotError):
    """Say what is to be done, e.g. `/incident action Raise the pool limit @ana due friday`."""

    field = "title"


class DueUnknown(BotError):
    """I can't read “{phrase}” as a date. Try 2026-12-24, friday, +3d, in 2 weeks, 5 dec or eom."""

    field = "due_date"


class DueAmbiguous(BotError):
    """That could be {one} or {other}: “{phrase}”. Please write the one that you mean."""

    field = "due_date"


class DuePassed(BotError):
    """{date} has passed. Please choose today or a later date."""

    field = "due_date"


class DueTooFar(BotError):
    """{date} is more than five years away. Please choose an earlier date."""

    field = "due_date"


class ItemIs(BotError):
    """{ref} is {status}. From there it can become {possible}."""


class ItemChanged(BotError):
    """Meanwhile <@{by}> changed this to “{value}”. Keep that, or open the form again to change it."""


class NotAdmin(BotError):
    """Only admins of this workspace can change Muster's settings. Please ask one of them."""


class SettingsChanged(BotError):
    """<@{by}> changed the settings meanwhile. Please open the form again."""


class LadderUnreadable(BotError):
    """Write whole days between -60 and 60, separated by commas: -3, -1, 0, 1, 3, 7. At most 12 of them."""

    field = "ladder"


class NoWorkingDay(BotError):
    """Choose at least one working day."""

    field = "working_days"


class CountryUnknown(BotError):
    """I don't know the country “{typed}”. Use its two letters, e.g. DE, GB or US, or leave this empty."""

    field = "country"


class DaysOffUnreadable(BotError):
    """I can't read “{typed}” as a date. Write one per line, like 2026-12-24; at most 100."""

    field = "days_off"


class UnknownAnalysis(BotError):
    """There is no {ref} here. `/incident whys` lists what was asked."""


class ProblemMissing(BotError):
    """Say in a sentence what happened, e.g. “Checkout was down for ten minutes”."""

    field = "problem"


class ProblemTooLong(BotError):
    """A problem has at most {limit} characters; this one has {length}."""

    field = "problem"


class AlreadyAsked(BotError):
    """{ref} asks that already. Answer there, or ask about something else."""

    field = "problem"


class AnalysisOver(BotError):
    """{ref} is {status}. Take it up again first, e.g. from `/incident whys`."""


class NotInTree(BotError):
    """That answer isn't part of {ref} any more. The buttons below the latest question are up to date."""


class MovedOn(BotError):
    """{ref} has moved on since. The buttons below the latest question are up to date."""


class NothingToUndo(BotError):
    """There is nothing left to undo in {ref}."""


class NoWhysHere(BotError):
    """This isn't the thread of a five-whys session. `/incident whys` lists them, or starts one."""


class RootCauseMissing(BotError):
    """Say what the root cause is, e.g. `root cause: the pool has no limit`."""


class NoPostmortem(BotError):
    """{ref} has no postmortem yet. `/incident postmortem {ref}` starts it."""


class PostmortemFinal(BotError):
    """The postmortem of {ref} is completed. Reopen it first, and it can be changed again."""


class PostmortemIncomplete(BotError):
    """Still missing: {missing}. Add it, or say here why the postmortem is complete anyway."""

    field = "despite"


class NotResolved(BotError):
    """{ref} isn't resolved yet. Write on; the postmortem can be completed after that."""

    field = "despite"


class SectionChanged(BotError):
    """<@{by}> has changed this meanwhile. It is shown above: merge it into yours, and save again."""

    field = "text"


class LessonChanged(BotError):
    """<@{by}> has changed this lesson meanwhile to “{current}”. Open it again to change it."""

    field = "lesson"


class LessonMissing(BotError):
    """Say what was learned, in a sentence."""

    field = "lesson"


class EventMissing(BotError):
    """Choose an event, or say what happened."""

    field = "text"


class EventOutOfTime(BotError):
    """An event of {ref} lies between its declaration and now."""

    field = "at"


class TooMany(BotError):
    """That are more than {most} {what}. Please put some together."""


class UnknownRevision(BotError):
    """There is no revision {number} of this postmortem."""


class NoCalendar(BotError):
    """No calendar is connected. Whoever runs me sets `GOOGLE_TOKEN_FILE` or `GOOGLE_SERVICE_ACCOUNT_FILE`."""


class NoAddress(BotError):
    """Slack doesn't tell me your e-mail address, so I can't find your calendar."""


class BlockUnreadable(BotError):
    """I can't read “{typed}” as a length of time. Say it like `2h`, `90m` or `1h 30m`, then who."""


class BlockLength(BotError):
    """A block takes from 15 minutes to 8 hours."""


class UnknownBlock(BotError):
    """This time block isn't there any more."""


class NotYourBlock(BotError):
    """This is somebody else's calendar: only they can say."""


class BlockOver(BotError):
    """This time block is over. `/incident block` makes another one."""


class NotActive(BotError):
    """{ref} is {status}: there is nothing to block time for."""


class UnknownMeeting(BotError):
    """This meeting isn't there any more. `/incident meet` arranges another one."""


class MeetingIs(BotError):
    """The meeting is {status} by now. Its message shows what can be done."""


class MeetingThere(BotError):
    """{ref} has a meeting already. Its message in the channel shows it, and what can be done."""


class NobodyInvited(BotError):
    """Choose at least one person who has to be there."""

    field = "required"


class TooManyInvited(BotError):
    """At most {most} people can be invited."""

    field = "required"


class OutsiderInvited(BotError):
    """<@{person}> is not in the channel of this private incident, so they can't be invited."""

    field = "required"


class LengthOdd(BotError):
    """A meeting takes 30, 45 or 60 minutes."""

    field = "minutes"


class WindowPassed(BotError):
    """This day is over. Choose today or a later one."""

    field = "window_to"


class WindowReversed(BotError):
    """The last day lies before the first one."""

    field = "window_to"


class WindowTooLong(BotError):
    """Look at no more than 60 days at once."""

    field = "window_to"


class TimePassed(BotError):
    """This time is over. Pick a later one."""

    field = "at"


class DayReversed(BotError):
    """The working day ends after it begins. Choose a later hour."""

    field = "until"

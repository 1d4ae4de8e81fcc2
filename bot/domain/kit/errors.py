"""Every failure whose reason the user can act on.

The docstring of each class is the sentence that the user reads; :mod:`bot.views.kit.errors` fills in its
``{fields}``, escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType


class BotError(Exception):
    """That isn't possible."""

    field: str | None = None
    """The form's input that the sentence belongs to; ``None`` is the form as a whole."""
    offers: Mapping[str, str] = MappingProxyType({})
    """Commands that the person may have meant, each with the label of the button that runs it."""
    is_question: bool = False
    """Whether the sentence asks whether to do it; then there is a *Cancel* button as well."""

    def __init__(self, **values: object) -> None:
        super().__init__(type(self).__name__)
        self.values: Mapping[str, str] = {name: str(value) for name, value in values.items()}


class NotSaved(BotError):
    """The database is busy. Nothing was saved, so please try again in a moment."""


class AlreadyRunning(BotError):
    """Another Muster is already using {path}. Stop it first, or use PostgreSQL to run several."""


class DatabaseUnusable(BotError):
    """The database can't be used: {why}. Check `DATABASE_URL`."""


class NothingToBackUp(BotError):
    """There is no Muster data in {place}. Check DATABASE_URL."""


class DatabaseNewer(BotError):
    """A newer version of Muster wrote the data in {place}. Use that version."""


class NotWritten(BotError):
    """{path} can't be written: {why}."""


class NotABackup(BotError):
    """{path} isn't a complete backup of Muster. Perhaps it was cut short. Nothing was changed."""


class BackupDamaged(BotError):
    """{path} is damaged: {what} differs from what was saved. Nothing was changed."""


class BackupNewer(BotError):
    """A newer version of Muster made {path}. Restore it with that version. Nothing was changed."""


class BackupOfOtherEngine(BotError):
    """{path} is a backup of {found}, but DATABASE_URL names {wanted}. Nothing was changed."""


class PlaceNotEmpty(BotError):
    """There is already data in {place}. Choose a new file or an empty database. Nothing was changed."""


class PlaceInUse(BotError):
    """Muster is running on {place}. Stop it, wait a few seconds, and try again. Nothing was changed."""


class NoRoom(BotError):
    """Restoring takes about {needed} MB in {place}, but only {free} MB are free. Nothing was changed."""


class RestoreUnfinished(BotError):
    """A backup was only partly restored into this database. Empty it, and restore again."""


class UnknownPerson(BotError):
    """Nobody here is known as “{who}”. Use a person's member ID, such as U012AB3CD, or e-mail address."""


class NotErased(BotError):
    """That isn't the same ID. Nothing was erased."""


class TablesOlder(BotError):
    """The tables in {place} are from an older version. Run `--migrate`, then this again."""


class PortTaken(BotError):
    """Port {port} is already in use. Choose another PORT, or stop the program that uses it."""


class CannotMigrate(BotError):
    """The tables are from an older version, and DATABASE_URL's user may not change them.

    Start this version once with a user who owns the tables and may create new ones; after that, this user is
    enough.
    """


class NotAllowed(BotError):
    """Only full members of this workspace can do that. Please ask one of them."""


class CannotCheck(BotError):
    """I couldn't look up a Slack profile that I need for this. Please try again in a moment."""


class NobodyKnown(BotError):
    """<@{person}> isn't a full member of this workspace, so they can't take this on."""

    field = "assigned_to"


class UnknownCommand(BotError):
    """There is no command `{typed}`. `/incident help` lists all commands."""


class DidYouMean(BotError):
    """There is no command `{typed}`. Did you mean `{suggestion}`?"""


class DidYouMeanOneOf(BotError):
    """There is no command `{typed}`. Did you mean {suggestions}?"""


class Usage(BotError):
    """{problem} Usage: `{usage}`"""


class UnknownRef(BotError):
    """I can't find {ref}. `/incident list all` shows every incident that you can see."""


class RefNotStored(UnknownRef):
    """There is no {ref} in this database. Give an incident's number, e.g. INC-12."""


class WhichIncident(BotError):
    """Which incident do you mean: {candidates}? Name it, e.g. `/incident {example} …`."""


class NoneOpen(BotError):
    """There is no incident to use `{command}` on right now. `/incident list all` shows every incident."""


class IllegalTransition(BotError):
    """{ref} is {status}, so that step isn't possible."""


class StillActive(IllegalTransition):
    """{ref} is still {status}. Resolve it first: `/incident resolve {ref}`."""


class AlreadyClosed(IllegalTransition):
    """{ref} is {status}. To reopen it, say why, e.g. `/incident reopen {ref} the errors are back`."""


class NothingToReopen(IllegalTransition):
    """{ref} is {status}, so there is nothing to reopen."""


class AlreadyThere(BotError):
    """{ref} is already {status}: <@{by}> got there first."""


class AlreadySo(BotError):
    """{ref} is already {status}."""


class ReasonMissing(BotError):
    """Reopening {ref} needs a reason, e.g. `/incident reopen the errors are back`."""

    field = "why"


class AlreadyLed(BotError):
    """<@{by}> has already taken command of {ref}. To take over, type `/incident lead`."""


class AlreadyCommander(BotError):
    """<@{person}> is already the commander of {ref}."""


class UnknownRole(BotError):
    """There is no role “{typed}” in {ref}. The roles are: {names}."""


class RoleMeant(BotError):
    """There is no role “{typed}” in {ref}. Did you mean “{role}”?"""


class RoleMissing(BotError):
    """Say which role, e.g. `/incident role scribe @ana`. `/incident role` shows them all."""


class OneHolder(BotError):
    """Only one person can have a role. Mention just one."""


class RoleTaken(BotError):
    """<@{by}> got there first: they have the role “{role}” in {ref}."""

    field = "assigned_to"


class RoleGone(BotError):
    """The team no longer has the role “{role}”. Its holder in {ref} keeps it; nobody else can take it."""


class RoleHeld(BotError):
    """<@{person}> already has the role “{role}” in {ref}."""

    field = "assigned_to"


class RoleNotHeld(BotError):
    """You don't have the role “{role}” in {ref}, so there is nothing to give up."""


class RoleUnreadable(BotError):
    """I can't read “{typed}” as a role. Write its name and its duty, e.g. “Liaison: Talks to support”."""

    field = "roles"


class RoleNameTooLong(BotError):
    """A role's name can have at most {limit} characters; “{typed}” has {length}."""

    field = "roles"


class DutyTooLong(BotError):
    """A duty can have at most {limit} characters; that of “{role}” has {length}."""

    field = "roles"


class RoleTwice(BotError):
    """There are two roles called “{role}”. Give each its own name; {built_in} are already there."""

    field = "roles"


class TooManyRoles(BotError):
    """You can add up to {most} roles; that's {count}. Please combine some."""

    field = "roles"


class PrivacyDecided(BotError):
    """<@{by}> has already decided: {ref} is {privacy}."""


class PrivacyMoot(BotError):
    """{ref} and its channel are both {privacy}, so there is nothing to decide."""


class NothingToChange(BotError):
    """{ref} already has that {what}."""


class NoCall(BotError):
    """{ref} has no call."""


class CallUnusable(BotError):
    """That isn't a link to a call: {problem}. Use one like https://meet.example.com/room instead."""

    field = "call_link"


class MeetUnavailable(BotError):
    """I can't set up Google Meet calls with this calendar. Choose “The link below” instead."""

    field = "call_from"


class WhyWithoutChange(BotError):
    """The severity hasn't changed. Change it too, or leave this empty."""

    field = "why"


class TitleMissing(BotError):
    """A title needs at least one visible character."""

    field = "title"


class TitleTooLong(BotError):
    """A title can have at most {limit} characters; this one has {length}."""

    field = "title"


class TextTooLong(BotError):
    """That's {length} characters. Please keep it to {limit}."""


class ProjectTooLong(BotError):
    """A project's name can have at most {limit} characters; this one has {length}."""

    field = "project"


class ProjectNameMissing(BotError):
    """A project needs a name, e.g. “Checkout”."""

    field = "project"


class ProjectTwice(BotError):
    """There is already a project called “{name}”. Choose another name, or change that one."""

    field = "project"


class ProjectChanged(BotError):
    """<@{by}> changed this project in the meantime. Please open the form again."""


class UnknownProject(BotError):
    """There is no such project. `/incident projects` lists them."""


class NotAnId(BotError):
    """That isn't the ID of {what}: “{typed}”. An ID looks like {example}."""


class TooManyComers(BotError):
    """You can choose up to {most}; that's {count}."""


class EverybodyInvited(BotError):
    """Everybody on the list for {ref} has already been invited."""


class OwnerUnusable(BotError):
    """<@{person}> isn't a full member of this workspace. Choose people who are."""

    field = "people"


class GroupGone(BotError):
    """{group} no longer exists. Remove it, or choose another group."""

    field = "groups"


class TooManyOwners(BotError):
    """A project can have up to {people} people and {groups} groups as owners."""

    field = "people"


class LinkUnusable(BotError):
    """I can't use “{typed}”: {problem}. Write a name and a link, e.g. “Runbook https://wiki.example.com”."""

    field = "links"


class LinkNameTooLong(BotError):
    """A link's name can have at most {limit} characters; “{typed}” has {length}."""

    field = "links"


class LinksTooLong(BotError):
    """Together, these links have {length} characters. Please keep them to {limit}."""

    field = "links"


class TooManyLinks(BotError):
    """That's {count} links. Please keep it to {most}."""

    field = "links"


class OutdatedButton(BotError):
    """That button or form is out of date. `/incident` shows what you can do now."""


class NothingToRetry(BotError):
    """There is nothing left to retry."""


class UnknownItem(BotError):
    """I can't find {ref}. `/incident actions` lists the open action items that you can see."""


class DeclaredMeanwhile(BotError):
    """Somebody has declared {refs} since you opened this form. Declare yours only if it's a different one."""


class ItemMadeAlready(BotError):
    """This message is already {ref}: {title}. Create another one only if it's something else."""


class ItemTitleMissing(BotError):
    """Say what needs to be done, e.g. `/incident action Raise the pool limit @ana due friday`."""

    field = "title"


class DueUnknown(BotError):
    """I can't read “{phrase}” as a date. Try 2026-12-24, friday, +3d, in 2 weeks, 5 dec or eom."""

    field = "due_date"


class NoSuchDay(DueUnknown):
    """I can't read “{phrase}” as a date: {month} has at most {days} days."""


class WrongWeekday(DueUnknown):
    """I can't read “{phrase}” as a date: {is_on}, not a {wanted}."""


class DueAmbiguous(BotError):
    """Is “{phrase}” {one} or {other}? Please choose, or write the date like 2026-12-24."""

    field = "due_date"
    days: tuple[date, ...] = ()


class DuePassed(BotError):
    """{date} has passed. Please choose today or a later date."""

    field = "due_date"


class DueTooFar(BotError):
    """{date} is more than five years away. Please choose an earlier date."""

    field = "due_date"


class ItemIs(BotError):
    """{ref} is {status}. Reopen it first."""


class ItemChanged(BotError):
    """<@{by}> changed this to “{value}” in the meantime. Keep that, or open the form again to change it."""


class NotAdmin(BotError):
    """Only admins of this workspace can change Muster's settings. Please ask one of them."""


class SettingsChanged(BotError):
    """<@{by}> changed the settings in the meantime. Please open the form again."""


class SetByFile(BotError):
    """The file `{file}` sets this, so it can't be changed here. Ask whoever runs this bot to change it."""


class NotAnOption(BotError):
    """I can't use “{typed}” here. Choose from {options}."""


class LadderUnreadable(BotError):
    """Write up to 12 whole numbers from -60 to 60, separated by commas, e.g. -3, -1, 0, 1, 3, 7."""

    field = "ladder"


class NoWorkingDay(BotError):
    """Choose at least one working day."""

    field = "working_days"


class CountryUnknown(BotError):
    """I don't know the country “{typed}”. Use its two-letter code, e.g. DE or US, or leave this empty."""

    field = "country"


class DaysOffUnreadable(BotError):
    """I can't read “{typed}” as a date. Write up to 100 dates, one per line, e.g. 2026-12-24."""

    field = "days_off"


class TextsKeptUnreadable(BotError):
    """Write a time from 30 days to 10 years, e.g. 90 days or 18 months, or leave this empty."""

    field = "texts_kept"


class UnknownAnalysis(BotError):
    """I can't find {ref}. `/incident whys` lists the sessions that you can see."""


class ProblemMissing(BotError):
    """Say in a sentence what happened, e.g. “Checkout was down for ten minutes”."""

    field = "problem"


class ProblemTooLong(BotError):
    """A problem can have at most {limit} characters; this one has {length}."""

    field = "problem"


class AlreadyAsked(BotError):
    """{ref} already asks that. Answer there, or ask about something else."""

    field = "problem"


class AnalysisOver(BotError):
    """{ref} is {status}. Resume it first, e.g. from `/incident whys`."""


class NotInTree(BotError):
    """That answer is no longer part of {ref}. Please use the buttons below the latest question."""


class MovedOn(BotError):
    """{ref} has moved on. Please use the buttons below the latest question."""


class NothingToUndo(BotError):
    """There is nothing left to undo in {ref}."""


class NoWhysHere(BotError):
    """This isn't a five-whys thread. `/incident whys` lists the sessions, or starts one."""


class RootCauseMissing(BotError):
    """Say what the root cause is, e.g. `root cause: the pool has no limit`."""


class NoPostmortem(BotError):
    """{ref} has no postmortem yet. `/incident postmortem {ref}` starts one."""


class PostmortemThere(BotError):
    """{ref} already has a postmortem. `/incident postmortem {ref}` shows it."""


class PostmortemFinal(BotError):
    """The postmortem of {ref} is complete. To change it, reopen it first."""


class PostmortemIncomplete(BotError):
    """Still missing: {missing}. Add what is missing, or say here why the postmortem is complete anyway."""

    field = "despite"


class NotResolved(BotError):
    """{ref} isn't resolved yet. You can keep writing, and complete the postmortem once it is."""

    field = "despite"


class SectionChanged(BotError):
    """<@{by}> changed this in the meantime. Their text is above: merge it into yours, and save again."""

    field = "text"


class LessonChanged(BotError):
    """<@{by}> changed this lesson to “{current}” in the meantime. Open it again to change it."""

    field = "lesson"


class LessonMissing(BotError):
    """Say in a sentence what was learned."""

    field = "lesson"


class EventMissing(BotError):
    """Choose an event, or say what happened."""

    field = "text"


class EventNotHidden(BotError):
    """To hide an event, choose it and leave its text and time empty."""

    field = "shown"


class EventOutOfTime(BotError):
    """Choose a time between the declaration of {ref} and now."""

    field = "at"


class TooMany(BotError):
    """That's more than {most} {what}. Please combine some."""


class UnknownRevision(BotError):
    """This postmortem has no revision {number}."""


class NoCalendar(BotError):
    """No calendar is connected. Ask whoever runs this bot to connect one."""


class NoAddress(BotError):
    """I can't see your e-mail address in Slack, so I can't find your calendar.

    Ask whoever runs this bot to grant the scope `users:read.email`.
    """


class BlockUnreadable(BotError):
    """I can't read “{typed}” as a length of time. Try `2h`, `90m` or `1h 30m`, with any mentions after it."""


class BlockLength(BotError):
    """A time block can last from 15 minutes to 8 hours."""


class UnknownBlock(BotError):
    """This time block no longer exists."""


class NotYourBlock(BotError):
    """This time block is in somebody else's calendar, so only they can change it."""


class BlockOver(BotError):
    """This time block is over. `/incident block` makes a new one."""


class NotActive(BotError):
    """{ref} is {status}, so there is nothing to block time for."""


class UnknownMeeting(BotError):
    """This meeting no longer exists. `/incident meet` arranges a new one."""


class MeetingIs(BotError):
    """That's no longer possible for this meeting. Its message shows what you can do."""


class MeetingThere(BotError):
    """{ref} already has a meeting. Its message in the channel shows when it is, and what you can do."""


class NobodyInvited(BotError):
    """Choose at least one person who must attend."""

    field = "required"


class TooManyInvited(BotError):
    """You can invite up to {most} people."""

    field = "required"


class OutsiderInvited(BotError):
    """<@{person}> isn't in the channel of this private incident, so they can't be invited."""

    field = "required"


class LengthOdd(BotError):
    """A meeting can last 30, 45 or 60 minutes."""

    field = "minutes"


class WindowPassed(BotError):
    """This day has passed. Choose today or a later day."""

    field = "window_to"


class WindowReversed(BotError):
    """The latest day is before the earliest one."""

    field = "window_to"


class WindowTooLong(BotError):
    """Choose a span of up to 60 days."""

    field = "window_to"


class TimePassed(BotError):
    """This time has passed. Choose a later one."""

    field = "at"


class DayReversed(BotError):
    """The working day has to end after it starts. Choose a later hour."""

    field = "until"


class UpdateMissing(BotError):
    """Say in a sentence what you know, e.g. “A third of all payments fail”."""

    field = "known"


class UpdatedMeanwhile(BotError):
    """<@{by}> sent update {number} in the meantime. Send yours only if it adds something."""

    field = "known"


class UpdateSent(BotError):
    """<@{by}> has already sent update {number} on {ref}."""


class NoUpdateDue(BotError):
    """{ref} is {status}, so no update is due."""


class NotYourUpdate(BotError):
    """Only <@{by}>, who wrote this update, and the commander of {ref} can correct it."""


class UpdateCorrected(BotError):
    """<@{by}> corrected this update in the meantime. Open the form again to see what it says now."""

    field = "known"


class NobodyPaged(BotError):
    """Mention the people or user groups to page and say why, e.g. `/incident page @ana the disk is full`."""

    field = "people"


class PageWhyMissing(BotError):
    """Say in a sentence why you need them, e.g. `/incident page @ana the disk is full`."""

    field = "why"


class OnlyYourself(BotError):
    """You're already here. Mention somebody else to page."""

    field = "people"


class CannotPage(BotError):
    """<@{person}> isn't a full member of this workspace, so I can't page them."""

    field = "people"


class GroupUnknown(BotError):
    """I don't know who is in {group}: it may be gone, or hidden from me. Mention people instead."""

    field = "groups"


class GroupEmpty(BotError):
    """There is nobody in {group} whom I could page. Mention people instead."""

    field = "groups"


class TooManyPaged(BotError):
    """You can page up to {most} people at once; that's {count}. Name those you need most."""

    field = "people"


class PageOver(BotError):
    """{ref} is {status}, so nobody is paged. Reopen it first if you need people again."""

    field = "people"


class OutsidersPaged(BotError):
    """{ref} is private, and <@{person}>{others} can't see it. Invite them? They'll see everything in it."""

    field = "people"
    is_question = True


class PagedRecently(BotError):
    """<@{by}> paged <@{person}>{others} less than {minutes} minutes ago. Page again?"""

    field = "people"
    is_question = True


class NotPaged(BotError):
    """This page in {ref} was for somebody else, so there is nothing for you to answer."""


class ChecklistNameMissing(BotError):
    """Give the checklist a name, e.g. “First minutes”."""

    field = "checklist_name"


class ChecklistNameTooLong(BotError):
    """A checklist's name can have at most {limit} characters; this one has {length}."""

    field = "checklist_name"


class ChecklistTwice(BotError):
    """There are two checklists called “{name}”. Give each its own name."""

    field = "checklist_name"


class ChecklistEmpty(BotError):
    """Write what has to be done, one thing per line, e.g. “Post on the status page (15 min)”."""

    field = "checklist_lines"


class ChecklistTooLong(BotError):
    """A checklist can have up to {most} lines; this one has {count}. Split it into several checklists."""

    field = "checklist_lines"


class LineTooLong(BotError):
    """A line can have at most {limit} characters; “{typed}” has {length}."""

    field = "checklist_lines"


class MinutesOdd(BotError):
    """I can't use the time in “{typed}”. Write one from 1 minute to 24 hours, e.g. (15 min) or (2 h)."""

    field = "checklist_lines"


class TooManyChecklists(BotError):
    """There can be up to {most} checklists; that's {count}. Delete one that is no longer needed."""

    field = "checklist_name"


class NoChecklists(BotError):
    """There are no checklists yet. Admins can add some with `/incident settings`."""


class UnknownChecklist(BotError):
    """There is no checklist “{typed}”. The checklists are: {names}."""


class ChecklistMeant(BotError):
    """There is no checklist “{typed}”. Did you mean “{name}”?"""


class LineTicked(BotError):
    """<@{by}> has already ticked “{line}”."""


class LineOpen(BotError):
    """Nobody has ticked “{line}”, so there is nothing to undo."""


class LineIsItem(BotError):
    """There is already an action item for “{line}”: {ref}."""

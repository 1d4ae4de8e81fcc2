"""The sandbox's control API: everything that people do in Slack, as JSON over HTTP, for scripts and the page.

All routes are under ``/_control/``. A POST takes a JSON object; arguments may also be in camelCase. Channels
and people are given by id or name: ``C0GENERAL``, ``general``, ``#general``; ``U0ANA``, ``ana``,
``Ana Alvarez``. The answer is 200 ``{"ok": true, …}``, or, if Slack's client wouldn't let the person do it,
4xx ``{"ok": false, "error": "not_in_channel", "detail": "Ana …"}``. If the app was called but didn't answer
within 3 seconds, the answer is 200 with ``problem``: what the person saw. For example::

    curl -s localhost:PORT/_control/message -d '{"channel": "general", "user": "ana", "text": "Hello @ben"}'
    {"ok": true, "ts": "1764000000.000100", "channel": "C0GENERAL"}

Messages
    POST message {channel, user, text, thread_ts?, broadcast?, files?: [{name, content?}]} -> {ts, channel}
        {"channel": "inc-1", "user": "ana", "text": "See @ben", "files": [{"name": "a.txt", "content": "x"}]}
        Text is as typed: ``@ana``, ``#general``, ``@here`` and URLs become references, ``<`` is just ``<``.
    POST message {channel, text, as_bot: name, thread_ts?, files?, attachments?, blocks?}: another bot posts
        {"channel": "ops-alerts", "text": "5xx at 4 %", "as_bot": "Nightwatch"}
    POST edit-message {channel, ts, user, text}
        {"channel": "general", "ts": "1764000000.000100", "user": "ana", "text": "Hello all"}
    POST edit-message {channel, ts, as_bot: name, text?, attachments?, blocks?}: a bot updates its own
        {"channel": "ops-alerts", "ts": "1764000000.000100", "as_bot": "Nightwatch", "attachments": []}
    POST forward {channel, user, source, ts, text?, thread_ts?} -> {ts, channel}
        {"channel": "inc-1", "user": "ana", "source": "ops-alerts", "ts": "1764000000.000100", "text": "Look"}
    POST start-huddle {channel, user} -> {ts, channel}
        {"channel": "inc-1", "user": "ana"}
    POST end-huddle {channel, user, ts, minutes, people?}
        {"channel": "inc-1", "user": "ana", "ts": "1764000000.000100", "minutes": 25, "people": ["ben"]}
    POST delete-message {channel, ts, user}
        {"channel": "general", "ts": "1764000000.000100", "user": "ana"}
    POST reaction {channel, ts, user, name, present? = true} -> {changed}
        {"channel": "general", "ts": "1764000000.000100", "user": "ana", "name": "pushpin", "present": true}
    POST pin {channel, ts, user, present? = true} -> {changed}
        {"channel": "general", "ts": "1764000000.000100", "user": "ana", "present": false}
    POST read {channel, user, ts}
        {"channel": "general", "user": "ana", "ts": "1764000000.000100"}
    GET messages/{channel}?user=ana -> {channel, messages: [Slack's message objects]}
        Oldest first, with replies; with ``user``, also what only they see (marked ``ephemeral_to``).

The app
    POST command {channel, user, command, text?, thread_ts?} -> {response, problem?}
        {"channel": "general", "user": "ana", "command": "/incident", "text": "list"}
        ``response`` is the body of the app's ack, which is also shown in the channel.
    POST shortcut {callback_id, user, channel?, ts?} -> {problem?}
        {"callback_id": "declare_incident", "user": "ana"}; a message shortcut needs ``channel`` and ``ts``
    POST interact {user, action, channel + message_ts | view, block?, value?, values?} -> {dispatched, …}
        {"channel": "inc-1", "message_ts": "1764000000.000100", "user": "ana", "action": "resolve"}
        {"view": "modal", "user": "ana", "action": "severity", "selected_option": "high"}
        ``action`` is an action_id; ``view`` is a view id, "modal" (the topmost) or "home"; ``block`` is the
        block_id, needed if several blocks have the action; ``value`` (or ``selected_option``,
        ``selected_user``, …) is the choice: an option's value or label, a name, a date; ``values`` are those
        of the rest of the form.
    POST suggest {user, action, value?, view | channel + message_ts, block?} -> {options | option_groups}
        {"view": "modal", "user": "ana", "action": "project", "value": "pay"}
    POST view-submit {user, values?, view?} -> {} | {errors: {block_id: text}} | {problem}
        {"user": "ana", "values": {"title": "Database is slow", "severity": "high", "people": ["ben"]}}
        Keys are action_ids, or block_ids with {action_id: value}; fields that are left out stay as on screen.
    POST view-close {user, everything?} -> {problem?}
        {"user": "ana"}; ``everything`` closes the whole stack, not only the topmost modal
    POST open-home {user}
        {"user": "ana"}
    GET view/{user} -> {modals: [view, …], home: view | null}
        Views as Slack sends them to the app, with their ``state``, plus ``errors`` and ``notice``; the
        topmost modal is last.

Channels and people
    POST join {channel, user, inviter?} -> {changed}
        {"channel": "general", "user": "ana"}
    POST leave {channel, user} -> {changed}
        {"channel": "general", "user": "ana"}
    POST create-channel {name, user, private?} -> {channel}
        {"name": "war-room", "user": "ana"}
    POST rename-channel {channel, user, name}
        {"channel": "war-room", "user": "ana", "name": "peace-room"}
    POST archive {channel, user, present? = true} -> {changed}
        {"channel": "random", "user": "ana", "present": true}
    POST convert-channel {channel, user, private} -> {changed}
        {"channel": "war-room", "user": "ana", "private": true}: the user must be an admin in the channel, or
        its creator to make it private
    POST share-channel {channel, user, team?} -> {channel}
        {"channel": "war-room", "user": "ana"}: shared by Slack Connect; a private channel gets another id
    POST delete-channel {channel, user}
        {"channel": "war-room", "user": "ana"}: the user must be an admin
    POST open-dm {user} -> {channel}
        {"user": "ana"}: the direct message with the app
    POST person {user, name?, real_name?, tz?, email?, is_admin?, is_restricted?, deleted?, add?} -> {user}
        {"user": "ben", "tz": "Asia/Tokyo"}; {"user": "zoe", "add": true, "real_name": "Zoe Zimmer"}
    POST user-group {handle, user, name?, was?, members?, disabled?} -> {group}
        {"handle": "oncall", "user": "ana"}; {"handle": "on-call", "user": "ana", "was": "oncall"} renames it

Google Calendar; a calendar is given by its e-mail address or its owner's handle
    GET calendar/{calendar} -> {calendar, events: [Google's event objects, cancelled ones too]}
    POST calendar-event {calendar, summary, start, end, description?, transparency?, attendees?} -> {id}
        {"calendar": "ben", "summary": "Dentist", "start": "2026-11-24T09:00:00+00:00", "end": "…"}
    POST calendar-change {calendar, event, summary?, start?, end?}
        {"calendar": "team", "event": "…", "start": "2026-11-24", "end": "2026-11-25"}: all day on the 24th
    POST calendar-delete {calendar, event}
    POST calendar-invite {calendar, event, guest}
    POST calendar-respond {user, event, response: "accepted" | "declined" | "tentative"}
    POST calendar-invitations {user, added: "everyone" | "known" | "email"}
        {"user": "ben", "added": "email"}: Ben's calendar shows what he has answered in the invitation's mail
    POST calendar-share {calendar, email, role: "none" | "freeBusyReader" | "reader" | "writer"}
    GET calendar-mails -> {mails: [{to, kind: "invitation" | "update" | "cancellation", event_id, summary}]}
    POST google-revoke {}: the account withdraws its consent, so the app's token no longer works
    POST google-grant {scopes: [address, …]}: what the app may do, if it asks for it; its tokens have expired
    POST google-expire {}: all access tokens have expired
    POST google-forget-sync {}: all sync tokens have expired

The machine
    POST bot {action: "start" | "stop" | "kill", after?} -> {bot}
        {"action": "kill"}; {"action": "kill", "after": "conversations.create"}: once it has called that, in
        the next 10 seconds, and before it gets the answer
    POST request-url {urls: [address, …]} -> {urls}
        {"urls": ["http://127.0.0.1:3000/slack/events"]}: deliver over HTTP, to several in turn; an empty
        list means Socket Mode again. Each URL must answer the challenge.
    POST faults {faults: [fault, …]} -> {faults}
        {"faults": [{"method": "chat.postMessage", "effect": "429", "times": 2}]}
        Replaces all faults; ``[]`` clears them. :mod:`sandbox.faults` describes them.
    GET faults -> {faults: [{…, seen, struck}]}
    POST greeting {folded?, dismissed?} -> {done, folded, dismissed}
        {"dismissed": true}: the panel that greets newcomers doesn't come back
    POST reset
        {}: start from the seed again
    GET state -> {team, bot, people, channels, modals, homes}
    GET log?since=N -> {entries: [{n, kind: "call" | "delivery", name, started, ended, …}]}
        Every Web API call and every delivery after entry N, tokens masked.

Elsewhere, ``POST /response/{id}`` is a ``response_url`` that the app can answer at, and ``GET /files/{id}``
returns the content of a file that somebody shared.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.control import app as app_acts
from sandbox.control import calendar, channels, machine, messages, sharing, workspace
from sandbox.control.outside import add_outside
from sandbox.control.routing import Desk, Handler, endpoint, unknown_route

ROUTES: dict[tuple[str, str], Handler] = {
    ("POST", "message"): messages.post,
    ("POST", "edit-message"): messages.edit,
    ("POST", "delete-message"): messages.delete,
    ("POST", "forward"): sharing.forward,
    ("POST", "start-huddle"): sharing.start_huddle,
    ("POST", "end-huddle"): sharing.end_huddle,
    ("POST", "reaction"): messages.react,
    ("POST", "pin"): messages.pin,
    ("POST", "read"): messages.read,
    ("GET", "messages/{channel}"): messages.listing,
    ("POST", "command"): app_acts.command,
    ("POST", "shortcut"): app_acts.shortcut,
    ("POST", "interact"): app_acts.interact,
    ("POST", "suggest"): app_acts.suggest,
    ("POST", "view-submit"): app_acts.view_submit,
    ("POST", "view-close"): app_acts.view_close,
    ("POST", "open-home"): app_acts.open_home,
    ("GET", "view/{user}"): app_acts.views,
    ("POST", "join"): channels.join,
    ("POST", "leave"): channels.leave,
    ("POST", "create-channel"): channels.create,
    ("POST", "rename-channel"): channels.rename,
    ("POST", "archive"): channels.archive,
    ("POST", "convert-channel"): channels.convert,
    ("POST", "share-channel"): channels.share,
    ("POST", "delete-channel"): channels.delete,
    ("POST", "open-dm"): channels.open_dm,
    ("POST", "person"): workspace.person,
    ("POST", "user-group"): workspace.user_group,
    ("GET", "calendar/{calendar}"): calendar.calendar,
    ("POST", "calendar-event"): calendar.add_event,
    ("POST", "calendar-change"): calendar.change_event,
    ("POST", "calendar-delete"): calendar.delete_event,
    ("POST", "calendar-invite"): calendar.invite,
    ("POST", "calendar-respond"): calendar.respond,
    ("POST", "calendar-invitations"): calendar.invitations,
    ("POST", "calendar-share"): calendar.share,
    ("GET", "calendar-mails"): calendar.mails,
    ("POST", "google-revoke"): calendar.revoke,
    ("POST", "google-grant"): calendar.grant,
    ("POST", "google-expire"): calendar.expire,
    ("POST", "google-forget-sync"): calendar.forget_sync,
    ("POST", "bot"): machine.bot,
    ("POST", "request-url"): machine.request_url,
    ("POST", "faults"): machine.set_faults,
    ("GET", "faults"): machine.get_faults,
    ("POST", "greeting"): machine.greeting,
    ("POST", "reset"): machine.reset,
    ("GET", "state"): workspace.state,
    ("GET", "log"): machine.log,
}


def add_control(app: web.Application, sandbox: Any) -> None:
    """Add the control API, and the URLs that it gives out, to the sandbox's application."""
    desk = Desk(sandbox.interactions, sandbox)
    for (method, path), handler in ROUTES.items():
        app.router.add_route(method, f"/_control/{path}", endpoint(desk, handler))
    app.router.add_route("*", "/_control/{path:.*}", unknown_route)
    add_outside(app, desk)

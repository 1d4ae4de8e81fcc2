"""Slash commands, and the entries of the shortcuts and message menus."""

from __future__ import annotations

from sandbox.interactions import payloads
from sandbox.interactions.answers import as_body, post_answer
from sandbox.interactions.composer import composed
from sandbox.interactions.context import (
    Interactions,
    RefusedError,
    channel_where,
    message_at,
    person_who_acts,
)
from sandbox.interactions.response_urls import Origin
from sandbox.rules import SlackError
from sandbox.workspace.manifest import Shortcut
from sandbox.workspace.model import Channel, Json, Message, Person
from sandbox.workspace.shapes import message_json


async def run_command(
    here: Interactions, *, user: str, channel: str, command: str, text: str, thread_ts: str | None = None
) -> Json:
    """Type a slash command. Returns ``{"response": the ack's body}``, with ``problem`` if it failed.

    Raises :class:`RefusedError` if Slack's client refuses: in a thread, an unknown command, or a channel
    where the person can't post. The app's answer is posted; if it fails, Slackbot says so.
    """
    person = person_who_acts(here.store, user)
    if thread_ts:
        raise RefusedError("not_in_thread", f"{command} is not supported in threads. Sorry!")
    known = here.store.manifest.commands.get(command)
    if known is None:
        raise RefusedError("unknown_command", f"{command} is not a valid command.")
    place = channel_where(here.store, channel, person)
    url = here.response_url(place, person)
    sent = composed(here.store, text, labelled=True) if known.should_escape else text
    payload = payloads.slash_command(here.act(person), place, command, sent.strip(), url)
    delivery = await here.store.deliver("slash_commands", payload)
    problem = here.problem(delivery)
    if problem:
        here.tell(place, person, f'{command} failed with the error "dispatch_failed". {problem}')
        return {"response": None, "problem": problem}
    return _show(here, place, person, command, delivery.body)


def _show(here: Interactions, place: Channel, person: Person, command: str, answer: object) -> Json:
    try:
        body = as_body(answer)
        if body is not None:
            post_answer(here.store, Origin(place.id, person.id), body)
    except SlackError as error:
        problem = f'{command} failed with the error "invalid_command_response": {error}'
        here.tell(place, person, problem)
        return {"response": answer, "problem": problem}
    return {"response": body}


async def run_shortcut(
    here: Interactions, *, user: str, callback_id: str, channel: str | None = None, ts: str | None = None
) -> Json:
    """Choose a global shortcut, or a message's shortcut. Returns ``{}`` or ``{"problem": …}``.

    Raises :class:`RefusedError` if the manifest has no such shortcut or its message isn't there.
    """
    person = person_who_acts(here.store, user)
    known = here.store.manifest.shortcuts.get(callback_id)
    if known is None:
        raise RefusedError("unknown_shortcut", f"The app has no shortcut {callback_id!r}.")
    place = channel_where(here.store, channel, person) if channel else None
    payload = _shortcut_payload(here, person, known, place, ts)
    problem = here.problem(await here.store.deliver("interactive", payload))
    if problem and place:
        here.tell(place, person, f"{known.name}: {problem}")
    return {"problem": problem} if problem else {}


def _shortcut_payload(
    here: Interactions, person: Person, known: Shortcut, place: Channel | None, ts: str | None
) -> Json:
    if known.type == "global":
        return payloads.shortcut(here.act(person), known.callback_id)
    if place is None or ts is None:
        raise RefusedError(
            "message_needed", f"{known.name!r} is a shortcut of a message: say channel and ts."
        )
    message = _acted_on(place, person, ts)
    shown = message_json(here.store, place, message)
    url = here.response_url(place, person, message)
    return payloads.message_action(here.act(person), known.callback_id, place, shown, url)


def _acted_on(place: Channel, person: Person, ts: str) -> Message:
    message = message_at(place, ts, person)
    if message.ephemeral_to is not None:
        raise RefusedError("ephemeral_message", "A message that only you can see has no shortcuts.")
    return message

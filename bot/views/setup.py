"""What ``python app.py --setup`` says."""

from __future__ import annotations

from collections.abc import Mapping

from bot.views.kit.message import Message, actions, button, section

PROOF = "setup_works"
_APPS = "https://api.slack.com/apps"
BEGIN = f"""This connects Muster to your workspace in about five minutes. Press Ctrl+C to stop at any time.
First, at {_APPS}, create an app from manifest.yml (--manifest prints it), and install it.
Each answer is checked with Slack right away. Tokens aren't shown."""
ASK_BOT_TOKEN = f"Bot token (xoxb-…), at {_APPS} in your app, under OAuth & Permissions: "
MAKE_APP_TOKEN = f"""Next, the app-level token, which only you can make: at {_APPS}, open your app,
and under Basic Information, App-Level Tokens, generate one with the scope connections:write."""
ASK_APP_TOKEN = "App-level token (xapp-…): "  # noqa: S105 - a question
ASK_PERSON = "Who are you? Your e-mail address in Slack, or your member ID (in your profile, under ⋮): "
NOBODY = "Nothing was entered."
NOT_A_PERSON = "That isn't an active member of the workspace."
OTHER_APP = "This token belongs to a different app than the bot token. Take both from the same app."
REINSTALL = (
    f"The app was installed with an older manifest. Update it from manifest.yml at {_APPS}, under App "
    "Manifest, reinstall it, and enter the bot token again."
)
OPTIONAL = (
    f"Muster works without these. To grant them, update the app from manifest.yml at {_APPS}, under App "
    "Manifest, and reinstall it."
)
NO_EMAILS = "Without the scope users:read.email, I can't look up e-mail addresses. Enter your member ID."
ALREADY_RUNNING = (
    "A bot is already running with this app. Stop it first, then start this again. Nothing was saved."
)
ASK_SIGNING_SECRET = f"Signing secret, at {_APPS} in your app, under Basic Information: "
NO_ADDRESS = "Give the address at which Slack reaches the bot, e.g. https://muster.example.com"
WAITING = "I've sent you a direct message. Please react to it with any emoji, then press its button."
REACTED = "The reaction has arrived, so events work. Now press the button."
NO_EVENTS = (
    f"No reaction has arrived. At {_APPS}, under Event Subscriptions and Socket Mode, check that both are "
    "on, and that the app was created from manifest.yml."
)
NO_CLICKS = f"No click has arrived. At {_APPS}, check that Interactivity and Socket Mode are on."
DONE = "Everything works. Start the bot (`make run` in a clone, else `muster`), then type /incident in Slack."
_REFUSALS: Mapping[str, str] = {
    "invalid_auth": "Slack doesn't know this token. Copy it again, or install the app.",
    "not_authed": "Slack doesn't know this token. Copy it again, or install the app.",
    "account_inactive": "The app was uninstalled. Install it, and copy the token again.",
    "token_revoked": "This token was revoked. Reinstall the app, and copy the token again.",
    "token_expired": "This token has expired. Switch token rotation off in the app, and reinstall it.",
    "missing_scope": "A scope is missing. Check the manifest, reinstall the app, and try again.",
    "user_not_found": "Slack knows nobody like that in this workspace. Try your member ID.",
    "users_not_found": "Slack knows nobody with that e-mail address in this workspace. Try your member ID.",
}
_NO_SOCKETS = "It lacks the scope connections:write. Generate another app-level token with that scope."
_OF_APP_TOKENS: Mapping[str, str] = {
    "invalid_auth": "Slack doesn't know this token. Copy it again, or generate another one.",
    "token_revoked": "This token was revoked. Generate another one.",
    "not_allowed_token_type": "It's the wrong kind of token. Generate one with connections:write.",
    "missing_scope": _NO_SOCKETS,
    "no_permission": _NO_SOCKETS,
    "socket_mode_not_enabled": "Socket Mode is off in this app. Switch it on.",
}
"""https://docs.slack.dev/reference/methods/apps.connections.open#errors"""


def connected(bot: str, team: str) -> str:
    """Which workspace the token belongs to, so that a mistake is noticed."""
    return f"This is {bot} in the workspace {team}."


def refused(code: str, *, is_app_token: bool = False) -> str:
    """Slack's refusal as a sentence."""
    return known_refusal(code, is_app_token=is_app_token) or f"Slack refuses it: {code}."


def known_refusal(code: str, *, is_app_token: bool = False) -> str:
    """What this refusal of a token means and what to do; empty if nobody knows the code."""
    known = {**_REFUSALS, **_OF_APP_TOKENS} if is_app_token else _REFUSALS
    return known.get(code, "")


def busy(code: str) -> str:
    """The line that says that Slack answers, but can't do it now."""
    return f"Slack can't answer now ({code}). Try again in a minute."


def unreachable(why: str) -> str:
    """The line that says that Slack can't be reached."""
    return f"Slack can't be reached ({why}). Check the network, HTTPS_PROXY and the certificates."


def written(path: str) -> str:
    """The line that says that the settings were saved."""
    return f"Saved both tokens in {path}, which only you can read."


def http_steps(path: str, address: str, *, is_clone: bool) -> str:
    """The text that says that the settings were saved, and what is left to do in HTTP mode."""
    run, command = ("make run", ".venv/bin/python app.py") if is_clone else ("muster", "muster")
    return f"""Saved the bot token and the signing secret in {path}, which only you can read. Next:
1. Start the bot with `{run}`, behind a proxy that forwards {address} to its port.
2. At {_APPS}, in your app, under App Manifest, replace the manifest with what this prints:
   {command} --manifest {address}
   Slack then checks the address; the bot answers.
3. Type /incident in Slack. `{command} --doctor` says which events have arrived."""


def not_written(path: str, why: str) -> str:
    """The line that says that the settings couldn't be saved."""
    return f"{path} can't be written ({why}), so nothing was saved."


def proof_message() -> Message:
    """The message whose reaction and click prove that the bot hears people."""
    text = "Hello! To check that I hear you, react to this message with any emoji, then press the button."
    return Message(text, (section(text), actions(button("It works", PROOF, "1", "primary"))))


def proved_message() -> Message:
    """The same message once both have arrived."""
    text = "I hear you: reactions and clicks arrive. `/incident declare` declares an incident."
    return Message(text, (section(text),))

"""The bot's credentials at Google: a service account, or an ordinary account that has logged in once."""

from __future__ import annotations

import glob
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.effects.failures import from_exception
from bot.effects.google.scopes import EVENTS, SCOPES, shortcoming
from bot.network import Network, in_words

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

_OF_SERVICE = ("client_email", "private_key", "token_uri")
_OF_USER = ("refresh_token", "client_id", "client_secret")
_HOW: Mapping[tuple[str, ...], str] = {_OF_USER: ": run Muster with `--google-login client_secret.json`"}
_DRAFT, _ABANDONED = ".new", 60
"""The ending of a draft's name, and the seconds after which nobody is writing it."""
_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address


class CredentialsUnusable(Exception):
    """The file can't be used; the text says why, without quoting the file."""


def service_account(path: str, subject: str) -> Callable[[], Credentials]:
    """A function that makes credentials for the service account with this key.

    They act as ``subject`` if it's given. Raises :class:`CredentialsUnusable`.
    """
    from google.oauth2.service_account import Credentials  # noqa: PLC0415

    from bot.effects.google.delegation import Delegated  # noqa: PLC0415

    kind = Delegated if subject else Credentials
    info = _read(path, _OF_SERVICE)
    if info.get("type") != "service_account":
        raise CredentialsUnusable(f"{path} isn't the key of a service account")

    def make() -> Credentials:
        made: Credentials = kind.from_service_account_info(info, scopes=list(SCOPES), subject=subject or None)
        return made

    try:
        make()
    except (ValueError, TypeError) as error:
        # A TypeError means that the key is encrypted.
        raise CredentialsUnusable(f"the private_key in {path} can't be read") from error
    return make


def user(path: str) -> Callable[[], Credentials]:
    """A function that makes credentials for the account that ``--google-login`` saved to the file.

    Raises :class:`CredentialsUnusable`.
    """
    from google.oauth2.credentials import Credentials  # noqa: PLC0415

    _read(path, _OF_USER)

    def make() -> Credentials:
        info = _read(path, _OF_USER)
        # Not `from_authorized_user_info`, which would ignore the file's URL for refreshing tokens.
        return Credentials(
            token=info.get("token"),
            refresh_token=info["refresh_token"],
            token_uri=info.get("token_uri") or _TOKEN_URI,
            client_id=info["client_id"],
            client_secret=info["client_secret"],
            # No scopes: a refreshed token then has those that were granted, whichever version asked for them.
            # Google refuses others ("invalid_scope"). https://datatracker.ietf.org/doc/html/rfc6749#section-6
        )

    return make


def shortcoming_of(path: str) -> str | None:
    """What is wrong with the rights that the file's tokens have, if anything.

    Each login saves which rights it was granted; ``None`` also if the file doesn't say. Raises
    :class:`CredentialsUnusable`.
    """
    granted = _read(path, _OF_USER).get("scopes")
    return shortcoming(granted) if isinstance(granted, list) else None


def keep(path: str, credentials: Any) -> None:
    """Save the account's tokens to the file atomically, readable only by its owner.

    If somebody has logged in again in the meantime, their tokens stay. Raises ``OSError``.
    """
    before: Mapping[str, Any] = {}
    with suppress(CredentialsUnusable):
        before = _read(path, _OF_USER)
        if before["refresh_token"] != credentials.refresh_token:
            return
    _write(path, {**before, **json.loads(credentials.to_json())})


def replace(path: str, credentials: Any) -> None:
    """Like :func:`keep`, but overwrites any tokens."""
    granted = {"scopes": list(credentials.granted_scopes)} if credentials.granted_scopes else {}
    _write(path, {**json.loads(credentials.to_json()), **granted})


def _write(path: str, content: Mapping[str, Any]) -> None:
    """Replace the file's content in one step, even if other processes do so at the same time.

    The draft is readable only by us, and its name is unique. A process id isn't: two containers that share a
    volume may have the same one.
    """
    target = Path(path)
    descriptor, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=_DRAFT, dir=target.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(content))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    _remove_old_drafts(target)


def _remove_old_drafts(target: Path) -> None:
    """Remove drafts left by processes that were killed, but none that somebody may be writing right now."""
    with suppress(OSError):
        # By the clock of the disk, which several machines may share.
        now = target.stat().st_mtime
        for each in target.parent.glob(f"{glob.escape(target.name)}.*{_DRAFT}"):
            if now - each.stat().st_mtime > _ABANDONED:
                each.unlink(missing_ok=True)


def log_in(client_secret: str, path: str, network: Network) -> str | None:
    """Ask for consent in a browser, and save the tokens; raises :class:`CredentialsUnusable`.

    Returns what is wrong with the rights that were granted, if anything: the page with Google's question lets
    people grant some and not others.
    https://developers.google.com/identity/protocols/oauth2/native-app
    """
    from google_auth_oauthlib.flow import InstalledAppFlow  # noqa: PLC0415
    from oauthlib.oauth2 import OAuth2Error  # noqa: PLC0415

    from bot.effects.google.login_transport import route  # noqa: PLC0415

    try:
        flow = InstalledAppFlow.from_client_secrets_file(client_secret, scopes=list(SCOPES))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CredentialsUnusable(
            f"{client_secret} isn't an OAuth client of the type “Desktop app”: "
            "download its JSON from the Google Cloud console"
        ) from error
    # Otherwise the library raises a bare `Warning` if not everything was granted.
    os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"  # noqa: S105 - not a secret
    route(flow.oauth2session, flow.client_config["token_uri"], network)
    try:
        # Without the prompt, Google gives no refresh token to an account that has agreed before.
        agreed = flow.run_local_server(port=0, access_type="offline", prompt="consent")
    except (OAuth2Error, OSError) as error:
        told = in_words(from_exception(error, "google").code)
        if told:
            raise CredentialsUnusable(told) from error
        # The error's message may contain the authorization code; its short name doesn't.
        word = getattr(error, "error", "") or type(error).__name__
        raise CredentialsUnusable(f"Google refused ({word})") from error
    granted = agreed.granted_scopes or agreed.scopes
    if EVENTS not in granted:
        raise CredentialsUnusable("Muster needs the right to change events: allow it on Google's page")
    try:
        replace(path, agreed)
    except OSError as error:
        raise CredentialsUnusable(f"{path} can't be written: {error.strerror}") from error
    return shortcoming(granted)


def _read(path: str, needed: tuple[str, ...]) -> Mapping[str, Any]:
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CredentialsUnusable(f"{path} doesn't exist{_HOW.get(needed, '')}") from error
    except OSError as error:
        raise CredentialsUnusable(f"{path} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise CredentialsUnusable(f"{path} isn't valid JSON") from error
    if not isinstance(found, dict):
        raise CredentialsUnusable(f"{path} contains no credentials")
    missing = [name for name in needed if not isinstance(found.get(name), str) or not found[name]]
    if missing:
        raise CredentialsUnusable(f"{path} has no {', '.join(missing)}")
    return found

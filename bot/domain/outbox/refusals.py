"""What Slack's error codes mean: for the call that was refused, and for the people who wait for it.

Slack adds codes without notice, so no list here is complete: a method that has another way takes it after any
final refusal, and the cause of an unknown code is guessed from what it looks like.
https://docs.slack.dev/apis/web-api/#evaluating-responses
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from fnmatch import fnmatchcase


class Meaning(Enum):
    """What a final refusal of a call means for what the bot was doing."""

    DONE = "done"
    """It is already as it should be."""
    REPLACE = "replace"
    """What the call is about is gone or fixed: make a new one."""
    FALL_BACK = "fall back"
    """There is another way to do it, or it can be left out."""
    FINAL = "final"
    """It can't be done, and people have to hear why."""


class Cause(Enum):
    """Why a call failed, as far as people can do something about it; views have the words."""

    PASSING = "passing"
    UNREACHABLE = "unreachable"
    TOKEN = "token"  # noqa: S105 - a cause, not a secret
    SCOPE = "scope"
    NOT_ALLOWED = "not allowed"
    PLAN = "plan"
    ARCHIVED = "archived"
    NOT_MEMBER = "not a member"
    NO_CHANNEL = "no channel"
    GONE = "gone"
    NAME = "name"
    GUEST = "guest"
    OUTSIDER = "outsider"
    NOBODY = "nobody"
    TOO_LONG = "too long"
    FULL = "full"
    CANVAS = "canvas"
    LACKING = "lacking"
    CALENDAR = "calendar"
    CALENDAR_BUSY = "calendar busy"
    CALENDAR_GONE = "calendar gone"
    SETUP = "setup"
    RESTORED = "restored"
    OTHER_VERSION = "other version"
    DEFECT = "defect"
    UNKNOWN = "unknown"


ANY = "*"
"""Every final refusal that isn't listed before it, except one of the token itself."""

MEANINGS: Mapping[str, Mapping[str, Meaning]] = {
    # The card shows the same call, or none.
    "bookmarks.add": {ANY: Meaning.FALL_BACK},
    "bookmarks.edit": {ANY: Meaning.FALL_BACK},
    "bookmarks.list": {ANY: Meaning.FALL_BACK},
    "bookmarks.remove": {ANY: Meaning.FALL_BACK},
    # A file in the channel takes the canvas's place.
    "canvases.edit": {ANY: Meaning.FALL_BACK},
    "conversations.canvases.create": {ANY: Meaning.FALL_BACK},
    "chat.delete": {"message_not_found": Meaning.DONE, "channel_not_found": Meaning.DONE},
    # A direct message takes its place.
    "chat.postEphemeral": {ANY: Meaning.FALL_BACK},
    "chat.update": {
        "message_not_found": Meaning.REPLACE,
        "cant_update_message": Meaning.REPLACE,
        "edit_window_closed": Meaning.REPLACE,
    },
    # Only tidies up a channel that is empty.
    "conversations.archive": {ANY: Meaning.FALL_BACK},
    # Another name, or the channel of that name that is already there.
    "conversations.create": {"name_taken": Meaning.FALL_BACK, "invalid_name*": Meaning.FALL_BACK},
    # A name that can't be looked up isn't compared.
    "conversations.info": {ANY: Meaning.FALL_BACK},
    "conversations.invite": {"already_in_channel": Meaning.DONE, "cant_invite_self": Meaning.DONE},
    # With the scope chat:write.public, the bot can post without joining.
    "conversations.join": {ANY: Meaning.FALL_BACK},
    # chat.postMessage accepts the person's own id, too, unless there is no such person.
    "conversations.open": {
        "user_disabled": Meaning.FINAL,
        "user_not_found": Meaning.FINAL,
        "user_not_visible": Meaning.FINAL,
        ANY: Meaning.FALL_BACK,
    },
    "conversations.rename": {"name_taken": Meaning.FALL_BACK, "invalid_name*": Meaning.FALL_BACK},
    # The earlier file stays.
    "files.delete": {ANY: Meaning.FALL_BACK},
    "files.list": {ANY: Meaning.FALL_BACK},
    "pins.add": {"already_pinned": Meaning.DONE},
    # A reply counts without its mark.
    "reactions.add": {"already_reacted": Meaning.DONE, ANY: Meaning.FALL_BACK},
    "reactions.remove": {"no_reaction": Meaning.DONE, ANY: Meaning.FALL_BACK},
    # A button that opens the form takes its place.
    "views.open": {ANY: Meaning.FALL_BACK},
}
"""Method -> code -> what it means there; whatever isn't listed is final. ``*`` stands for any
characters, and the first that fits counts."""

_CODES: Mapping[Cause, str] = {
    Cause.PASSING: "fatal_error internal_error service_unavailable request_timeout team_added_to_org "
    "org_login_required external_channel_migrating message_limit_exceeded update_failed "
    "fetch_members_failed file_update_failed canvas_editing_locked streaming_state_conflict "
    "database_busy ratelimited rate_limited",
    Cause.UNREACHABLE: "connection_refused TimeoutError URLError OSError gaierror SSLError IncompleteRead "
    "RemoteDisconnected ConnectionResetError ConnectionAbortedError BrokenPipeError BadStatusLine",
    Cause.TOKEN: "account_inactive invalid_auth not_allowed_token_type not_authed token_expired "
    "token_revoked",
    Cause.SCOPE: "missing_scope metadata_must_be_sent_from_app",
    Cause.NOT_ALLOWED: "restricted_action not_allowed not_authorized no_permission no_access access_denied "
    "accesslimited ekm_access_denied enterprise_is_restricted team_access_not_granted "
    "two_factor_setup_required posting_to_channel_denied cant_update_message cant_delete_message "
    "cant_delete_file delete_not_allowed edit_window_closed cannot_create_channel app_access_restricted "
    "channel_is_limited_access cant_archive_general cant_archive_required file_uploads_disabled "
    "file_uploads_except_images_disabled file_type_not_allowed blocked_file_type file_deleting_disabled "
    "thread_locked messages_tab_disabled not_enabled user_is_external_guest unable_to_share_files "
    "send_on_behalf_not_allowed cant_broadcast_message app_cannot_join_channel",
    Cause.PLAN: "storage_limit_reached plan_upgrade_required",
    Cause.ARCHIVED: "is_archived is_inactive already_archived",
    Cause.NOT_MEMBER: "not_in_channel",
    Cause.NO_CHANNEL: "channel_not_found invalid_channel no_channel method_not_supported_for_channel_type "
    "team_not_found duplicate_channel_not_found not_private",
    Cause.GONE: "file_deleted file_is_deleted canvas_deleted bad_timestamp cannot_reply_to_message "
    "no_reaction not_pinnable not_reactable file_not_shared draft_already_deleted draft_already_sent "
    "no_such_incident no_such_item no_such_meeting",
    Cause.NAME: "name_taken",
    Cause.GUEST: "user_is_restricted ura_max_channels",
    Cause.OUTSIDER: "org_user_not_in_team invitee_cant_see_channel no_external_invite_permission "
    "invalid_user_combination",
    Cause.NOBODY: "user_not_found user_disabled user_not_visible user_not_in_channel cant_invite "
    "cant_invite_self users_not_found",
    Cause.TOO_LONG: "too_long msg_too_long msg_blocks_too_long file_upload_size_restricted",
    Cause.FULL: "file_share_limit_reached channels_limit_exceeded max_file_sharing_exceeded limit_required",
    Cause.CANVAS: "canvas_creation_failed canvas_tab_creation_failed channel_canvas_creation_failed "
    "canvas_editing_failed channel_canvas_already_exists canvas_disabled_user_team canvas_globally_disabled",
    Cause.LACKING: "unknown_method method_deprecated deprecated_endpoint not_implemented http_404",
    Cause.SETUP: "proxy_403 proxy_407 slack_certificate",
    Cause.RESTORED: "restored",
    Cause.OTHER_VERSION: "unreadable",
    Cause.DEFECT: "no_text missing_argument no_item_specified no_user users_list_not_supplied too_many_users "
    "not_enough_users markdown_text_conflict block_mismatch as_user_not_supported unknown_type "
    "unknown_snippet_type unknown_subtype missing_file_data missing_post_type missing_profile_id "
    "hash_conflict duplicate_external_id exchanged_trigger_id expired_trigger_id draft_has_conflict "
    "no_dual_broadcast_content_update list_record_comment_fetch_failed",
}
_CAUSES = {code: cause for cause, codes in _CODES.items() for code in codes.split()}
_LOOKS: tuple[tuple[re.Pattern[str], Cause], ...] = (
    (re.compile(r"http_5\d\d|proxy_5\d\d"), Cause.UNREACHABLE),
    (re.compile(r"free_team.*|team_tier_.*|paid_.*|.*_paid_only"), Cause.PLAN),
    (re.compile(r"restricted_action.*|slack_connect_.*|.*_(disabled|denied|restricted|blocked|not_allowed)"),
     Cause.NOT_ALLOWED),
    (re.compile(r"invalid_name.*"), Cause.NAME),
    (re.compile(r".*_(too_long|too_large|size_restricted|payload_limit_exceeded)"), Cause.TOO_LONG),
    (re.compile(r"too_many_.*|.*_limit_(exceeded|reached)|.*_exceeded"), Cause.FULL),
    (re.compile(r".*canvas.*"), Cause.CANVAS),
    (re.compile(r".*_not_found|.*_deleted"), Cause.GONE),
    (re.compile(r"invalid_.*|[A-Z]\w*"), Cause.DEFECT),
)  # fmt: skip
"""What a code that isn't listed looks like, the first that fits; exceptions' names count as our own bugs."""


def cause_of(code: str) -> Cause:
    """Why a call failed with this code, which is Slack's or our own."""
    looks_like = (cause for pattern, cause in _LOOKS if pattern.fullmatch(code))
    return _CAUSES.get(code) or next(looks_like, Cause.UNKNOWN)


def meaning_of(method: str, code: str) -> Meaning:
    """What it means that Slack finally refused a call of the method with this code."""
    known = MEANINGS.get(method, {})
    if cause_of(code) is Cause.TOKEN:
        # Every other way would be refused, too.
        return Meaning.FINAL
    # ANY comes last in its table.
    fitting = (each for pattern, each in known.items() if fnmatchcase(code, pattern))
    return next(fitting, Meaning.FINAL)


def codes_of(cause: Cause) -> frozenset[str]:
    """The codes that are listed for a cause."""
    return frozenset(_CODES[cause].split())

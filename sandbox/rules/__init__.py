"""The rules of what Slack accepts, as tables: blocks, elements, views, messages and channel names.

They are pure: nothing here knows the workspace. Every check returns nothing or raises :class:`SlackError`
with Slack's own error code and, for blocks and views, one line per problem with the JSON pointer to it. If
Slack's documentation and its servers differ, the documentation wins.
"""

from sandbox.rules.check import MESSAGE_TEXT_MAX, check_blocks, check_message, check_suggestions, check_view
from sandbox.rules.errors import SlackError
from sandbox.rules.names import check_channel_name
from sandbox.rules.walk import blocks_in, elements_in, with_ids

__all__ = [
    "MESSAGE_TEXT_MAX",
    "SlackError",
    "blocks_in",
    "check_blocks",
    "check_channel_name",
    "check_message",
    "check_suggestions",
    "check_view",
    "elements_in",
    "with_ids",
]

"""What people do with the app, as Slack reports it to the app, and the effects of the app's answers.

:class:`Interactions` holds what outlives one act: trigger ids, response URLs, suggested options. The
functions in ``commands``, ``clicks`` and ``forms`` are the acts; each waits for the ack and applies it. They
raise :class:`RefusedError` if Slack's client wouldn't let the person do it. ``modals`` opens, pushes, updates
and publishes views, both for ``views.*`` and for ``response_action``.
"""

from sandbox.interactions.answers import respond
from sandbox.interactions.context import Interactions, RefusedError
from sandbox.interactions.modals import find_view, open_modal, publish_home, push_modal, update_view
from sandbox.interactions.response_urls import Origin, ResponseUrls
from sandbox.interactions.triggers import Triggers

__all__ = [
    "Interactions",
    "Origin",
    "RefusedError",
    "ResponseUrls",
    "Triggers",
    "find_view",
    "open_modal",
    "publish_home",
    "push_modal",
    "respond",
    "update_view",
]

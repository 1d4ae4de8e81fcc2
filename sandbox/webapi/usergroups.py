"""usergroups.*: people who are mentioned together."""

from __future__ import annotations

from sandbox.webapi.call import Call, Method
from sandbox.workspace.model import Json
from sandbox.workspace.shapes import group_json


def list_(call: Call) -> Json:
    """All user groups in one answer: there are no pages."""
    everything, with_users = call.flag("include_disabled"), call.flag("include_users")
    groups = [each for each in call.store.workspace.groups.values() if everything or not each.deleted]
    return {
        "usergroups": [
            group_json(call.store, each) | ({"users": list(each.members)} if with_users else {})
            for each in groups
        ]
    }


METHODS = {"usergroups.list": Method(list_, ("usergroups:read",))}

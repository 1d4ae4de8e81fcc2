"""files.*: uploads in three steps, lists, deletion.

https://docs.slack.dev/messaging/working-with-files#upload
"""

from __future__ import annotations

import mimetypes
from typing import Any

from sandbox.rules import SlackError
from sandbox.webapi.call import Call, Method
from sandbox.workspace.model import Channel, Json
from sandbox.workspace.shapes import channel_type

_FILES_PAGE = 100


def get_upload_url(call: Call) -> Json:
    """Where to send the content; ``length`` is checked against what arrives there."""
    name = call.required("filename")
    if not call.required("length").isdecimal():
        raise SlackError("invalid_arguments", ["[ERROR] length is a number"])
    file_id = call.store.new_id("F")
    call.store.workspace.uploads[file_id] = {
        "name": name,
        "length": int(call.text("length")),
        "content": None,
    }
    return {"upload_url": f"{call.base_url}/upload/{file_id}", "file_id": file_id}


def complete_upload(call: Call) -> Json:
    """Share uploaded files in a channel, as a message from the bot; without a channel they stay unshared."""
    given = call.parsed("files", "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise SlackError("invalid_arguments", ["[ERROR] files"])
    made = [_uploaded(call, each) for each in given]
    channel_id = call.text("channel_id") or call.text("channels")
    if channel_id:
        channel = _open_channel(call, channel_id)
        call.store.post(
            channel.id,
            call.store.bot_user.id,
            call.text("initial_comment"),
            bot_id=call.store.bot_id,
            subtype="file_share",
            files=made,
            thread_ts=call.text("thread_ts") or None,
        )
    for each in made:
        call.store.workspace.uploads.pop(each["id"], None)
    return {"files": made}


def list_(call: Call) -> Json:
    """A page of a channel's files, or of all files that the bot may see, latest first."""
    asked, user = call.text("channel"), call.text("user")
    places = [_open_channel(call, asked)] if asked else _visible(call)
    found = [
        (message.ts, channel, file)
        for channel in places
        for message in channel.messages.values()
        for file in message.files
        if not user or file["user"] == user
    ]
    count, page = int(call.text("count") or _FILES_PAGE), int(call.text("page") or 1)
    latest = sorted(found, key=lambda each: each[0], reverse=True)[(page - 1) * count : page * count]
    pages = max(1, -(-len(found) // count))
    paging = {"count": count, "total": len(found), "page": page, "pages": pages}
    return {"files": [_listed(channel, file) for _, channel, file in latest], "paging": paging}


def _visible(call: Call) -> list[Channel]:
    """Where the bot sees files: its direct messages and the channels it is in."""
    every = call.store.workspace.channels.values()
    return [each for each in every if call.is_member(each) and not each.is_archived]


def _listed(channel: Channel, file: Json) -> Json:
    """The file, including where it is shared: https://docs.slack.dev/reference/objects/file-object."""
    kind = {"im": "ims", "group": "groups", "channel": "channels"}[channel_type(channel)]
    return {**file, "preview": None, "channels": [], "groups": [], "ims": [], kind: [channel.id]}


def delete(call: Call) -> Json:
    """Delete one of the bot's own files, and its message if that only shared the file."""
    file_id, bot = call.required("file"), call.store.bot_user.id
    for channel in call.store.workspace.channels.values():
        for message in list(channel.messages.values()):
            if not any(each["id"] == file_id for each in message.files):
                continue
            if message.user != bot:
                raise SlackError("cant_delete_file")
            message.files = [each for each in message.files if each["id"] != file_id]
            if not message.files and not message.text:
                call.store.delete(channel.id, message.ts, bot)
            call.store.note(channels=[channel.id])
            return {}
    raise SlackError("file_not_found")


def _open_channel(call: Call, channel_id: str) -> Channel:
    channel = call.store.workspace.channels.get(channel_id)
    if channel is None or not (channel.is_im or call.is_member(channel)):
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def _uploaded(call: Call, given: Any) -> Json:
    file_id = str(given.get("id")) if isinstance(given, dict) else ""
    found = call.store.workspace.uploads.get(file_id)
    if found is None or found["content"] is None:
        raise SlackError("file_not_found")
    link, content = f"{call.store.team_url}files/{file_id}", found["content"]
    return {
        "id": file_id,
        "created": int(call.store.clock()),
        "timestamp": int(call.store.clock()),
        "name": found["name"],
        "title": given.get("title") or found["name"],
        "mimetype": mimetypes.guess_type(found["name"])[0] or "application/octet-stream",
        "filetype": found["name"].rpartition(".")[2],
        "user": call.store.bot_user.id,
        "mode": "hosted",
        "size": len(content.encode()),
        "is_external": False,
        "is_public": True,
        "url_private": link,
        "url_private_download": link,
        "permalink": link,
        "preview": content,
    }


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",)),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",)),
    "files.list": Method(list_, ("files:read",)),
    "files.delete": Method(delete, ("files:write",)),
}

"""Slack's Web API: a module per noun, each with a table method -> handler, scopes and kind of token."""

from aiohttp import web

from sandbox.webapi.dispatch import METHODS, WebApi

__all__ = ["METHODS", "WebApi", "add_webapi"]


def add_webapi(app: web.Application, api: WebApi) -> None:
    """Add ``/api/<method>``, for GET and POST."""
    app.router.add_route("GET", "/api/{method}", api.handle)
    app.router.add_route("POST", "/api/{method}", api.handle)

"""A local Slack workspace for trying and testing a Slack app.

It speaks only Slack's own protocols (Web API over HTTP, Socket Mode over WebSocket) and Google Calendar's
REST API, and knows nothing about the app that connects to it except its manifest and, in
:mod:`sandbox.greeting`, the seven steps that newcomers are shown.
"""

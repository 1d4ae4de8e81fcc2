"""A local Slack workspace to try and test a Slack app with.

Speaks only Slack's own protocols (Web API over HTTP, Socket Mode over WebSocket) and knows nothing of
the app that connects to it except its manifest.
"""

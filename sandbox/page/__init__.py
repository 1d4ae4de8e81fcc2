"""The browser page of the sandbox: a small Slack to look at and to act in.

It only reads the store, and acts only through the control API, like any other script would.
"""

"""The panel that greets newcomers: seven steps that show what the app can do, ticked when they are done.

This is the only place where the sandbox knows more of the app than its manifest: some commands, and the
action ids of some buttons. It sees what anybody in the workspace sees, and does what anybody could do.
"""

"""What tests share. They import from here, never from one another's folders.

- ``arena``, ``asking``, ``found``, ``promises``: a fault in a whole bot, and what must be true afterwards
- ``bots``, ``clients``, ``commands``: the bot in this process, or in a process of its own that can be killed
- ``calendars``, ``people``, ``posts``, ``whys``: what people do and see in the sandbox
- ``chromium``, ``postgres``, ``pgbouncer``, ``network``: a real browser, a real server, a real pooler, and a
  guard against any other host; ``packages`` installs those that are missing
- ``company``: a certificate authority and a proxy, as companies have them
- ``databases``, ``migrated``, ``revisions``, ``rows``, ``everything``, ``personal``: databases of either
  engine, as this and as earlier revisions have them, and what is in them
- ``dates``, ``clocks``: days that lie ahead whenever the tests run, and clocks that can be set
- ``examples``, ``office``: domain values to start from, and every operation on one database
- ``halves``, ``lesser``: connections that keep a server waiting, and a server that knows little of Slack
- ``heaps``, ``histories``, ``measures``, ``places``: large databases, and the measurements taken on them
- ``forks``: processes that begin with everything loaded
- ``google_network``: a network on which Google gives scripted answers and every call is recorded
- ``rendering``, ``documented_errors``: what Slack does with text, and the errors that it documents
- ``googlish``, ``slackish``: fakes that cost next to nothing, for measuring the bot alone
- ``play``, ``lines``, ``crowd``, ``set_up``, ``stage``, ``wire``, ``agreement``: people who do random things
  with a bot on one thread, without sockets, and what must be true once nothing is left to do
- ``records``: what bots in this process log
- ``refusals``: a PostgreSQL that refuses everybody, for the reasons in the log
- ``scratch``: where temporary files are kept
"""

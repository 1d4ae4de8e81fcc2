"""A five-whys thread as people see it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.people import Json, Workspace, eventually, shown

MARK = "white_check_mark"


@dataclass
class Session:
    """One session in an incident's channel."""

    acme: Workspace
    channel: str
    ref: str

    @property
    def root(self) -> Json:
        """The session's message."""
        return eventually(
            lambda: next(
                (m for m in self.messages() if f"{self.ref} · Why" in shown(m) and not m.get("ephemeral_to")),
                None,
            )
        )

    def messages(self) -> list[Json]:
        """Everything in the channel and its threads."""
        return self.acme.messages(self.channel)

    def tree(self, *wanted: str) -> list[str]:
        """The lines of the tree without their authors, once they say everything that is wanted."""

        def look() -> list[str] | None:
            lines = [line for line in shown(self.root).splitlines() if " — " in line or "_retracted" in line]
            found = [line.split(" — ")[0].replace("\u2003", "> ") for line in lines]
            return found if all(any(each in line for line in found) for each in wanted) else None

        return eventually(look)

    def questions(self) -> list[Json]:
        """The bot's questions in the thread, oldest first."""
        root = self.root["ts"]
        mine = [m for m in self.messages() if m.get("thread_ts") == root and m["ts"] != root]
        return [m for m in mine if m.get("bot_id") and not m.get("ephemeral_to")]

    def question(self, wanted: str) -> Json:
        """The latest question, once it says that."""
        return eventually(lambda: next((q for q in self.questions()[-1:] if wanted in shown(q)), None))

    def answer(self, text: str, user: str = "ana", asked: str = "", **more: object) -> str:
        """Reply in the thread, once it has a question that says ``asked``; returns the reply's ts."""
        self.question(asked)
        return self.acme.say(text, self.channel, user, thread_ts=self.root["ts"], **more)

    def line(self, *answers: str) -> Json:
        """Answer one why after the other; returns the last question."""
        asked = self.question("")
        for text in answers:
            self.answer(text)
            asked = self.question(text)
        return asked

    def press(self, action: str, on: str = "", user: str = "ana") -> None:
        """Press a button on the latest question that has the button and says that."""
        asked = next(q for q in reversed(self.questions()) if on in shown(q) and action in str(q))
        self.acme.click(self.channel, asked["ts"], action, user)

    def is_marked(self, ts: str) -> bool:
        """Whether the bot has marked the reply."""
        found = next(m for m in self.messages() if m["ts"] == ts)
        return any(each["name"] == MARK for each in found.get("reactions") or ())

"""The small words of ``/incident action …``: they introduce a field, or keep it in the title."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.action_items.model import ActionItemPriority


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LEVELS: Mapping[ActionItemPriority, str] = {
    ActionItemPriority.CRITICAL: "critical crit urgent blocker p0 p1 sev0 sev1 kritisch dringend critique",
    ActionItemPriority.HIGH: "high p2 sev2 hoch haute alta",
    ActionItemPriority.MEDIUM: "medium med normal p3 sev3 mittel moyenne media",
    ActionItemPriority.LOW: "low minor p4 sev4 niedrig basse baja baixa",
}
PRIORITIES: Mapping[str, ActionItemPriority] = {
    spelling: level
    for level, words in _LEVELS.items()
    for word in words.split()
    for spelling in (word, re.sub(r"(?<=[a-z])(?=\d)", "-", word))
}
"""What people type for a priority; a digit may follow a hyphen: ``sev-1``."""
MARKS: Mapping[str, ActionItemPriority] = {
    "!": ActionItemPriority.HIGH,
    "!!": ActionItemPriority.HIGH,
    "!!!": ActionItemPriority.CRITICAL,
}
"""What exclamation marks mean when they are a word of their own."""
NUMBERED = r"(?:priority|prio|severity|sev|urgency|importance|priorität|priorité|prioridad)"
"""Words next to which a digit is a priority, too."""

DUE = r"(?:due date|due|deadline|eta|fällig)"
_LEADS = (
    "(?:no|not) later than|latest by|by|until|till|til|before|on|for|at"
    "|bis zum|bis zur|bis|am|avant le|avant|pour le|pour|d'ici le|d'ici|para el|para|antes del|antes de"
    "|até|entro il|entro|per|voor|uiterlijk|tegen|le|el"
)
LEAD = rf"(?:{DUE}(?: by| on| at| before| until| for| is| am| bis)?|{_LEADS})"
"""Words that introduce a date."""
IN_SENTENCE = frozenset({"on", "for", "at", "am", "pour", "para", "per", "voor", "le", "el"})
"""Those that introduce much else, too: after them, an hour isn't a date, and no line starts with a date."""
_COUNTED = "an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:a )?couple(?: of)?"
COUNT = re.compile(
    rf"(?:\d{{1,4}} ?|(?:{_COUNTED}) )"
    r"(?:(?:business |working )?days?|d|weeks?|wks?|w|fortnights?|months?|mos?|m|years?)",
    re.IGNORECASE | re.ASCII,
)
"""A length of time that isn't a date unless ``due`` precedes it."""
OF_A_DAY = _words(
    "of from since last past every each other second any per the a an and or between through to than is "
    "was black good cyber easter ash palm super de des der du seit von jeden letzten depuis chaque "
    "dernier"
)
"""A day after one of these words is part of the sentence: "every friday", "black friday"."""

BEFORE_OWNER = (
    r"(?:(?:(?:is |to be )?(?:assigned|owned|done) (?:to|by)|assign to|assignee|owner is|owner|responsible"
    r"|by|to|for|für|von|pour|par|para|por|an|→|->|=>|@)\s*[:=：]?\s*)"
)
"""Words that introduce an owner."""
AFTER_OWNER = r"(?:to|please|pls|should|will|must|has to|needs to|(?:and|or|&amp;)(?=\s+<@))\s+"
"""Words between an owner and what they should do."""
OF_A_PERSON = _words(
    "about against and as ask at because behind but cc from if in into is like nor of on or see since tell"
    " than thank that through under unlike via was what whether while with without mit avec con com"
)
"""A person right after one of these words is part of the sentence: "pair with @ben", "and ask @ben"."""
TO_A_PERSON = _words(
    "call congratulate contact email help interview invite join message notify onboard page ping remind"
    " thanks"
)
"""As the only word before a person, one of these is a verb: "page @ben", not "fix the status page @ben"."""
TOWARDS = _words(
    "announce apologise apologize explain forward give introduce listen mention present reply report "
    "respond say send show speak talk write"
)
"""After one of these, "to" doesn't introduce the owner: "reply to @ben"."""
OF_A_LEVEL = _words(
    "a an and are as at be became become been being for from gets go goes going how in is it's keep "
    "keeps marked not of on or remain remains runs set so stay stays than that the to too very was were "
    "what when why with ist est es"
)
"""A priority after one of these words is part of the sentence: "why disk latency is high"."""

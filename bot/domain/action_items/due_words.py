"""The words of due phrases: days, months and numbers, in English and in some other languages."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Mapping

_DAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_SHORT_DAYS = {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4}
WEEKDAYS: Mapping[str, int] = {**_DAYS, **_SHORT_DAYS, "sat": 5, "sun": 6}
_MONTH_NAMES = {name.lower(): number for number, name in enumerate(calendar.month_name) if number}
MONTHS: Mapping[str, int] = {
    **_MONTH_NAMES,
    **{name[:3]: number for name, number in _MONTH_NAMES.items()},
    "sept": 9,
}
_NUMBERS = {"a": 1, "an": 1, "couple": 2, "couple of": 2, "a couple": 2, "a couple of": 2, "fourteen": 14}
_COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
COUNTS: Mapping[str, int] = {**_NUMBERS, **{word: n for n, word in enumerate(_COUNTED, start=1)}}

_TRANSLATED: Mapping[str, str] = {
    "monday": "montag lundi lunes lunedi segunda-feira maandag",
    "tuesday": "dienstag mardi martes martedi terca-feira dinsdag",
    "wednesday": "mittwoch mercredi miercoles mercoledi quarta-feira woensdag",
    "thursday": "donnerstag jeudi jueves giovedi quinta-feira donderdag",
    "friday": "freitag vendredi viernes venerdi sexta-feira vrijdag",
    "saturday": "samstag sonnabend samedi sabado sabato zaterdag",
    "sunday": "sonntag dimanche domingo domenica zondag",
    "january": "januar janvier enero gennaio janeiro januari",
    "february": "februar fevrier febrero febbraio fevereiro februari",
    "march": "marz maerz mars marzo marco maart",
    "april": "avril abril aprile",
    "may": "mai mayo maggio maio mei",
    "june": "juni juin junio giugno junho",
    "july": "juli juillet julio luglio julho",
    "august": "aout agosto augustus",
    "september": "septembre septiembre settembre setembro",
    "october": "oktober octobre octubre ottobre outubro",
    "november": "novembre noviembre novembro",
    "december": "dezember decembre diciembre dicembre dezembro",
    "today": "heute aujourd'hui hoy oggi hoje vandaag",
    "tomorrow": "morgen demain manana domani amanha",
    "day after tomorrow": "ubermorgen uebermorgen apres-demain dopodomani overmorgen",
    "next": "nachste nachsten nachster nachstes naechste naechsten kommende kommenden prochain prochaine "
    "proximo proxima prossimo prossima volgende",
    "this": "diese diesen dieser dieses cette deze",
    "in": "dans en em fra tra over",
    "of": "de des der del di do da",
    "end": "ende fin fine fim eind einde",
    "week": "woche semaine semana settimana",
    "weeks": "wochen semaines semanas settimane weken",
    "month": "monat monats mois mes mese maand",
    "months": "monate monaten meses mesi maanden",
    "days": "tage tagen jours dias giorni dagen",
    "one": "einer einem eine un une una een",
    "two": "zwei deux dos dois duas twee",
    "three": "drei trois tres drie",
    "noon": "mittag midi mediodia mezzogiorno",
}
"""English word -> what it is in German, French, Spanish, Italian, Portuguese and Dutch, without accents."""
_ENGLISH = {word: english for english, words in _TRANSLATED.items() for word in words.split()}
DAY = "|".join(sorted(WEEKDAYS, key=len, reverse=True))


def normal(phrase: str) -> str:
    """The phrase in lower case and English, without accents, articles and surrounding punctuation.

    An article before a weekday stays: "the sun" isn't a day.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", phrase.lower()) if not unicodedata.combining(c))
    words = re.sub(r"(\d)t(\d)", r"\1 \2", bare.replace("’", "'")).strip(" .,!?").split()
    text = " ".join(_ENGLISH.get(word, word) for word in words)
    return re.sub(rf"\bthe (?!(?:{DAY})\b)", "", text)

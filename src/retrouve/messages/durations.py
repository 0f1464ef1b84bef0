"""How long, and until when, in words. Spaces between a number and its unit never break."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_location
from django.utils.translation import gettext, ngettext, override

from retrouve.messages.filling import fill
from retrouve.messages.locales import babel_locale

PARIS = ZoneInfo("Europe/Paris")

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_HOURS_SAID_AS_SUCH = 2 * _DAY  # "24 heures" says more than "1 jour" to somebody in a hurry


def duration_in_words(duration: timedelta, language: str) -> str:
    """`1 heure`, `15 minutes`, `1 h 30`, `2 jours`: whole units, rounded down, never nothing."""
    seconds = max(int(duration.total_seconds()), 0)
    with override(language):
        if seconds >= _HOURS_SAID_AS_SUCH:
            return _counted_days(seconds // _DAY)
        if seconds >= _HOUR:
            return _hours_and_minutes(*divmod(seconds // _MINUTE, 60))
        if seconds >= _MINUTE:
            return _counted_minutes(seconds // _MINUTE)
        return _counted_seconds(seconds)


def _hours_and_minutes(hours: int, minutes: int) -> str:
    if minutes:
        return fill(gettext("{hours} h {minutes}"), {"hours": hours, "minutes": f"{minutes:02}"})
    return fill(ngettext("{number} heure", "{number} heures", hours), {"number": hours})


def _counted_days(number: int) -> str:
    return fill(ngettext("{number} jour", "{number} jours", number), {"number": number})


def _counted_minutes(number: int) -> str:
    return fill(ngettext("{number} minute", "{number} minutes", number), {"number": number})


def _counted_seconds(number: int) -> str:
    return fill(ngettext("{number} seconde", "{number} secondes", number), {"number": number})


def until_in_words(end: datetime, now: datetime, zone: ZoneInfo, language: str) -> str:
    """`jusqu’à 19 h 14 (heure de Paris)`, with the day when that is another day than `now`'s."""
    there, here = end.astimezone(zone), now.astimezone(zone)
    with override(language):
        sentence = (
            gettext("jusqu’à {time} ({zone})")
            if there.date() == here.date()
            else gettext("jusqu’au {date} à {time} ({zone})")
        )
        return fill(sentence, _clock(there, zone, language))


def moment_in_words(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """`le 13 août 2015 à 19 h 14 (heure de Paris)`."""
    with override(language):
        return fill(gettext("le {date} à {time} ({zone})"), _clock(moment.astimezone(zone), zone, language))


def time_in_words(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """`19 h 14`: for what happens within the hour."""
    return str(_clock(moment.astimezone(zone), zone, language)["time"])


def _clock(moment: datetime, zone: ZoneInfo, language: str) -> dict[str, object]:
    locale = babel_locale(language)
    french = locale.language == "fr"
    return {
        "date": format_date(moment, "long", locale=locale),
        "time": format_time(moment, "H 'h' mm" if french else "short", locale=locale),
        "zone": _zone_in_words(zone, language),
    }


def _zone_in_words(zone: ZoneInfo, language: str) -> str:
    if zone.key in {"UTC", "Etc/UTC"}:
        return "UTC"
    city = get_timezone_location(zone, locale=babel_locale(language), return_city=True)
    elided = city[:1].lower() in "aàâeéèêiîoôuhy"  # « heure d’Athènes », « heure de Paris »
    sentence = gettext("heure d’{city}") if elided else gettext("heure de {city}")
    return fill(sentence, {"city": city})

"""Makes the room known to Django, for its templates and its `locale/` folder."""

from __future__ import annotations

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "retrouve.messages"
    label = "messages_room"  # django.contrib.messages already answers to "messages"

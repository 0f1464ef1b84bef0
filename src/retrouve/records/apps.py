"""The one Django application that has rows."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "retrouve.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"

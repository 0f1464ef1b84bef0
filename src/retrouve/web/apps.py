"""Gives Django this room's templates, tags and static files."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "retrouve.web"
    label = "web"

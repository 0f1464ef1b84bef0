"""Gives Django the demonstration's own templates."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "retrouve.demo"
    label = "demo"

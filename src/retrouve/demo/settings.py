"""The product's settings, and two pages more."""

from retrouve.wiring.settings import *  # noqa: F403
from retrouve.wiring.settings import INSTALLED_APPS

ROOT_URLCONF = "retrouve.demo.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "retrouve.demo.apps.DemoConfig"]

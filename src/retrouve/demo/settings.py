"""The product's settings, and two pages more."""

from retrouve.wiring.settings import *  # noqa: F403
from retrouve.wiring.settings import ALLOWED_HOSTS, INSTALLED_APPS

ALLOWED_HOSTS = [*ALLOWED_HOSTS, "localhost"]  # what a newcomer may type
ROOT_URLCONF = "retrouve.demo.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "retrouve.demo.apps.DemoConfig"]

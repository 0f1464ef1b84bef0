"""Makes the database and its people: python -m bench.allauth_site.people 100."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.allauth_site.settings"
django.setup()

from allauth.account.models import EmailAddress  # noqa: E402  Django is ready from here on
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402

from bench.contender import OLD_PASSWORD  # noqa: E402


def main() -> None:
    call_command("migrate", verbosity=0)
    encoded = make_password(OLD_PASSWORD)
    for number in range(int(sys.argv[1])):
        name = f"personne.{number}"
        user = User.objects.create(username=name, email=f"{name}@example.org", password=encoded)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


if __name__ == "__main__":
    main()

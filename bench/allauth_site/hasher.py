"""Argon2id at the cost that the run is about."""

from __future__ import annotations

import os

from django.contrib.auth.hashers import Argon2PasswordHasher


class Hasher(Argon2PasswordHasher):
    memory_cost, time_cost, parallelism = (int(part) for part in os.environ["BENCH_COST"].split(","))

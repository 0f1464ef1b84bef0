"""django-allauth under the same server program, database and hashes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from bench.browser import Browser
from bench.contender import NEW_PASSWORD, Cost
from bench.cpu import cpu_seconds_of_group
from bench.post import Post
from retrouve.demo.servers.ports import free_port, wait_for_port

LINK = re.compile(r"^http\S+/accounts/password/reset/key/\S+$", re.MULTILINE)
THREADS = "16"  # Retrouve's default
SECONDS_TO_START = 60


class AllauthContender:
    name = "django-allauth"
    hashes_itself = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()

    def start(self, post: Post, cost: Cost, people: int) -> None:
        self._post = post
        self._folder.mkdir(parents=True)
        environment = {
            **os.environ,
            "BENCH_SECRET_KEY": "of-a-bench-and-nothing-else-kqzxwvjygb",
            "BENCH_DATABASE": str(self._folder / "allauth.sqlite3"),
            "BENCH_SMTP_PORT": str(post.port),
            "BENCH_COST": f"{cost.memory_kib},{cost.time},{cost.parallelism}",
            "DJANGO_SETTINGS_MODULE": "bench.allauth_site.settings",
        }
        subprocess.run([sys.executable, "-m", "bench.allauth_site.people", str(people)], env=environment, check=True)
        granian = Path(sys.executable).with_name("granian")
        command = [granian, "--interface", "wsgi", "--port", str(self._port), "--workers", "1", "--no-ws"]
        command += ["--blocking-threads", THREADS, "--log-level", "error", "--factory"]
        command += ["django.core.wsgi:get_wsgi_application"]
        self._process = subprocess.Popen(command, env=environment, start_new_session=True)
        wait_for_port(self._port, SECONDS_TO_START)

    def journey(self, number: int) -> None:
        name, browser = f"personne.{number}", Browser(self._port)
        browser.open("/accounts/password/reset/")
        browser.send(email=f"{name}@example.org")
        link = LINK.search(self._post.wait_for(f"{name}@example.org"))
        assert link
        browser.open(link[0])
        browser.send(password1=NEW_PASSWORD, password2=NEW_PASSWORD)
        self._post.wait_for(f"{name}@example.org")  # “your password has been reset”
        browser.open("/accounts/login/")
        browser.send(login=name, password=NEW_PASSWORD)
        browser.expect(f"signed in: {name}")

    def cpu_seconds(self) -> float:
        return cpu_seconds_of_group(self._process.pid)

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=30)

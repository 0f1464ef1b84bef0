"""Started by `retrouve demo`, and stopped with it: it ends when nothing holds the other end of its input any more."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from retrouve.demo.application.pages import Server
from retrouve.demo.application.relying_party import RelyingParty


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--issuer", required=True)
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--secret-file", type=Path, required=True)
    given = parser.parse_args()
    secret = given.secret_file.read_text("ascii")
    base = f"http://127.0.0.1:{given.port}"
    server = Server(given.port, RelyingParty(given.issuer, given.client_id, secret, base))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()
    server.shutdown()


main()

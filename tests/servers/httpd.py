"""Apache's program, for the applications that we did not write: what all of them load, how it starts and stops."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from retrouve.demo.servers.ports import wait_for_port

PROGRAM = Path("/usr/sbin/apache2")  # not on everybody's PATH
MODULES = Path("/usr/lib/apache2/modules")
SECONDS_TO_START = 60
SECONDS_TO_STOP = 60

CONFIGURATION = """
ServerRoot /usr/lib/apache2
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
{user}
DefaultRuntimeDir {folder}
StartServers 1
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authn_core_module modules/mod_authn_core.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule authz_user_module modules/mod_authz_user.so
LoadModule dir_module modules/mod_dir.so
LoadModule mime_module modules/mod_mime.so
LoadModule include_module modules/mod_include.so
DocumentRoot {folder}/htdocs
TypesConfig /etc/mime.types
DirectoryIndex index.shtml index.html
AddType text/html .shtml
AddDefaultCharset utf-8
AddOutputFilter INCLUDES .shtml
<Directory {folder}/htdocs>
 Options +Includes
 Require all granted
</Directory>
"""


@dataclass
class Httpd:
    process: subprocess.Popen[bytes]
    log: BinaryIO

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=SECONDS_TO_STOP)
        self.log.close()


def start_httpd(folder: Path, port: int, more: str) -> Httpd:
    """Serves `htdocs` of the folder; `more` is the configuration of one application."""
    user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
    (folder / "httpd.conf").write_text(CONFIGURATION.format(port=port, folder=folder, user=user) + more)
    hand_over(folder)
    log = (folder / "out.log").open("wb")
    command = [str(PROGRAM), "-f", str(folder / "httpd.conf"), "-D", "FOREGROUND"]
    httpd = Httpd(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT), log)
    wait_for_port(port, SECONDS_TO_START)
    return httpd


def hand_over(folder: Path) -> None:
    """Started by root, Apache lowers its rights, and must still reach its own folder."""
    if os.geteuid() != 0:
        return
    subprocess.run(["chown", "-R", "www-data", str(folder)], check=True)
    for parent in folder.parents:
        if parent != Path("/") and parent.stat().st_uid == 0 and parent.name != "tmp":
            parent.chmod(parent.stat().st_mode | 0o011)

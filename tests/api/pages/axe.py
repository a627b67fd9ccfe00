"""axe-core, which judges pages by the rules of WCAG: fetched once, and only ever run with exactly the pinned bytes.

It lies in a jar of Maven's, so that it comes as Kafka's jars do, without Node. Tests alone use it. Licence: MPL-2.0.
"""

from __future__ import annotations

import os
import zipfile

from deploy.embedded.jar import Jar
from deploy.embedded.jars import Jars, cache_directory, maven_repository
from deploy.embedded.network import Network, pip_configuration

AXE = Jar(
    "com.deque.html.axe-core", "selenium", "4.11.1", "selenium-4.11.1.jar", 175_088,
    "7c6cabdb5ac07e301a7133ea0f13fdc49c713a32d1866f015d559aee01244e23",
)  # fmt: skip
SCRIPT = "axe.min.js"


def script() -> str:
    """The script that a page runs; Misconfigured where it is not there and cannot be fetched."""
    environ = os.environ
    folder = cache_directory(environ) / "test-jars"
    if not AXE.is_whole(folder / AXE.file):
        network = Network.read(environ, pip_configuration())
        Jars(folder, maven_repository(environ), network).fetch((AXE,))
    with zipfile.ZipFile(folder / AXE.file) as jar:
        return jar.read(SCRIPT).decode()

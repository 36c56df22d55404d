"""The browser of the tests: Playwright's Chromium or this machine's. Run this file to have one installed."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
QUIET += ["--disable-background-networking", "--disable-component-update"]
# No name but this machine's own leads anywhere, so that a page can reach nobody else.
QUIET += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"]


def launch(playwright: Playwright) -> Browser:
    has_its_own = Path(playwright.chromium.executable_path).exists()
    path = None if has_its_own else next(filter(None, map(shutil.which, NAMES)), None)
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=path, args=[*QUIET, *as_root])


def crash(page: Page) -> None:
    """End a page in a way that none of its scripts is told of."""
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")
    page.close()


def is_there() -> bool:
    with sync_playwright() as playwright, suppress(Error):
        launch(playwright).close()
        return True
    return False


def install_debian() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium with apt-get ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "--yes", "--no-install-recommends"]
        subprocess.run(["apt-get", "update"], env=environment)
        # Debian's newer releases have Chromium without its window too, which takes less of the machine.
        if subprocess.run([*install, "chromium-headless-shell"], env=environment).returncode:
            subprocess.run([*install, "chromium"], env=environment)


def install_playwrights() -> None:
    print("Installing Playwright's Chromium ...", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


def main():
    for install in (install_debian, install_playwrights):
        if is_there():
            return
        install()
    if not is_there():
        sys.exit("The tests need a browser and none could be had. As root: apt-get install chromium")


if __name__ == "__main__":
    main()

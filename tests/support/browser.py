"""A real browser for tests: Chromium from Debian, driven over the WebDriver protocol with the standard library alone.

Takes a folder for its profile; gives a `Chromium` that goes to pages, finds, clicks, types and takes pictures.
Standards: W3C WebDriver; the Chrome DevTools Protocol for what WebDriver has no word for (sizes, dark, language).
"""

from __future__ import annotations

import base64
import http.client
import json
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

from mailgate import clock

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--disable-extensions", "--disable-domain-reliability", "--no-default-browser-check", "--no-pings",
    "--disable-features=OptimizationHints,MediaRouter,Translate", "--hide-scrollbars",
)  # fmt: skip


def is_installed() -> bool:
    """Whether Chromium and its driver are there (Debian: chromium, chromium-driver)."""
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))


class Chromium:
    """One browser window."""

    def __init__(self, profile: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._driver = subprocess.Popen(
            ["chromedriver", f"--port={self._port}", "--allowed-ips=127.0.0.1"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert self._driver.stdout is not None
        for line in self._driver.stdout:
            if "started successfully" in line:
                break
        options = {"args": [*_FLAGS, f"--user-data-dir={profile}"], "binary": shutil.which("chromium")}
        wanted = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}}
        self._session = ""
        self._session = "/session/" + self._call("POST", "/session", wanted)["sessionId"]

    def close(self) -> None:
        """Ends the browser and its driver."""
        try:
            if self._session:
                self._call("DELETE", self._session)
        finally:
            self._driver.terminate()
            self._driver.wait(20)
            assert self._driver.stdout is not None
            self._driver.stdout.close()

    # -- how it looks ----------------------------------------------------------------------------------------------

    def look(self, width: int, height: int, dark: bool, language: str) -> None:
        """Size, colour scheme and language of the pages that follow."""
        phone = width < 600
        self._devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._devtools("Emulation.setEmulatedMedia", features=[scheme])
        self._devtools("Network.enable")
        self._devtools("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})

    def picture(self, path: Path) -> None:
        """The whole page as a PNG."""
        taken = self._devtools("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        path.write_bytes(base64.b64decode(taken["data"]))

    # -- what one does ---------------------------------------------------------------------------------------------

    def go(self, url: str) -> None:
        self._call("POST", f"{self._session}/url", {"url": url})

    @property
    def url(self) -> str:
        return str(self._call("GET", f"{self._session}/url"))

    @property
    def text(self) -> str:
        """What can be read on the page."""
        return str(self.script("return document.body.innerText"))

    def script(self, text: str, *given: Any) -> Any:
        """Runs JavaScript from outside (the pages themselves have none)."""
        return self._call("POST", f"{self._session}/execute/sync", {"script": text, "args": list(given)})

    def find(self, css: str) -> str:
        """The first element's name. Raises AssertionError where there is none."""
        found = self._call("POST", f"{self._session}/elements", {"using": "css selector", "value": css})
        assert found, f"no {css} on {self.url}: {self.text[:500]}"
        return str(found[0][ELEMENT])

    def has(self, css: str) -> bool:
        return bool(self._call("POST", f"{self._session}/elements", {"using": "css selector", "value": css}))

    def click(self, css: str) -> None:
        self._call("POST", f"{self._session}/element/{self.find(css)}/click", {})

    def follow(self, css: str, seconds: float = 20.0) -> None:
        """Clicks what leads to another page, and waits until that page is there."""
        self.script("window.before = true")
        self.click(css)
        until = clock.monotonic() + seconds
        while not self.script("return !window.before && document.readyState === 'complete'"):
            assert clock.monotonic() < until, f"{css} led nowhere from {self.url}"

    def type(self, css: str, text: str, clear: bool = True) -> None:
        """Types into a field; into a file field, the path of a file."""
        element = self.find(css)
        if clear:
            self._call("POST", f"{self._session}/element/{element}/clear", {})
        self._call("POST", f"{self._session}/element/{element}/value", {"text": text})

    def press(self, key: str) -> None:
        """Presses and releases one key, such as "\\ue004" for Tab."""
        actions = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self._call("POST", f"{self._session}/actions", {"actions": [keyboard]})

    def forget(self) -> None:
        """Removes all cookies."""
        self._call("DELETE", f"{self._session}/cookie")

    @property
    def complaints(self) -> list[str]:
        """What the browser's console says since the last look: blocked styles, failed loads."""
        logged = self._call("POST", f"{self._session}/se/log", {"type": "browser"})
        return [str(line["message"]) for line in logged]

    # -- inside ----------------------------------------------------------------------------------------------------

    def _devtools(self, command: str, **given: Any) -> Any:
        return self._call("POST", f"{self._session}/goog/cdp/execute", {"cmd": command, "params": given})

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            data = json.dumps(body).encode() if body is not None else None
            connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        value = answer["value"]
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(f"{value['error']}: {value['message'].splitlines()[0]}")
        return value

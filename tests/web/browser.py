"""A headless Chromium spoken to over a pipe: enough to open a page, type, measure it and take its picture.

Source: Chrome DevTools Protocol, ``--remote-debugging-pipe`` (messages are JSON, each ended by a NUL byte).
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
"""The accessibility checks; ``make test`` installs them with the front end."""
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RENDERER = "GL Driver Message"
"""What Chromium's own software renderer remarks on speed is no complaint about a page."""
_KEYS = {"Enter": 13, "Escape": 27, "Tab": 9, " ": 32, "+": 187, "-": 189, "0": 48}
_KEYS |= {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}


@lru_cache(maxsize=1)
def _axe() -> str:
    return AXE.read_text("utf-8")


FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --enable-unsafe-swiftshader --remote-debugging-pipe"
).split()


class Browser:
    """One browser with one page; use it as a context manager."""

    def __init__(self, profile: Path) -> None:
        chromium = shutil.which("chromium")
        assert chromium, "Chromium is missing: make test installs it"
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()

        def wire() -> None:  # Chromium reads from descriptor 3 and writes to descriptor 4
            first, second = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self._process = subprocess.Popen(
            [chromium, *FLAGS, f"--user-data-dir={profile}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=wire,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._number = 0
        self._rest = b""
        self.complaints: list[str] = []
        self.requests: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Page.enable")
        self._call("Log.enable")
        self._call("Runtime.enable")
        self._call("Network.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.kill()
        self._process.wait(timeout=20)
        os.close(self._in)
        os.close(self._out)

    def open(self, address: str, width: int, *, dark: bool = False, scripts: bool = True) -> None:
        """Open a page in a window of this width, light or dark, with or without scripts; wait until it is loaded."""
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", media="", features=[scheme])
        self._call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.complaints.clear()
        self.requests.clear()
        self._call("Page.navigate", url=address)
        while self._receive().get("method") != "Page.loadEventFired":
            pass

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page; of a promise, what it is kept with."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, expression: str, seconds: float = 30.0) -> None:
        """Wait until an expression is true in the page."""
        end = time.monotonic() + seconds
        while not self.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < end, f"did not become true in time: {expression}"
            time.sleep(0.05)

    def press(self, *keys: str) -> None:
        """Press keys one after the other: ``Tab``, ``Enter``, ``ArrowDown``, … or ``Shift+Tab``."""
        for key in keys:
            shift = key.startswith("Shift+")
            name = key.removeprefix("Shift+")
            about = {"key": name, "code": "Space" if name == " " else name, "windowsVirtualKeyCode": _KEYS[name]}
            text = {"Enter": "\r"}.get(name, name if len(name) == 1 else None)
            typed = {"text": text} if text else {}
            modifiers = 8 if shift else 0
            self._call("Input.dispatchKeyEvent", type="keyDown", modifiers=modifiers, **about, **typed)
            self._call("Input.dispatchKeyEvent", type="keyUp", modifiers=modifiers, **about)

    def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        self._call("Input.insertText", text=text)

    def violations(self, rules: Sequence[str] = RULES) -> list[str]:
        """What axe finds: rule, impact and the element of each, in one line."""
        self.evaluate(_axe() + "; true")
        options = json.dumps({"runOnly": {"type": "tag", "values": list(rules)}, "resultTypes": ["violations"]})
        found = self.evaluate(
            f"axe.run(document, {options}).then(result => result.violations.flatMap(each => each.nodes.map("
            "node => `${each.id} (${each.impact}): ${node.target.join(' ')}: ${node.html.slice(0, 160)}`)))"
        )
        return list(found)

    def picture(self, file: Path) -> None:
        """The whole page as a PNG."""
        size = "document.documentElement"
        width, height = self.evaluate("innerWidth"), self.evaluate(f"{size}.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, 8000), "scale": 1}
        answer = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        file.write_bytes(base64.b64decode(answer["data"]))

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if hasattr(self, "_session"):
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            chunk = os.read(self._in, 1 << 16)
            assert chunk, "Chromium has gone"
            self._rest += chunk
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, method: str, told: dict[str, Any]) -> None:
        if method == "Log.entryAdded":
            if _RENDERER not in told["entry"]["text"]:
                self.complaints.append(told["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
            self.complaints.append(" ".join(str(each.get("value", each.get("description"))) for each in told["args"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])

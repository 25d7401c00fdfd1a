# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""A headless Chromium, driven through the pipe of its DevTools protocol with nothing but Python's standard library.

    with Chromium(find_chromium()) as browser:
        browser.open("file:///tmp/report.html")
        print(browser.run("document.title"))

https://chromedevtools.github.io/devtools-protocol/ names the methods. One page is open at a time.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WAIT_S = 60
KEYS = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "/": 191}


def find_chromium() -> str:
    """The first of NAMES in PATH; empty if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), "")


class Chromium:
    def __init__(self, program: str):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        from_us, self.to_browser = os.pipe()
        self.from_browser, to_us = os.pipe()
        # With --remote-debugging-pipe it reads from descriptor 3 and writes to 4.
        ends = os.dup(from_us), os.dup(to_us)
        line = [program, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}", "--no-first-run",
                "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "about:blank"]
        if os.geteuid() == 0:
            line.insert(1, "--no-sandbox")  # Chromium refuses to be root with it.
        self.process = subprocess.Popen(line, pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=lambda: (os.dup2(ends[0], 3), os.dup2(ends[1], 4)))
        for end in (from_us, to_us, *ends):
            os.close(end)
        self.number, self.unread = 0, b""
        self.loads, self.errors, self.requests = 0, [], []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        os.close(self.to_browser)
        os.close(self.from_browser)
        self.profile.cleanup()

    def call(self, method: str, **parameters):
        """Asks for it and waits for the answer."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def read(self) -> dict:
        while b"\0" not in self.unread:
            if not select.select([self.from_browser], [], [], WAIT_S)[0]:
                raise TimeoutError(f"the browser said nothing for {WAIT_S} s")
            part = os.read(self.from_browser, 1 << 16)
            if not part:
                raise RuntimeError(f"the browser ended: {self.process.wait()}")
            self.unread += part
        text, _, self.unread = self.unread.partition(b"\0")
        message = json.loads(text)
        self.note(message.get("method"), message.get("params", {}))
        return message

    def note(self, method: str, parameters: dict) -> None:
        if method == "Page.loadEventFired":
            self.loads += 1
        elif method == "Runtime.exceptionThrown":
            self.errors.append(parameters["exceptionDetails"]["exception"].get("description", "an exception"))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.errors.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])

    def open(self, url: str) -> None:
        """Loads it anew, also where only the part behind # differs, and waits until it is loaded."""
        self.navigate("about:blank")
        self.errors, self.requests = [], []
        self.navigate(url)
        self.settle()

    def navigate(self, url: str) -> None:
        loads = self.loads
        self.call("Page.navigate", url=url)
        while self.loads == loads:
            self.read()

    def run(self, expression: str):
        """The value of a JavaScript expression, awaited if it is a promise. What it throws is raised."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"].get("description", "an exception"))
        return answer["result"].get("value")

    def settle(self) -> None:
        """Until events of what was done are handled."""
        self.run("new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done)), 20))")

    def click(self, element: str) -> None:
        """With the mouse, on the middle of an element that a JavaScript expression gives: what covers it is clicked instead."""
        place = self.run(f"(() => {{ const e = {element}; e.scrollIntoView({{block: 'center', inline: 'center'}});"
                         "const r = e.getBoundingClientRect(); return {x: r.x + r.width / 2, y: r.y + r.height / 2}; })()")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)
        self.settle()

    def press(self, key: str) -> None:
        text = {"Enter": "\r", "/": "/"}.get(key, "")
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            extra = {"text": text} if kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=KEYS[key], **extra)
        self.settle()

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)
        self.settle()

    def resize(self, width: int, height: int = 800) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.settle()

    def scheme(self, name: str) -> None:
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def picture(self, path: str) -> None:
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Drives the page of a report in a headless Chromium.

    python page_test.py REPORT_PAGES [FOLDER]

REPORT_PAGES is the program that writes the pages. With a FOLDER, pictures of them are left there. Exits with 77 and says
what to install where there is no Chromium.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from urllib.parse import quote

from chromium import NAMES, Chromium, find_chromium

BUTTONS = "[...document.querySelectorAll('.map button')]"
SHOWN = f"{BUTTONS}.filter((button) => button.checkVisibility({{visibilityProperty: true}}))"
MISMATCH = "#cell=Baked%3CT%3E/trace/cpu/to/sim:0"

# Texts whose colour is too close to what is behind them (WCAG 2.1: 4.5 to 1), as `text: ratio`.
FAINT = """(() => {
  const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (c) => c.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { while (e && rgb(getComputedStyle(e).backgroundColor)[3] === 0) e = e.parentElement;
    return e ? rgb(getComputedStyle(e).backgroundColor) : [255, 255, 255]; };
  const says = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && e.checkVisibility({visibilityProperty: true});
  return [...document.body.querySelectorAll(':not(script):not(:disabled)')].filter(says).map((e) => {
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    return [e.textContent.slice(0, 40), (a + 0.05) / (b + 0.05)];
  }).filter((pair) => pair[1] < 4.5).map((pair) => pair.join(': ')); })()"""


class PageTest(unittest.TestCase):
    browser: Chromium
    folder: Path

    def open(self, name: str = "sample", address: str = "") -> None:
        self.browser.open((self.folder / f"{name}.html").as_uri() + address)

    def run_js(self, expression: str):
        return self.browser.run(expression)

    def texts(self, elements: str) -> list:
        return self.run_js(f"{elements}.map((element) => element.textContent)")

    def text(self, element: str) -> str:
        return self.run_js(f"document.querySelector({element!r}).textContent")

    def click_verdict(self, meaning: str) -> None:
        self.browser.click(f"[...document.querySelectorAll('#verdicts button')].find((b) => b.textContent.includes({meaning!r}))")

    def is_open(self) -> bool:
        return self.run_js("document.querySelector('dialog').open")

    def setUp(self) -> None:
        self.browser.resize(1280)
        self.browser.scheme("light")

    def tearDown(self) -> None:
        self.assertEqual(self.browser.errors, [])
        outside = [url for url in self.browser.requests if not url.startswith((self.folder.as_uri(), "data:"))]
        self.assertEqual(outside, [])


class Maps(PageTest):
    def test_every_cell_is_drawn(self):
        self.open()
        self.assertEqual(len(self.texts(SHOWN)), 28)
        self.assertEqual(self.texts("[...document.querySelectorAll('.map')].at(-1).querySelectorAll('button').values().toArray()"),
                         ["ok", "ok", "ok!", "differs", "error", "(error)", "?"])
        self.assertIn("28 of 28 cells in 2 of 2 models", self.text("#shown"))

    def test_a_simulated_cell_looks_and_reads_so_and_no_other_does(self):
        self.open()
        label = "button.getAttribute('aria-label')"
        on_sim = self.run_js(f"{BUTTONS}.map((button) => [{label}.includes('on sim:'), {label}.includes('(simulated)'), "
                             "getComputedStyle(button).backgroundImage.includes('gradient')])")
        self.assertEqual(len(on_sim), 28)
        for named, said, hatched in on_sim:
            self.assertEqual((said, hatched), (named, named))
        self.assertEqual(sum(named for named, *_ in on_sim), 15)
        heads = self.texts("[...document.querySelectorAll('th[scope=colgroup]')]")
        self.assertEqual(heads[:3], ["run on cpu", "run on sim:0 simulated", "run on cuda:0"])
        self.assertIn("No cell ran on CUDA.", self.text("header"))

    def test_verdicts_filter(self):
        self.open()
        self.click_verdict("mismatch")
        self.assertEqual(self.texts(SHOWN), ["differs"])
        self.assertIn("1 of 28 cells in 1 of 2 models", self.text("#shown"))
        self.click_verdict("error, as declared")
        self.assertEqual(self.texts(SHOWN), ["differs", "(error)"])
        self.click_verdict("all")
        self.assertEqual(len(self.texts(SHOWN)), 28)

    def test_search_finds_causes_by_file_and_line(self):
        self.open()
        self.browser.press("/")
        self.browser.type("model.py:14")
        self.assertEqual(self.texts(SHOWN), ["differs", "error"])
        self.assertEqual(self.run_js("location.hash"), "#search=model.py:14")
        self.browser.type(" load")
        self.assertEqual(self.texts(SHOWN), ["error"])
        self.browser.type(" nowhere")
        self.assertEqual(self.texts(SHOWN), [])

    def test_the_address_holds_the_filter(self):
        self.open(address="#search=baked&verdict=error&verdict=untrusted")
        self.assertEqual(self.texts(SHOWN), ["error", "?"])
        self.assertEqual(self.run_js("document.querySelector('#search').value"), "baked")


class Cells(PageTest):
    def test_a_click_opens_all_that_is_known(self):
        self.open()
        self.browser.click(f"{BUTTONS}.find((button) => button.textContent === 'differs')")
        self.assertTrue(self.is_open())
        self.assertEqual(self.run_js("location.hash"), MISMATCH)
        said = self.text("dialog")
        for part in ("trace on cpu, to, run on sim:0 (simulated)", "no proof of CUDA kernels or numerics",
                     "call 1 of 3: output: 1 of 6 elements (16.7%) differs & is < 0\n",
                     "device-literal at src/my model.py:14, aten::arange in forward [device-literal-1]",
                     "output: referee none: the export draws random numbers",
                     "crosstrace check 'my model.pt' --transfer to --devices sim:0"):
            self.assertIn(part, said)
        self.assertEqual(self.run_js("[...document.querySelectorAll('meter')].map((bar) => [bar.value, bar.max])"), [[1, 4], [0, 2]])
        self.assertEqual(self.texts("[...document.querySelectorAll('#cell-body table .number')]"),
                         ["1 of 4", "0 of 2", "output", "Float", "[2, 3]", "6", "1", "0.5", "inf", "[1, 2]", "0"])

    def test_evidence_that_decided_is_told(self):
        self.open(address="#cell=Baked%3CT%3E/trace/cpu/as_traced/cpu")
        self.assertIn("The device is up to 0.7 from it, the reference up to 0.25: 2.8 times the noise, limit 16. This decided.",
                      self.text("dialog"))
        self.assertNotIn("Simulated", self.text("dialog"))

    def test_a_finding_leads_to_its_cells_and_has_its_graph(self):
        self.open()
        self.assertEqual(len(self.texts("[...document.querySelectorAll('#findings details')]")), 4)
        self.assertIn("+ %3 : Tensor = aten::sub(%1, %2)", self.text("#findings"))
        self.browser.click("document.querySelector('#findings a')")
        self.assertIn("mismatch", self.text("dialog"))

    def test_a_link_opens_its_cell_and_back_closes_it(self):
        self.open(address="#verdict=mismatch")
        self.run_js(f"void (location.hash += '&{MISMATCH[1:]}')")
        self.browser.settle()
        self.assertTrue(self.is_open())
        self.run_js("history.back()")
        self.browser.settle()
        self.assertFalse(self.is_open())
        self.assertEqual(self.texts(SHOWN), ["differs"])

    def test_a_link_to_a_cell_that_is_gone_says_so(self):
        self.open(address="#cell=Gone/trace/cpu/to/cpu")
        self.assertFalse(self.is_open())
        self.assertIn("The cell of this link is not in the report.", self.text("#shown"))

    def test_next_goes_through_the_cells_shown(self):
        self.open(address="#verdict=mismatch&verdict=untrusted")
        self.browser.click(f"{SHOWN}[0]")
        self.browser.click("document.querySelector('#next')")
        self.assertIn("every output is empty", self.text("dialog"))
        self.assertTrue(self.run_js("document.querySelector('#next').disabled"))


class Keyboard(PageTest):
    FOCUS = "document.activeElement.getAttribute('aria-label')"

    def check(self):
        self.open()
        self.run_js("document.querySelector('#verdicts').lastElementChild.focus()")
        self.browser.press("Tab")
        self.assertEqual(self.run_js(self.FOCUS), "ok: match, trace on cpu, as_traced, run on cpu")
        for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"):
            self.browser.press(key)
        self.assertEqual(self.run_js(self.FOCUS), "ok: match, trace on sim:0 (simulated), to, run on sim:0 (simulated)")
        self.browser.press("Enter")
        self.assertTrue(self.is_open())
        self.assertTrue(self.run_js("document.querySelector('dialog').contains(document.activeElement)"))
        self.browser.click("document.querySelector('#next')")
        self.browser.press("Escape")
        self.assertFalse(self.is_open())
        self.assertEqual(self.run_js(self.FOCUS), "ok: match, trace on sim:0 (simulated), load, run on sim:0 (simulated)")

    def test_beside_the_maps(self):
        self.check()

    def test_over_the_maps(self):
        self.browser.resize(390)
        self.check()

    def test_each_map_is_one_stop(self):
        self.open("large")
        self.assertEqual(len(self.texts(f"{BUTTONS}.filter((button) => button.tabIndex === 0)")), 200)


class Looks(PageTest):
    def test_nothing_is_cut_off_or_faint(self):
        for width in (360, 768, 1440):
            for scheme in ("light", "dark"):
                for address in ("", MISMATCH):
                    with self.subTest(width=width, scheme=scheme, address=address):
                        self.browser.resize(width)
                        self.browser.scheme(scheme)
                        self.open(address=address)
                        self.assertLessEqual(self.run_js("document.scrollingElement.scrollWidth"), width)
                        self.assertEqual(self.run_js(FAINT), [])
                        self.picture(f"{width}-{scheme}{'-cell' if address else ''}")

    def picture(self, name: str) -> None:
        if len(sys.argv) > 2:
            self.browser.picture(str(Path(sys.argv[2], f"{name}.png")))

    def test_the_panel_lies_in_the_window_and_scrolls(self):
        for width in (360, 768, 1440):
            self.browser.resize(width, 500)
            self.open(address=MISMATCH)
            box = self.run_js("document.querySelector('dialog').getBoundingClientRect().toJSON()")
            self.assertEqual((box["top"], box["bottom"]), (0, 500))
            self.assertEqual(box["right"], self.run_js("document.documentElement.clientWidth"))
            self.assertEqual(self.run_js("document.querySelector('dialog').matches(':modal')"), width < 1024)

    def test_the_measure_sees_what_is_faint(self):
        self.open()
        self.run_js("document.querySelector('h1').style.color = '#ddd'")
        self.assertEqual(len(self.run_js(FAINT)), 1)


class Hostile(PageTest):
    def check(self, elements: str, address: str = "") -> None:
        self.open("hostile", address)
        self.assertEqual(self.run_js("document.title"), "CrossTrace report")
        self.assertEqual(self.run_js("document.scripts.length"), 2)
        self.assertEqual(self.texts(f"[...document.querySelectorAll('{elements}')]"), [])

    def test_what_models_say_is_text(self):
        self.check("img, b, iframe, [onerror], [onmouseover], h3 script, a:not([href^=\"#\"])")
        title = self.text(".model h3")
        self.assertIn("<img src=x onerror=\"document.title='run'\"></h3>&amp;<script>document.title='run'</script>", title)

    def test_so_in_an_open_cell(self):
        self.open("hostile")
        self.browser.click(f"{BUTTONS}[0]")
        self.assertTrue(self.is_open())
        self.assertEqual(self.run_js("document.title"), "CrossTrace report")
        self.assertEqual(self.texts("[...document.querySelectorAll('img, b, dialog script, dialog a')]"), [])
        said = self.text("dialog")
        for part in ("</script><script>document.title='run'</script><!--<script>\n\ufffd[31mred\ufffd[0m **bold** [link](javascript:run())",
                     "::error file=a,line=1::%0Aannotated\ufffd\ufffd \u202esdrawkcab '\"`", "&lt;b&gt;<script>",
                     "</pre><img src=x onerror=\"document.title='run'\">.py:3", "literal\" onmouseover=run() x=\"<script>",
                     "output[\"<script>document.title='run'</script>\"]", "crosstrace check '<script>"):
            self.assertIn(part, said)

    def test_its_link_leads_back_to_it(self):
        self.open("hostile")
        self.browser.click(f"{BUTTONS}[0]")
        self.open("hostile", self.run_js("location.hash"))
        self.assertTrue(self.is_open())

    def test_a_link_is_text_too(self):
        attack = quote("<img src=x onerror=\"document.title='run'\">")
        self.check("img", f"#search={attack}&verdict={attack}&cell={attack}&%E0%A4%A")

    def test_so_where_no_script_runs(self):
        self.browser.call("Emulation.setScriptExecutionDisabled", value=True)
        try:
            self.browser.navigate((self.folder / "hostile.html").as_uri())
            self.assertFalse(self.run_js("document.querySelector('main').checkVisibility()"))
            self.assertEqual(self.texts("[...document.querySelectorAll('img, b, noscript script')]"), [])
            self.assertIn("error: </script><script>document.title='run'</script><!--<script>", self.text("noscript"))
        finally:
            self.browser.call("Emulation.setScriptExecutionDisabled", value=False)


class Large(PageTest):
    def test_6400_cells_open_soon_and_weigh_little(self):
        self.assertLess((self.folder / "large.html").stat().st_size, 3_000_000)
        times = []
        for _ in range(3):  # The machine may be busy with something else.
            self.open("large")
            times.append(self.run_js("performance.getEntriesByType('navigation')[0].loadEventEnd"))
        self.assertEqual(len(self.texts(BUTTONS)), 6400)
        print(f"6400 cells: {(self.folder / 'large.html').stat().st_size} bytes, {min(times):.0f} ms", file=sys.stderr)
        self.assertLess(min(times), 2000)

    def test_it_is_searched(self):
        self.open("large", "#search=model7%20cuda&verdict=mismatch")
        self.assertIn("in 11 of 200 models", self.text("#shown"))


class Driver(PageTest):
    def test_it_sees_errors_and_requests(self):
        self.open()
        self.run_js("void setTimeout(() => { throw new Error('seen'); })")
        self.run_js("void (document.body.append(Object.assign(new Image(), {src: 'https://example.org/'})))")
        self.browser.settle()
        errors = "\n".join(self.browser.errors)
        self.assertIn("Error: seen", errors)
        self.assertRegex(errors, "example.org/' violates the following Content Security Policy")
        with self.assertRaisesRegex(RuntimeError, "thrown"):
            self.run_js("(() => { throw new Error('thrown'); })()")
        self.browser.errors.clear()
        self.browser.requests.clear()


def main() -> int:
    program = find_chromium()
    if not program:
        print(f"skipped: there is no Chromium (looked for {', '.join(NAMES)} in PATH); install chromium")
        return 77
    with tempfile.TemporaryDirectory() as folder, Chromium(program) as browser:
        subprocess.run([os.path.abspath(sys.argv[1]), folder], check=True)
        PageTest.browser, PageTest.folder = browser, Path(folder)
        tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
        return 0 if unittest.TextTestRunner(verbosity=2).run(tests).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())

"""Playing a story in a real browser: the same stories as in Python, but every act is a page, a form and a button."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from playwright.sync_api import Browser, Locator, Page, TimeoutError
from werkzeug.serving import make_server

from sop_engine.case.accountability import accountability
from sop_engine.case.state import Case
from sop_engine.demo.play import REASON, Play, Stuck
from sop_engine.store import worklists
from sop_engine.store.database import looking
from sop_engine.store.people import Account
from tests.support.world import PASSWORD, World
from web import create_app
from web.layout.times import ZONE

# Milliseconds after which nothing comes of a press.
SOON = 15_000
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


@contextmanager
def served(world: World) -> Iterator[str]:
    """The web application of a world on a free port; gives its address."""
    server = make_server("127.0.0.1", 0, create_app(world.inst, world.settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.shutdown()
        thread.join()


class BrowserPlay(Play):
    """A play whose people sit before browsers, each with a window of their own."""

    def __init__(self, play: Play, browser: Browser, address: str, size: dict[str, int], language: str = "en") -> None:
        super().__init__(play.inst, play.cast, play.clock, play.chance, play.good, pace=4)
        self.browser, self.address, self.size, self.language = browser, address, size, language
        self.pages: dict[str, Page] = {}

    def window(self, sign_in: str | None, address: str) -> Page:
        """A window at an address: of the person with this sign-in, or of nobody who is signed in."""
        if sign_in is not None:
            return self.visit(self.cast.everybody()[sign_in], address)
        page = self.browser.new_context(viewport=self.size).new_page()  # type: ignore[arg-type]
        page.goto(f"{self.address}/language/{self.language}?back={address}")
        page.goto(f"{self.address}{address}")
        return page

    def visit(self, account: Account, address: str) -> Page:
        """Somebody's window at an address; a session that has ended meanwhile is begun again on the way."""
        if account.id not in self.pages:
            page = self.browser.new_context(viewport=self.size).new_page()  # type: ignore[arg-type]
            page.goto(f"{self.address}/language/{self.language}?back=/")
            self.pages[account.id] = page
        page = self.pages[account.id]
        page.goto(f"{self.address}{address}")
        if "/sign-in" in page.url:
            page.fill("#name", account.sign_in)
            page.fill("#password", PASSWORD)
            self._press(page, "main button")
            assert page.url == f"{self.address}{address}"
        return page

    def open(self, sop: str, entry: str, agency: str, parts: dict[str, str] | None = None, **values: Any) -> str:
        page = self.visit(self.cast.worker(agency), "/cases/open")
        for part, code in (parts or {}).items():
            page.select_option(f"#{sop}-{entry}-{part}", code)
        self._press(page, f"form:has(input[value='{sop}/{entry}']) button")
        if page.locator("input[name='screened']").count():
            self._press(page, "main .btn-main")
        with looking(self.inst.engine) as connection:
            case_id = worklists.by_number(connection, page.url.rsplit("/", 1)[1])
        assert case_id is not None
        return case_id

    def record(self, case_id: str, step: str, part_only: bool = False, **given: Any) -> None:
        case, account, raw, parts = self.prepared(case_id, step, given)
        self._pass(case_id)
        page = self.visit(account, f"/cases/{case.number}/steps/{step}?again=yes")
        for document in self.papers(case, step):
            page.fill(f"#kept-{document}", "In the locked cupboard")
            self._press(page, f"form:has(#kept-{document}) button")
        self._fill(page, self.ground(case).procedure.fields, raw)
        for part, code in parts.items():
            page.select_option(f"#part-{part}", code)
        self._press(page, f"[form=answers]{'[name=later]' if part_only else '.btn-main'}")
        self._expect(page, case, f"step {step}")

    def _press(self, page: Page, place: str) -> None:
        """Press a button and wait for the page that follows."""
        try:
            with page.expect_navigation(timeout=SOON):
                page.locator(place).first.click()
        except TimeoutError:
            # The page grew under the mouse as a draft was kept: a person presses again, and it acts once.
            with page.expect_navigation():
                page.locator(place).first.click()

    def _asked(self, page: Page, name: str) -> bool:
        """Turn to a field; False where the answers so far leave it out, which the server tells after a moment."""
        part = page.locator(f"[data-section]:has([name='{name}'], [name^='{name}.'])").first
        for _ in range(40):
            if part.get_attribute("hidden") is None:
                self._turn_to(page, part)
                return True
            page.wait_for_timeout(50)
        return False

    def _turn_to(self, page: Page, part: Locator) -> None:
        """On a phone a long form is one part at a time: turn to the part in which a field is."""
        back, further = (page.locator(".paging button").nth(place) for place in (0, 1))
        while not part.is_visible() and back.is_visible():
            back.click()
        while not part.is_visible() and further.is_visible():
            further.click()

    def _fill(self, page: Page, fields: Any, raw: dict[str, Any]) -> None:
        for name, value in raw.items():
            said = fields[name]
            if not self._asked(page, name):
                continue
            if said.standard is not None:
                self._rate(page, said, name, value)
            elif said.type == "rows":
                self._fill_rows(page, said, name, value)
            elif said.type == "several":
                for word in value:
                    page.check(f"input[name='{name}'][value='{word}']")
            elif page.locator(f"input[type=radio][name='{name}']").count():
                page.check(f"input[name='{name}'][value='{value}']")
            elif page.locator(f"select[name='{name}']").count():
                page.select_option(f"select[name='{name}']", str(value))
            else:
                page.fill(f"[name='{name}']", self._typed(said, value))

    def _typed(self, said: Any, value: Any) -> str:
        if said.type == "datetime":
            return datetime.fromisoformat(str(value)).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
        return str(value)

    def _fill_rows(self, page: Page, said: Any, name: str, rows: list[dict[str, Any]]) -> None:
        first = next(iter(said.row))
        while page.locator(f"[name='{name}.{len(rows) - 1}.{first}']").count() == 0:
            page.locator("button[name=more_rows]").first.click()
        for number, row in enumerate(rows):
            for column, cell in row.items():
                place = f"[name='{name}.{number}.{column}']"
                if page.locator(f"select{place}").count():
                    page.select_option(f"select{place}", cell)
                else:
                    page.fill(place, cell)

    def _rate(self, page: Page, said: Any, name: str, rows: list[dict[str, Any]]) -> None:
        """Rate every criterion, each with the first kind of evidence that the page offers for it."""
        codes = [str(code) for code in said.row["code"].of]
        for area in page.locator("form details:has(.rating)").all():
            if area.get_attribute("open") is None:
                area.locator("summary").click()
        for row in rows:
            base = f"{name}.{codes.index(row['code'])}"
            page.check(f"input[name='{base}.rating'][value='{row['rating']}']")
            page.locator(f"input[name='{base}.evidence']").first.check()

    def consent(self, case_id: str, *names: str) -> None:
        for name in names:
            self._consent(case_id, name)

    def _consent(self, case_id: str, name: str) -> None:
        case = self.case(case_id)
        page = self.visit(self.cast.worker(case.holder or ""), f"/cases/{case.number}")
        form = page.locator(f"form[action$='/consent/{name}']")
        page.locator(f"details:has(form[action$='/consent/{name}']) > summary").click()
        if form.locator("input[name=assent]").count():
            form.locator("input[name=assent]").check()
        self._press(page, f"form[action$='/consent/{name}'] button[value=give]")
        self._expect(page, case, f"consent {name}")

    def go(self, case_id: str, exit_name: str, to: str | None = None, override: bool = False) -> None:
        case = self.case(case_id)
        view = self.view(case, exit_name)
        self._pass(case_id)
        page = self.visit(self.cast.worker(view.by or case.holder or ""), f"/cases/{case.number}")
        self._press(page, f"a[href$='/way/{exit_name}']")
        for rule in page.locator("main input[type=checkbox]").all():
            rule.check()
        if view.candidates:
            page.select_option("#to", to or self.chance.choice(view.candidates))
        if view.reason or override:
            page.fill("#reason", REASON)
        self._press(page, "main form .btn-main")
        self._expect(page, case, f"way {exit_name}")
        if self.case(case_id).proposal is not None:
            self.sign(case_id)

    def sign(self, case_id: str) -> None:
        case = self.case(case_id)
        assert case.proposal is not None
        page = self.visit(self.cast.lead(case.proposal.of), f"/cases/{case.number}")
        self._press(page, "#sign .btn-main")
        self._expect(page, case, "sign")

    def accept(self, case_id: str) -> None:
        """From the list of what is offered: one click."""
        case = self.case(case_id)
        assert case.offer is not None
        self._pass(case_id)
        page = self.visit(self.cast.worker(case.offer.to), "/day/offered")
        self._press(page, f"form[action='/cases/{case.number}/accept'] button")
        self._expect(page, case, "accept")

    def _expect(self, page: Page, before: Case, what: str) -> None:
        """Something must have happened, and the page must say who is accountable as the engine does."""
        refused = page.locator(".note.refused, .summary")
        after = self.case(before.id)
        if refused.count() or after.seq == before.seq:
            raise Stuck(f"{what}: {refused.first.inner_text() if refused.count() else page.url}")
        self.check_strip(page, after)

    def check_strip(self, page: Page, case: Case) -> None:
        strip = page.locator(".strip")
        if not page.url.endswith(case.number) or not strip.count():
            return
        ground = self.ground(case)
        found = accountability(ground, case, self.clock())
        words, agencies = strip.inner_text(), ground.directory.agencies
        if found.holder is not None:
            assert agencies[found.holder].short.in_language(self.language) in words
        assert found.stage_title.in_language(self.language) in words
        if found.next_agency is not None:
            assert agencies[found.next_agency].short.in_language(self.language) in words

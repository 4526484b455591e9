"""Two ways of using a page: with a finger, or with the keyboard alone."""

from playwright.sync_api import Locator, Page

from tests.pages import faults_of_page

MOST_TABS = 400


class Finger:
    """Taps. Every page that follows a tap must be whole."""

    def __init__(self, page: Page):
        self.page = page

    def press(self, name: str, *, exact: bool = True) -> None:
        """The button or link of this name (or, not ``exact``, with this in its name)."""
        self._press(self._named(name, exact=exact))
        self.page.wait_for_load_state()
        assert faults_of_page(self.page.content()) == []

    def has(self, name: str) -> bool:
        return self._named(name).count() > 0

    def fill(self, field: str, text: str) -> None:
        self.page.locator(field).first.fill(text)

    def check(self, box: str) -> None:
        target = self.page.locator(box).first
        self._unfold(target)
        target.check()

    def check_all(self, boxes: str) -> None:
        for box in self.page.locator(boxes).all():
            box.check()

    def select(self, field: str, value: str) -> None:
        self.page.locator(field).select_option(value)

    def _press(self, target: Locator) -> None:
        target.click()

    def _unfold(self, target: Locator) -> None:
        """Open the もっと見る that hides it."""
        for summary in target.locator("xpath=ancestor::details[not(@open)]/summary").all():
            summary.click()

    def _named(self, name: str, *, exact: bool = True) -> Locator:
        button = self.page.get_by_role("button", name=name, exact=exact)
        return button.or_(self.page.get_by_role("link", name=name, exact=exact)).first


class Keyboard(Finger):
    """Tab, arrows, space and Enter; nothing is ever clicked."""

    def fill(self, field: str, text: str) -> None:
        self._reach(self.page.locator(field).first)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(text)

    def check(self, box: str) -> None:
        target = self.page.locator(box).first
        self._unfold(target)
        if target.get_attribute("type") == "radio":
            self._choose(target)
        elif not target.is_checked():
            self._reach(target)
            self.page.keyboard.press("Space")
        assert target.is_checked()

    def check_all(self, boxes: str) -> None:
        for box in self.page.locator(boxes).all():
            self._reach(box)
            self.page.keyboard.press("Space")

    def select(self, field: str, value: str) -> None:
        target = self.page.locator(field)
        self._reach(target)
        for _ in range(MOST_TABS):
            if target.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{value} is not in {field}")

    def _choose(self, radio: Locator) -> None:
        """Tab comes to the group; the arrows walk inside it."""
        name = radio.get_attribute("name")
        self._tab_until("name => document.activeElement.name === name", name)
        self.page.keyboard.press("Space")
        for _ in range(MOST_TABS):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {name}")

    def _press(self, target: Locator) -> None:
        self._reach(target)
        with self.page.expect_navigation():  # a key returns before the page that it asked for begins to load
            self.page.keyboard.press("Enter")

    def _unfold(self, target: Locator) -> None:
        for summary in target.locator("xpath=ancestor::details[not(@open)]/summary").all():
            self._reach(summary)
            self.page.keyboard.press("Enter")

    def _reach(self, target: Locator) -> None:
        target.wait_for()
        self._tab_until("e => e === document.activeElement", target.element_handle())

    def _tab_until(self, condition: str, argument: object) -> None:
        for _ in range(MOST_TABS):
            if self.page.evaluate(condition, argument):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach it on {self.page.url}")

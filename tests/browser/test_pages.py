"""The first pages in a browser: quick, alive, clear in both languages, and usable by keyboard and on a phone."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.demo import EN_LIGHT, MODES, ZH_DARK, Demo, Mode, a_message, read

ROOT = Path(__file__).parents[2]
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / "test-results"
WORDS: dict[str, dict[str, str]] = json.loads(
    (ROOT / "ui" / "src" / "words.gen.json").read_text(encoding="utf-8")
)
JOURNEY = "/journeys/long-wait"
Look = Callable[..., Page]


def addresses(page: Page) -> dict[str, str]:
    """Every page of the studio by name; the person is one who got a message."""
    message = a_message(page)
    return {
        "overview": "/",
        "journey": JOURNEY,
        "node": f"{JOURNEY}?node={message['node']}",
        "list": f"{JOURNEY}?view=list",
        "draft": "/journeys/second-visit",
        "people": "/people",
        "person": f"/people/{message['profile']}",
        "inbox": f"/inbox?message={message['id']}",
        "nowhere": "/nowhere",
    }


def show(page: Page, demo: Demo, path: str) -> None:
    """Go to an address and wait until nothing on it is still loading."""
    page.goto(demo.address + path)
    expect(page.locator("h1, h2").first).to_be_visible()
    expect(page.locator("main [role=status]")).to_have_count(0)


def first_visit(page: Page, demo: Demo) -> tuple[float, int]:
    """Seconds from the link to the first node on the canvas, and the gzipped bytes of JavaScript until then."""
    scripts: list[Response] = []

    def keep(answer: Response) -> None:
        if answer.url.endswith(".js"):
            scripts.append(answer)

    page.on("response", keep)
    began = time.monotonic()
    page.goto(demo.link, wait_until="commit")
    page.locator(".react-flow__node-card").first.wait_for(state="visible")
    return time.monotonic() - began, sum(len(gzip.compress(one.body(), 6)) for one in scripts)


def test_the_first_node_is_there_two_seconds_after_the_link(look: Look, served_demo: Demo) -> None:
    """The quickest of three first visits counts, so that a busy machine is not taken for a slow page."""
    visits = [first_visit(look(EN_LIGHT, None), served_demo) for _ in range(3)]
    seconds, weight = min(visits)
    print(f"first node after {seconds:.2f} s, {weight / 1000:.0f} kB of JavaScript")
    assert seconds <= 2.0, visits
    assert all(0 < weight <= 250_000 for _, weight in visits), visits


def test_figures_follow_the_events_within_five_seconds(look: Look, served_demo: Demo) -> None:
    page = look(EN_LIGHT, JOURNEY)
    expect(page.locator(".pulse[data-live]")).to_be_visible()
    page.locator(".node-entered .figure").wait_for()
    before = int(page.locator(".node-entered").inner_text().replace(",", ""))
    page.evaluate(
        "() => { window.lost = 0; new MutationObserver(all => all.forEach(one => lost += one.removedNodes.length))"
        ".observe(document.querySelector('.react-flow__edges'), {childList: true}) }"
    )
    fresh = str(time.time_ns())
    served_demo.track(
        *(
            {
                "userId": f"new-{fresh}-{n}",
                "event": "Order Paid",
                "properties": {"order_id": f"{fresh}-{n}", "total": 100},
            }
            for n in range(60)
        )
    )
    began = time.monotonic()
    reached = "n => Number(document.querySelector('.node-entered').innerText.replaceAll(',', '')) >= n"
    page.wait_for_function(reached, arg=before + 60, timeout=5_000)
    print(f"{time.monotonic() - began:.1f} s after the events were durable")
    assert page.evaluate("window.lost") == 0, "a way blinked while its figure changed"
    counts = read(page, f"/api{JOURNEY}/counts?clock=event&window=all")
    for node in counts["nodes"].values():
        assert node["entered"] == node["waiting"] + node["held"] + node["left"]


def test_every_way_on_the_canvas_adds_up_to_what_left(look: Look, served_demo: Demo) -> None:
    page = look(EN_LIGHT, JOURNEY)
    a_message(page)
    counts = read(page, f"/api{JOURNEY}/counts?clock=event&window=all")["nodes"]
    busy = max((name for name in counts if counts[name]["edges"]), key=lambda name: counts[name]["left"])
    show(page, served_demo, f"{JOURNEY}?node={busy}")
    panel = page.locator(".panel")
    expect(panel.get_by_role("heading", name="Ways on")).to_be_visible()
    # one evaluation, so that all figures are of the same moment
    figures = page.evaluate(
        "() => { const number = text => Number(text.replaceAll(',', ''));"
        "const heads = [...document.querySelectorAll('.panel h3')];"
        "const ways = heads.find(one => one.innerText === 'Ways on').parentElement.querySelectorAll('b');"
        "return {left: number(document.querySelectorAll('.panel .figures dd')[3].innerText),"
        " ways: [...ways].map(one => number(one.firstChild.textContent))} }"
    )
    assert figures["left"] > 0
    assert sum(figures["ways"]) == figures["left"]


def test_switching_to_chinese_leaves_no_english_of_ours(look: Look, served_demo: Demo) -> None:
    page = look(EN_LIGHT)
    expect(page.get_by_role("link", name="Overview", exact=True)).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("link", name="总览", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    left = {}
    for name, path in addresses(page).items():
        show(page, served_demo, path)
        data = words_of(read(page, f"/api{JOURNEY}"))
        if name == "person":
            for part in ("explain", "timeline"):
                data |= words_of(read(page, f"/api/profiles/{path.rpartition('/')[2]}/{part}"))
        if found := [text for text in english_of_ours(page) if text not in data]:
            left[name] = found
    assert not left, left
    page.get_by_role("button", name="EN").click()
    expect(page.get_by_role("link", name="Overview", exact=True)).to_be_visible()


def words_of(document: Any) -> set[str]:
    """The names and texts that the demo's own data holds: they are shown as they are."""
    if isinstance(document, dict):
        return set(document).union(*map(words_of, document.values()))
    if isinstance(document, list):
        return set().union(*map(words_of, document))
    return {document} if isinstance(document, str) else set()


def english_of_ours(page: Page) -> list[str]:
    """Texts and labels on the page that are the English of a key, or hold a phrase of one."""
    said: list[str] = page.evaluate(
        "() => { const all = []; const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);"
        "while (walk.nextNode()) if (walk.currentNode.parentElement.closest('code, [lang=en], style') === null)"
        " all.push(walk.currentNode.textContent.trim());"
        "for (const one of document.querySelectorAll('[aria-label],[title],[placeholder]'))"
        " for (const name of ['aria-label', 'title', 'placeholder']) all.push(one.getAttribute(name) ?? '');"
        "return all.filter(Boolean) }"
    )
    ours = {en for key, en in WORDS["en"].items() if en != WORDS["zh"][key] and re.search("[A-Za-z]{3}", en)}
    phrases = {
        part.strip()
        for en in ours
        for part in re.split(r"\{\w+\}", en)
        if len(part.strip()) > 8 and " " in part.strip()
    }
    return sorted({text for text in said if text in ours or any(phrase in text for phrase in phrases)})


def test_a_person_has_a_timeline_and_an_explanation(look: Look, served_demo: Demo) -> None:
    page = look(EN_LIGHT)
    message = a_message(page)
    show(page, served_demo, f"/people/{message['profile']}")
    expect(page.get_by_role("heading", level=1)).to_have_text(message["name"])
    why = page.locator(".why", has=page.get_by_role("link", name="Long wait"))
    expect(why.locator(".mark").first).to_be_visible()
    expect(why.locator(".steps > li").first).to_contain_text("Order Paid")
    timeline = page.locator(".timeline")
    expect(timeline.locator("li[data-kind=event]").first).to_be_visible()
    expect(timeline.locator("li[data-kind=transition]").first).to_be_visible()
    expect(timeline.locator("li[data-kind=message]").first).to_be_visible()
    times = timeline.locator("time").evaluate_all("all => all.map(one => one.dateTime)")
    assert times == sorted(times, reverse=True)


def test_people_are_found_by_what_is_known_of_them(look: Look, served_demo: Demo) -> None:
    page = look(ZH_DARK, "/people")
    someone = read(page, "/api/profiles?limit=1")["items"][0]
    value = someone["identifiers"][0]["value"]
    page.get_by_role("searchbox").fill(value)
    page.locator("tbody tr", has_text=value).get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(someone["name"])
    show(page, served_demo, "/people")
    page.get_by_role("searchbox").fill("nobody-is-called-so")
    expect(page.get_by_text("没有与「nobody-is-called-so」匹配的")).to_be_visible()


def test_the_inbox_shows_what_a_person_would_have_seen(look: Look, served_demo: Demo) -> None:
    page = look(EN_LIGHT)
    message = a_message(page)
    show(page, served_demo, f"/inbox?message={message['id']}")
    detail = page.get_by_role("article")
    expect(detail.get_by_role("link", name=message["name"])).to_be_visible()
    body = re.sub(r"<[^>]*>", "", message["content"]["body"]).strip().splitlines()[0].strip()
    expect(detail.locator(".stage")).to_contain_text(body)
    expect(detail.locator(".verdicts li").first).to_be_visible()
    page.get_by_label("State").select_option("sent")
    expect(page.locator(".inbox-line .mark").first).to_have_text("sent")
    expect(page.locator(".inbox-line .mark", has_not_text="sent")).to_have_count(0)
    detail.get_by_role("link", name=re.compile(message["node"])).click()
    expect(page.locator(".panel code").first).to_have_text(message["node"])


def test_the_kill_switch_asks_before_it_acts(look: Look, served_demo: Demo) -> None:
    page = look(EN_LIGHT)
    page.get_by_role("button", name="Kill switch").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Stop every send now?")
    assert read(page, "/api/overview")["kill_switch"] == {"on": False}
    dialog.get_by_role("button", name="Stop every send").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is sent")
    assert read(page, "/api/overview")["kill_switch"] == {"on": True}
    page.get_by_role("alert").get_by_role("button", name="Release").click()
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert read(page, "/api/overview")["kill_switch"] == {"on": False}


def test_the_canvas_is_walked_by_keyboard(look: Look, served_demo: Demo) -> None:
    page = look(EN_LIGHT, JOURNEY)
    page.locator(".react-flow__node-card").first.wait_for()
    page.get_by_role("radio", name="Canvas").focus()
    on_edge, node = False, None
    for _ in range(30):
        page.keyboard.press("Tab")
        on_edge |= bool(page.evaluate("document.activeElement.closest('.react-flow__edge') !== null"))
        node = page.evaluate("document.activeElement.closest('.react-flow__node')?.dataset.id")
        if node:
            break
    assert node == "kitchen"
    assert not on_edge
    page.keyboard.press("Enter")
    expect(page.locator("#node-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#node-title")).to_have_count(0)
    assert page.evaluate("document.activeElement.dataset.id") == "kitchen"


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_axe_finds_nothing_serious_and_the_pages_are_pictured(
    look: Look, served_demo: Demo, mode: Mode
) -> None:
    assert AXE.exists(), "ui/node_modules is not there: run `make ui`"
    page = look(mode)
    found = {}
    SHOTS.mkdir(exist_ok=True)
    for name, path in addresses(page).items():
        show(page, served_demo, path)
        if name in ("overview", "journey"):
            page.locator(".react-flow__node-card").first.wait_for()
        page.screenshot(path=SHOTS / f"{name}-{mode}.png", full_page=True)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        answer = page.evaluate("axe.run(document, {iframes: false, resultTypes: ['violations']})")
        serious = [one for one in answer["violations"] if one["impact"] in ("serious", "critical")]
        if serious:
            found[name] = [(one["id"], [node["html"][:160] for node in one["nodes"][:4]]) for one in serious]
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


def test_a_phone_gets_the_list_and_nothing_wider_than_itself(look: Look, served_demo: Demo) -> None:
    page = look(ZH_DARK, "/", 390, 844)
    wide = {}
    for name, path in addresses(page).items():
        show(page, served_demo, path)
        page.screenshot(path=SHOTS / f"phone-{name}.png", full_page=True)
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wide[name] = page.evaluate("document.documentElement.scrollWidth")
    assert not wide, wide
    show(page, served_demo, JOURNEY)
    expect(page.get_by_role("table")).to_be_visible()
    expect(page.locator(".react-flow")).to_have_count(0)


def test_without_a_session_the_page_says_how_to_come_in(chromium, served_demo: Demo) -> None:  # type: ignore[no-untyped-def]
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(served_demo.address + "/people")
    expect(page.get_by_text("Open the signed link")).to_be_visible()
    context.close()

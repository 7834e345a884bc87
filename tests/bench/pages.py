"""Pages under wrk, each beside a constant body of the same size."""

import re
import statistics
import subprocess
import sys
import time
import urllib.parse

from browsing import Page, local
from serving import Server

CONNECTIONS = 16
DEEP_PAGES = 200
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def wrk(url, seconds, cookie=None, connections=CONNECTIONS):
    """Requests a second, and p50 and p99 in milliseconds. Any answer but 2xx or 3xx is an error."""
    line = ["wrk", "--latency", f"-t{min(2, connections)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    if cookie:
        line += ["-H", f"Cookie: {cookie}"]
    text = subprocess.run([*line, url], check=True, capture_output=True, text=True).stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.+)", text)
    if wrong:
        raise RuntimeError(f"{url}: {wrong[0]}")

    def milliseconds(mark):
        number, unit = re.search(rf"{mark}%\s+([\d.]+)(us|ms|s|m)\b", text).groups()
        return float(number) * UNITS[unit]

    found = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), milliseconds("50"), milliseconds("99")
    if not all(found):
        raise RuntimeError(f"{url}: too few answers in {seconds} s to say how long one takes")
    return found


def alone(server, browser, path, seconds):
    """How long one client waits at the median, in milliseconds. What answers too seldom for wrk is asked for five times."""
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        # Without looking at it: reading a large page takes Python longer than making it takes Muster.
        answer = browser.get(path)
        took.append((time.perf_counter() - begun) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{path} answers {answer.status}")
    median = statistics.median(took)
    return median if median > seconds * 20 else wrk(server.url(path), seconds, browser.cookie_header(), connections=1)[1]


def page_of(browser, path):
    """The page at `path`; it must be a full answer to a signed-in person."""
    answer = browser.get(path)
    if answer.status != 200:
        raise RuntimeError(f"{path} answers {answer.status}")
    return answer, Page(answer.text)


def identities_in(page):
    found = (re.search(r"/identities/([0-9a-f]{8}-[0-9a-f-]{27})$", local(href)) for href, _, _ in page.links)
    return list(dict.fromkeys(match[1] for match in found if match))


def choose(browser):
    """The pages to measure, as name -> path, each checked to be what its name says."""
    answer, first = page_of(browser, "/identities")
    plain = identities_in(first)
    if len(plain) != 50:
        raise RuntimeError(f"/identities shows {len(plain)} identities, not 50")
    sorts = [local(urllib.parse.urljoin("/identities", href)) for href, _, text in first.links if "sort=" in href and "expir" in text.lower()]
    if not sorts:
        raise RuntimeError("/identities has no link that sorts by expiry")
    chosen = {
        "list": "/identities",
        "list, two filters": "/identities?kind=service_account&environment=production",
        "list, sorted by expiry": sorts[0],
    }
    deep, at = first, "/identities"
    for step in range(DEEP_PAGES):
        href = deep.next_link()
        if href is None:
            if step < 2:
                raise RuntimeError(f"the list ends after {step + 1} pages")
            break
        at = local(urllib.parse.urljoin(at, href))
        answer, deep = page_of(browser, at)
    chosen[f"list, page {step + 1 if deep.next_link() is None else DEEP_PAGES + 1}"] = at
    name = next((text.strip() for href, _, text in deep.links if identities_in_link(href)), None)
    word = max(re.findall("[A-Za-z]+", name or ""), key=len, default="")
    if len(word) < 3:
        raise RuntimeError("the deep page names no identity to search for")
    chosen["search for a word"] = "/identities?" + urllib.parse.urlencode({"q": word})
    chosen["search for one name"] = "/identities?" + urllib.parse.urlencode({"q": name})
    chosen["identity"] = f"/identities/{plain[0]}"
    for label, path in chosen.items():
        answer, page = page_of(browser, path)
        found = identities_in(page)
        if label != "identity" and not found:
            raise RuntimeError(f"{label} ({path}) shows no identity")
        # A word may stand in a description; a whole name is the name of a row.
        if label == "search for one name" and not any(name in text for href, _, text in page.links if identities_in_link(href)):
            raise RuntimeError(f"{label} ({path}) shows nothing called {name}")
        if label not in ("list", "search for a word", "identity") and found == plain:
            raise RuntimeError(f"{label} ({path}) shows the same rows as the plain list")
    return chosen


def identities_in_link(href):
    return re.search(r"/identities/[0-9a-f]{8}-[0-9a-f-]{27}$", local(href))


def measure(binary, server, browser, chosen, seconds, place):
    """One line of the table of results for each of the pages, chosen as name -> path."""
    rows = []
    for label, path in chosen.items():
        size = len(page_of(browser, path)[0].body)
        rate, median, slowest = wrk(server.url(path), seconds, browser.cookie_header())
        single = alone(server, browser, path, max(1, seconds // 2))
        constant = Server([str(binary), "bench-constant", "--bytes", str(size), "--listen", "127.0.0.1:0"], place.data / "constant.log", ready_path="/")
        try:
            bound = wrk(constant.url("/"), max(1, seconds // 2))[0]
        finally:
            constant.kill()
        rows.append(f"| {place.kind} | {label} | {size:,} | {rate:,.0f} | {median:.2f} ms | {slowest:.2f} ms | {bound:,.0f} | {rate / bound:.1%} | {single:.2f} ms |")
        print(rows[-1], file=sys.stderr, flush=True)
    return rows

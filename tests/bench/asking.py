"""A campaign over many identities and what is due besides, so that the pages of reviews have something to show."""

import datetime
import re
import subprocess
import time

from browsing import REDIRECTS, Page, local
from serving import command

FILTER = "kind=service_account"
REVIEW = r"/reviews/[0-9a-f]{8}-[0-9a-f-]{27}$"


def job(binary, place, name):
    """Runs a job by hand; answers its seconds."""
    begun = time.monotonic()
    done = subprocess.run(command(binary, place.data, place.url, "jobs", "run", name), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"jobs run {name} failed: {done.stderr.strip()[-1000:]}")
    return time.monotonic() - begun


def post(browser, path, wanted, **values):
    """Fills the form of the page at `path` that has the field `wanted`; answers where it leads."""
    page = browser.get(path)
    form = next((form for form in Page(page.text).forms if form.has(wanted) and form.method == "post"), None)
    if page.status != 200 or form is None:
        raise RuntimeError(f"{path} answers {page.status} without a form that has {wanted}")
    answer = browser.post(local(form.action) or path, form.filled(**values))
    if answer.status not in REDIRECTS:
        said = re.search(r'class="error[^>]*>(.*?)</', answer.text, re.S)
        raise RuntimeError(f"{path} was answered {answer.status}: {said[1].strip() if said else answer.text[-500:]}")
    return local(answer.location)


def ask(browser, binary, place):
    """Opens a campaign over FILTER and whatever is due; answers its address and what making them took, as facts."""
    later = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)).date().isoformat()
    drafted = post(browser, "/campaigns/new", "due_on", name="Everything that no person signs in to",
                   why="So that a large campaign is measured.", due_on=later, filter=FILTER).split("?")[0]
    begun = time.monotonic()
    post(browser, drafted, "asked")
    opened = time.monotonic() - begun
    took = job(binary, place, "advance_campaigns")
    due = job(binary, place, "raise_recertifications")
    # The server ended a connection that nothing came over for so long.
    browser.forget_connection()
    page = browser.get(drafted)
    asked = re.search(r"([\d,]+)\s+(?:identities|reviews|items)", re.sub("<[^>]+>", " ", page.text))
    return drafted, [
        (f"{place.kind}: freezing a campaign over {FILTER}", f"{opened:.2f} s"),
        (f"{place.kind}: advance_campaigns opens its reviews ({asked[1] if asked else 'unknown'})", f"{took:.1f} s"),
        (f"{place.kind}: raise_recertifications besides", f"{due:.1f} s"),
    ]


def pages(browser, campaign):
    """The pages that show them, as name -> path."""
    found = [local(href) for href, _, _ in Page(browser.get("/reviews").text).links if re.search(REVIEW, local(href))]
    if not found:
        raise RuntimeError("/reviews shows no review")
    return {
        "start page": "/",
        "reviews": "/reviews",
        "reviews, one reason, every state": "/reviews?cause=campaign&state=any",
        "review": found[0],
        "campaign's monitor": campaign,
        "findings": "/findings",
        "tasks": "/tasks",
        "what silence would do": "/reviews/silence",
    }

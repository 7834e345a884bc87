"""A small HTTP client with cookies and forms, as a browser without JavaScript would act.

Used by tests/bench and tests/soak. Standard library only.
"""

import html.parser
import http.client
import re
import urllib.parse

REDIRECTS = (301, 302, 303, 307, 308)


class Form:
    """A form as found in a page: where it goes, and the values its controls hold."""

    def __init__(self, attributes):
        self.action = attributes.get("action") or ""
        self.method = (attributes.get("method") or "get").lower()
        self.values = []

    def filled(self, **changes):
        """The values as pairs, with some replaced."""
        kept = [(name, value) for name, value in self.values if name not in changes]
        return kept + list(changes.items())

    def has(self, name):
        return any(each == name for each, _ in self.values)


class Page(html.parser.HTMLParser):
    """The forms and links of an HTML text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.forms, self.links = [], []
        self._form = self._select = self._area = self._link = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self._form = Form(given)
            self.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self._link = [given["href"], given.get("rel") or "", ""]
            self.links.append(self._link)
        elif self._form is None or ("disabled" in given and tag != "option"):
            return
        elif tag == "input" and given.get("name"):
            kind = (given.get("type") or "text").lower()
            if kind in ("checkbox", "radio") and "checked" not in given:
                return
            if kind not in ("submit", "button", "file", "image", "reset"):
                self._form.values.append((given["name"], given.get("value") or ("on" if kind == "checkbox" else "")))
        elif tag == "select" and given.get("name"):
            self._select = [given["name"], None, None]
        elif tag == "option" and self._select is not None:
            value = given.get("value") or ""
            if self._select[1] is None:
                self._select[1] = value
            if "selected" in given:
                self._select[2] = value
        elif tag == "textarea" and given.get("name"):
            self._area = [given["name"], ""]

    def handle_data(self, data):
        if self._area is not None:
            self._area[1] += data
        if self._link is not None:
            self._link[2] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "a":
            self._link = None
        elif tag == "select" and self._select is not None:
            name, first, chosen = self._select
            self._form.values.append((name, chosen if chosen is not None else first or ""))
            self._select = None
        elif tag == "textarea" and self._area is not None:
            # HTML drops the first line break of a text area.
            self._form.values.append((self._area[0], re.sub(r"^\r?\n", "", self._area[1])))
            self._area = None

    def next_link(self):
        """Where the list goes on, or None on its last page."""
        for href, rel, text in self.links:
            if "next" in rel.split() or text.strip().lower().startswith("next"):
                return href
        return None


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def location(self):
        return self.headers.get("Location")


class Browser:
    """One connection and one set of cookies. Redirects are not followed."""

    def __init__(self, host, port, timeout=30):
        self.host, self.port, self.timeout = host, port, timeout
        self.cookies = {}
        self.connection = None

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, pairs):
        body = urllib.parse.urlencode(pairs)
        return self.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def request(self, method, path, body=None, headers=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        sent = {"Origin": f"http://{self.host}:{self.port}", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = self.cookie_header()
        try:
            self.connection.request(method, path, body, sent)
            response = self.connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except Exception:
            self.forget_connection()
            raise
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";", 1)[0].partition("=")
            self.cookies[name.strip()] = value.strip()
        return answer

    def forget_connection(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def cookie_header(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def sign_in(self, email, password):
        """Through the form at /sign-in."""
        page = self.get("/sign-in")
        form = next((form for form in Page(page.text).forms if form.has("password")), None)
        if page.status != 200 or form is None:
            raise RuntimeError(f"/sign-in answers {page.status} without a form that asks for a password")
        answer = self.post(local(form.action) or "/sign-in", form.filled(email=email, password=password))
        if answer.status not in REDIRECTS:
            raise RuntimeError(f"signing in as {email} was answered {answer.status}")
        if self.get("/identities").status != 200:
            raise RuntimeError("signed in, but /identities does not answer 200")


def local(url):
    """Path and query of a link."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))


def sign_ins(text):
    """What `demo` and `bench-fixture` print: role -> (email, password)."""
    found = {}
    for line in text.splitlines():
        match = re.match(r"^\W*([A-Za-z][A-Za-z _-]*?)[\s:|]+([^\s:|]+@[^\s|]+)[\s|]+(\S+)", line)
        if match:
            role = re.sub("[ -]+", "_", match[1].strip().lower())
            found.setdefault(role, (match[2], match[3]))
    return found

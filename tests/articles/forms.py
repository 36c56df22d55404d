"""A form filled in as a browser would: read from a page, changed by name, sent back to where it belongs."""

from html.parser import HTMLParser
from urllib.parse import urljoin


class Form(dict):
    """The fields of the page's form, by name: lists of values as they are sent, single ones as they are set."""

    def __init__(self, client, url: str, response=None):
        super().__init__()
        self.client = client
        self.url = url
        self.response = response or client.get(url)
        self.html = self.response.content.decode()
        assert self.response.status_code in (200, 409), f"{self.response.status_code}: {self.html[:500]}"
        _Reader(self).feed(self.html)

    def send(self, **changes):
        """Press the first button."""
        return self.client.post(self.url, {**self, **changes})

    def add(self, name: str, value: str) -> None:
        self[name] = [*self[name], value] if name in self else [value]

    def row(self, prefix: str, text: str) -> str:
        """The prefix of the row of a list of parts that has `text` in one of its fields."""
        [name] = [n for n, value in self.items() if n.startswith(f"{prefix}-") and text in value]
        return name.rpartition("-")[0]


class _Reader(HTMLParser):
    def __init__(self, form: Form):
        super().__init__()
        self.form = form
        self.is_inside = False
        self.select = self.textarea = None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form" and attrs.get("method") == "post" and attrs.get("id") != "logout-form":
            self.is_inside = True
            self.form.url = urljoin(self.form.url, attrs.get("action") or "")
        if not self.is_inside or "disabled" in attrs:
            return
        match tag:
            case "input" if attrs.get("name") and attrs.get("type") not in ("submit", "file"):
                is_box = attrs.get("type") in ("checkbox", "radio")
                if not is_box or "checked" in attrs:
                    self.form.add(attrs["name"], attrs.get("value", "on" if is_box else ""))
            case "select":
                self.select = attrs
            case "option" if self.select and "selected" in attrs:
                self.form.add(self.select["name"], attrs.get("value", ""))
            case "textarea":
                self.textarea, self.text = attrs["name"], ""

    def handle_data(self, data):
        if self.textarea:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self.textarea:
            self.form.add(self.textarea, self.text.removeprefix("\n"))
            self.textarea = None
        if tag == "select":
            self.select = None
        if tag == "form":
            self.is_inside = False

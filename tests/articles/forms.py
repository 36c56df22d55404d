"""A form filled in as a browser would: read from a page, changed by name, sent back to where it belongs."""

from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin


def road(article, name="change") -> str:
    """The address of a page about a story at the desk."""
    return f"/desk/articles/article/{article.pk}/{name}/"


def errors(response) -> dict[str, list[str]]:
    """The messages that stand by the fields of a page, by the fields' names in the form."""
    forms = [response.context["adminform"].form]
    forms += [form for inline in response.context["inline_admin_formsets"] for form in inline.formset.forms]
    return {form.add_prefix(name): list(found) for form in forms for name, found in form.errors.items()}


class Form(dict):
    """The fields of the page's form, by name: lists of values as they are sent, single ones as they are set."""

    def __init__(self, client, url: str, response=None, method: str = "post"):
        super().__init__()
        self.client = client
        self.method = method
        self.url = url
        self.enctype = "application/x-www-form-urlencoded"
        self.response = response or client.get(url)
        self.html = self.response.content.decode()
        assert self.response.status_code in (200, 409), f"{self.response.status_code}: {self.html[:500]}"
        _Reader(self).feed(self.html)

    def send(self, **changes):
        """Press the first button; what is sent is encoded as the form says."""
        sent = {**self, **changes}
        if self.enctype == "multipart/form-data":
            return self.client.post(self.url, sent)
        said = {name: "" if value is None else value for name, value in sent.items()}
        return self.client.post(self.url, urlencode(said, doseq=True), content_type=self.enctype)

    def add(self, name: str, value: str) -> None:
        self[name] = [*self[name], value] if name in self else [value]


class _Reader(HTMLParser):
    def __init__(self, form: Form):
        super().__init__()
        self.form = form
        self.is_inside = False
        self.select = self.textarea = None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form" and attrs.get("method") == self.form.method and attrs.get("id") != "logout-form":
            self.is_inside = True
            self.form.url = urljoin(self.form.url, attrs.get("action") or "")
            self.form.enctype = attrs.get("enctype", self.form.enctype)
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

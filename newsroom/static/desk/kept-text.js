/*
 * Keeps what is typed into the form around it in this browser, and offers back what never reached the desk.
 *
 *   <form> <kept-text data-owner="3" data-saved="[tab] [tab]" hidden> <p>… <time data-at></time> …</p>
 *     <button type="button" data-bring-back>…</button> <button type="button" data-throw-away>…</button> </kept-text> … </form>
 *
 * Every change is written down at once (localStorage), by its owner, the address of the form and the tab. The form tells
 * the desk its tab in the field `tab`; the desk says on its next page, in [data-saved], what it has taken, and that is
 * forgotten. [data-since] names the field that says from which save the text began: it comes back with the text.
 * [data-is-typed] marks a form that came back from the desk as it was typed. Without its buttons the element
 * only names the tab and forgets. The browser's memory may be full or shut off; then the page goes on without.
 */
const LONGEST = 30 * 24 * 60 * 60 * 1000;
const NOT_TYPED = ["hidden", "submit", "button", "file", "password"];
const BOXES = ["checkbox", "radio"];

/* Without crypto.randomUUID, which is there only under https and on this machine itself. */
function newTab() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

class KeptText extends HTMLElement {
  connectedCallback() {
    this.forget((name) => this.dataset.saved.split(" ").includes(name.split(":").at(-1)));
    this.form = this.closest("form");
    if (!this.form) return;
    this.tab = this.form.elements.tab ?? this.tabField();
    this.tab.value ||= newTab();
    if (this.querySelector("[data-bring-back]")) this.watch();
    // A page that the browser shows once more from its memory was sent already.
    else addEventListener("pageshow", (event) => event.persisted && (this.tab.value = newTab()));
  }

  tabField() {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "tab" });
    this.form.append(field);
    return field;
  }

  watch() {
    this.names = `typed:${this.dataset.owner}:${new URL(this.form.action).pathname}:`;
    this.since = this.form.elements[this.dataset.since];
    if (this.dataset.isTyped) this.keep();
    this.form.addEventListener("input", () => this.keep());
    this.form.addEventListener("change", () => this.keep());
    this.form.addEventListener("submit", () => (this.isSent = true));
    this.querySelector("[data-bring-back]").addEventListener("click", () => this.bringBack());
    this.querySelector("[data-throw-away]").addEventListener("click", () => this.throwAway());
    this.offer();
  }

  /* A box that must be ticked is a promise: it is asked for again. */
  fields() {
    return [...this.form.elements].filter(
      ({ name, type, required }) => name && !NOT_TYPED.includes(type) && !(type === "checkbox" && required),
    );
  }

  typed() {
    return this.fields().map(({ name, type, value, checked }) => [name, value, BOXES.includes(type) && checked]);
  }

  keep() {
    const sent = this.isSent ? this.tab.value : null;
    // What was sent may be forgotten; what is typed after that is not it.
    if (sent) this.tab.value = newTab();
    this.isSent = false;
    const kept = { at: Date.now(), since: this.since?.value, typed: this.typed() };
    try {
      localStorage.setItem(this.names + this.tab.value, JSON.stringify(kept));
      if (sent) localStorage.removeItem(this.names + sent);
    } catch {}
  }

  forget(isMeant) {
    try {
      for (const name of Object.keys(localStorage).filter(isMeant)) localStorage.removeItem(name);
    } catch {}
  }

  /* What other tabs have typed here, newest first; without what is old, or stands in the form as it is. */
  offers() {
    const now = JSON.stringify(this.typed());
    const own = this.names + this.tab.value;
    const found = [];
    try {
      for (const name of Object.keys(localStorage).filter((name) => name.startsWith(this.names) && name !== own)) {
        const kept = JSON.parse(localStorage.getItem(name));
        const isOver = Date.now() - kept.at > LONGEST || JSON.stringify(kept.typed) === now;
        if (isOver) localStorage.removeItem(name);
        else found.push({ name, ...kept });
      }
    } catch {}
    return found.sort((one, other) => other.at - one.at);
  }

  offer() {
    [this.offered] = this.offers();
    this.hidden = !this.offered;
    if (!this.offered) return;
    const at = new Date(this.offered.at);
    const time = this.querySelector("[data-at]");
    time.dateTime = at.toISOString();
    time.textContent = at.toLocaleString("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  }

  bringBack() {
    const { name, since, typed } = this.offered;
    // What stands here now is offered in its turn.
    if (localStorage.getItem(this.names + this.tab.value)) this.tab.value = newTab();
    for (const field of this.fields()) this.fill(field, typed);
    // Others may have saved since; then that is a conflict, and not overwritten.
    if (this.since) this.since.value = since;
    this.keep();
    localStorage.removeItem(name);
    this.offer();
    this.form.querySelector("textarea")?.focus();
  }

  fill(field, typed) {
    const isBox = BOXES.includes(field.type);
    const found = typed.find(([name, value]) => name === field.name && (!isBox || value === field.value));
    if (!found) return;
    const before = field.value;
    if (isBox) field.checked = found[2];
    else field.value = found[1];
    // A choice that is there no more is not made.
    if (field.selectedIndex === -1) field.value = before;
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  }

  throwAway() {
    localStorage.removeItem(this.offered.name);
    this.offer();
  }
}

customElements.define("kept-text", KeptText);

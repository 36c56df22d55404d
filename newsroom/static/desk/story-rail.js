/*
 * The rail of a story's page: keeps what is typed, and shows what saving and publishing it would change.
 *
 *   <story-rail data-owner="3" data-story="7" data-address="/desk/…/rail/">
 *     <div data-live>…</div>  <p data-kept></p>  <div data-for-warnings>…</div>
 *   </story-rail>
 *
 * Within a second of the last key the form goes to `data-address`; the server keeps it and answers with the inside of
 * [data-live]. While it cannot be reached, this browser keeps the form (localStorage) and sends it when it can.
 * <kept-text> in the same form names the tab, and forgets what the desk has taken.
 */
const SOON = 600;
const LATEST = 5000;
const AGAIN = 5000;

class StoryRail extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.live = this.querySelector("[data-live]");
    this.kept = this.querySelector("[data-kept]");
    this.tab = this.form.elements.tab;
    this.sendWhatIsLeft();
    this.form.addEventListener("input", (event) => this.changed(event));
    this.form.addEventListener("change", (event) => this.changed(event));
    this.form.addEventListener("submit", (event) => this.submitted(event));
    document.addEventListener("formset:added", () => this.later());
    document.addEventListener("formset:removed", () => this.later());
    document.addEventListener("story:moved", () => this.later());
    addEventListener("pagehide", () => this.isTyping && this.keepHere());
    window.CKEDITOR?.on("instanceReady", ({ editor }) => editor.on("change", () => this.later()));
    if (this.hasTextTypedEarlier()) this.later();
    this.showReason();
  }

  /* Who types on a slow page types before this listens. */
  hasTextTypedEarlier() {
    const fields = this.form.querySelectorAll("input[type=text], input[type=url], textarea");
    return [...fields].some((field) => field.value !== field.defaultValue);
  }

  submitted(event) {
    clearTimeout(this.timer);
    if (event.submitter?.name === "_publish" && this.isTyping && !this.isLate) {
      // What goes out is what the rail has shown: it shows the last words first.
      event.preventDefault();
      this.publishLate(event.submitter);
      return;
    }
    // What is on its way now would arrive after the save, and be offered as unsaved.
    this.request?.abort();
    if (this.isTyping) this.keepHere();
  }

  async publishLate(button) {
    const kind = this.form.elements.kind?.value;
    this.isLate = true;
    await this.send();
    // What could not be sent goes to the desk with the form.
    this.isLate = this.isTyping;
    if (this.form.elements.kind?.value === kind) this.form.requestSubmit(button);
    else this.say("This now looks like another kind of change. Look at it, then publish.");
  }

  changed(event) {
    if (event.target.name === "kind") this.hasChosen = true;
    this.later();
  }

  later(wait = SOON) {
    this.isTyping = true;
    // Who types without a pause is kept all the same.
    this.due ??= Date.now() + LATEST;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), Math.min(wait, this.due - Date.now()));
  }

  typed() {
    for (const editor of Object.values(window.CKEDITOR?.instances ?? {})) editor.updateElement();
    const form = new FormData(this.form);
    for (const [name, value] of [...form]) if (value instanceof File) form.delete(name);
    if (!this.hasChosen) form.delete("kind");
    return new URLSearchParams(form);
  }

  async send() {
    this.request?.abort();
    this.due = undefined;
    const request = (this.request = new AbortController());
    try {
      const answer = await this.post(this.typed(), request.signal);
      this.show(await answer.text());
      this.forget(this.tab.value);
      // Unless something was typed while this was on its way.
      this.isTyping = this.due !== undefined;
      document.dispatchEvent(new CustomEvent("story:kept"));
    } catch (error) {
      if (request.signal.aborted) return;
      this.keepHere();
      this.later(AGAIN);
      this.say(error.message);
    }
  }

  async post(form, signal) {
    if (this.isLoggedOut && (await this.renewToken())) {
      this.isLoggedOut = false;
      form.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    }
    const answer = this.isLoggedOut ? null : await this.ask(form, signal);
    if (!answer || answer.redirected || answer.status === 403) {
      this.isLoggedOut = true;
      throw new Error("You are logged out. What you type stays in this browser; log in in another tab, then go on here.");
    }
    if (answer.status === 413) throw new Error("This is more text than the desk can keep. Copy it before you leave the page.");
    if (!answer.ok) throw new Error("The desk could not keep your text; this browser does. It is tried again.");
    return answer;
  }

  async ask(body, signal) {
    try {
      return await fetch(this.dataset.address, { method: "POST", body, signal, credentials: "same-origin" });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Error("The desk cannot be reached. What you type stays in this browser until it can.");
    }
  }

  /* After another login the token of this form is an old one. */
  async renewToken() {
    const page = await fetch(location.pathname, { credentials: "same-origin" });
    if (page.redirected || !page.ok) return false;
    const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
    const token = fresh.querySelector("input[name=csrfmiddlewaretoken]");
    if (!token) return false;
    if (fresh.querySelector("story-rail")?.dataset.owner !== this.dataset.owner) {
      throw new Error("Somebody else is logged in here now. What you type stays in this browser; log in as yourself, then go on.");
    }
    for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = token.value;
    return true;
  }

  show(html) {
    this.live.innerHTML = html;
    const suggested = this.live.querySelector("[data-suggested]")?.dataset.suggested;
    if (suggested && !this.hasChosen && this.form.elements.kind) {
      this.form.elements.kind.value = suggested;
      document.dispatchEvent(new CustomEvent("kind:suggested"));
    }
    this.propose();
    this.showReason();
    this.say(`Kept at ${new Date().toLocaleTimeString("en-GB")}; not saved yet.`);
  }

  say(text) {
    this.kept.textContent = text;
  }

  /* The range of wrong editions follows what is typed until somebody fills it in. */
  propose() {
    const range = this.live.querySelector("[data-first-wrong]");
    for (const [name, key] of range ? [["first_wrong", "firstWrong"], ["last_wrong", "lastWrong"]] : []) {
      const field = this.form.elements[name];
      if (field && field.value === (field.dataset.proposed ?? field.defaultValue)) {
        field.value = field.dataset.proposed = range.dataset[key];
      }
    }
  }

  /* The field for a reason, where there is something to override. */
  showReason() {
    const warns = Boolean(this.live.querySelector("[data-warns]"));
    for (const part of this.querySelectorAll("[data-for-warnings]")) part.hidden = !warns;
  }

  /* This browser's own copy. It may be full or shut off; then the page goes on without. */
  name(tab) {
    return `story-rail:${this.dataset.owner}:${this.dataset.story}:${tab}`;
  }

  keepHere() {
    try {
      const typed = [...this.typed()].filter(([name]) => name !== "csrfmiddlewaretoken");
      localStorage.setItem(this.name(this.tab.value), JSON.stringify(typed));
    } catch {}
  }

  forget(tab) {
    try {
      localStorage.removeItem(this.name(tab));
    } catch {}
  }

  async sendWhatIsLeft() {
    let left = [];
    try {
      left = Object.keys(localStorage).filter((name) => name.startsWith(this.name("")) && name !== this.name(this.tab.value));
    } catch {}
    for (const name of left) {
      const form = new URLSearchParams(JSON.parse(localStorage.getItem(name)));
      form.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
      try {
        await this.post(form);
        localStorage.removeItem(name);
      } catch {
        return;
      }
    }
    if (left.length) location.reload();
  }
}

customElements.define("story-rail", StoryRail);

/*
 * Who else has this story open.
 *
 *   <story-presence data-address="/desk/…/presence/" role="status"></story-presence>
 *
 * Says every few seconds that this page is open, and shows the answer. An empty answer leaves what was said last.
 */
const EVERY = 4000;

class StoryPresence extends HTMLElement {
  connectedCallback() {
    this.ask();
    this.timer = setInterval(() => this.ask(), EVERY);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  async ask() {
    const { value } = this.closest("form").elements.csrfmiddlewaretoken;
    const body = new URLSearchParams({ csrfmiddlewaretoken: value });
    try {
      const answer = await fetch(this.dataset.address, { method: "POST", body, redirect: "error" });
      const said = answer.ok ? (await answer.text()).trim() : "";
      if (said && said !== this.said) this.innerHTML = this.said = said;
    } catch {
      // The rail says what a lost connection means for the text.
    }
  }
}

customElements.define("story-presence", StoryPresence);

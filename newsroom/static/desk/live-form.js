/*
 * Shows what is typed into a form, as the desk sees it.
 *
 *   <live-form data-address="/desk/…/look/"> <form>…</form> <div data-live>…</div> </live-form>
 *
 * Soon after the last key the form goes to `data-address`; the answer is the inside of [data-live].
 */
const SOON = 300;

class LiveForm extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), SOON);
    });
  }

  async look() {
    this.request?.abort();
    const { signal } = (this.request = new AbortController());
    const body = new URLSearchParams(new FormData(this.querySelector("form")));
    try {
      const answer = await fetch(this.dataset.address, { method: "POST", body, signal, credentials: "same-origin" });
      if (answer.ok && !answer.redirected) this.querySelector("[data-live]").innerHTML = await answer.text();
    } catch {}
  }
}

customElements.define("live-form", LiveForm);

// Shows how far an import is while the worker is at it, by fetching the page again until it is not.
//
// <p role="status" id="import-said"></p>
// <import-progress data-is-at-work><h2>Being taken</h2>…</import-progress>
const SECONDS = 2;

customElements.define("import-progress", class extends HTMLElement {
  connectedCallback() {
    this.wait();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  wait() {
    if ("isAtWork" in this.dataset) this.timer = setTimeout(() => this.look(), SECONDS * 1000);
  }

  async look() {
    try {
      const answer = await fetch(location.pathname);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = page.querySelector("import-progress");
      if (answer.ok && part) this.take(part);
    } catch {
      // The network is away; it is asked again.
    }
    this.wait();
  }

  take(part) {
    this.toggleAttribute("data-is-at-work", "isAtWork" in part.dataset);
    this.replaceChildren(...part.childNodes);
    const [said, heading] = [document.getElementById("import-said"), this.querySelector("h2").textContent];
    if (said.textContent !== heading) said.textContent = heading;
  }
});

// Shows what becomes of a letter while it is on its way, by fetching its numbers again until it is not.
//
// <p role="status" id="issue-said"></p>
// <issue-progress data-address="/desk/…/progress/" data-is-under-way>
//   <div data-state="sending" data-is-under-way>… <h2>Being sent</h2> …</div>
// </issue-progress>
const SECONDS = 2;

customElements.define("issue-progress", class extends HTMLElement {
  connectedCallback() {
    this.said = document.getElementById("issue-said");
    this.wait();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  wait() {
    if ("isUnderWay" in this.dataset) this.timer = setTimeout(() => this.look(), SECONDS * 1000);
  }

  async look() {
    try {
      const answer = await fetch(this.dataset.address);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = page.querySelector("[data-state]");
      if (answer.ok && part) this.take(part);
    } catch {
      // The network is away; it is asked again.
    }
    this.wait();
  }

  take(part) {
    this.toggleAttribute("data-is-under-way", "isUnderWay" in part.dataset);
    const before = this.firstElementChild;
    if (before.outerHTML === part.outerHTML) return;
    const isOpen = before.querySelector("details")?.open;
    const heading = part.querySelector("h2").textContent;
    if (before.querySelector("h2").textContent !== heading) {
      this.said.textContent = heading;
      // What was said when a button was pressed is over.
      document.querySelector(".messagelist")?.remove();
    }
    before.replaceWith(document.adoptNode(part));
    if (isOpen) part.querySelector("details")?.setAttribute("open", "");
  }
});

/*
 * Shows of a form on publishing only the fields that the chosen kind needs.
 *
 *   <kind-fields> <input type="radio" name="kind" …> <div data-kinds="correction clarification">…</div> </kind-fields>
 */
class KindFields extends HTMLElement {
  connectedCallback() {
    this.show();
    this.addEventListener("change", () => this.show());
    document.addEventListener("kind:suggested", () => this.show());
  }

  show() {
    const kind = this.querySelector("[name=kind]:checked")?.value;
    for (const part of this.querySelectorAll("[data-kinds]")) {
      part.hidden = Boolean(kind) && !part.dataset.kinds.split(" ").includes(kind);
    }
  }
}

customElements.define("kind-fields", KindFields);

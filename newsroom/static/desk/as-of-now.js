/*
 * A time that one press sets to now, by the newsroom's clock, wherever its editor is.
 *
 *   <as-of-now data-zone="Europe/Kyiv"> <input type="datetime-local"> <button type="button" hidden>Now</button> </as-of-now>
 */
class AsOfNow extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").hidden = false;
    this.addEventListener("click", this);
  }

  handleEvent({ target }) {
    if (!target.matches("button")) return;
    const field = this.querySelector("input");
    // Swedish writes a date and a time as the field wants them.
    field.value = new Date().toLocaleString("sv", { timeZone: this.dataset.zone }).replace(" ", "T");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("as-of-now", AsOfNow);

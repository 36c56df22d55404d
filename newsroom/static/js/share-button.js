/*
  The device's own way of passing on what stands in a text box, where there is one:
  <share-button data-from="id-of-a-textarea"><button type="button" hidden>Share…</button></share-button>
*/
customElements.define(
  "share-button",
  class extends HTMLElement {
    connectedCallback() {
      if (!navigator.share) return;
      const button = this.querySelector("button");
      button.hidden = false;
      button.addEventListener("click", () => {
        const text = document.getElementById(this.dataset.from).value;
        navigator.share({ text }).catch(ignoreCancelled);
      });
    }
  },
);

function ignoreCancelled(error) {
  if (error.name !== "AbortError") throw error;
}

/*
  The device's own way of passing something on, where there is one:
  <share-button data-text="Headline" data-link="https://…"><button type="button" hidden>Share…</button></share-button>
*/
customElements.define(
  "share-button",
  class extends HTMLElement {
    connectedCallback() {
      if (!navigator.share) return;
      const button = this.querySelector("button");
      button.hidden = false;
      button.addEventListener("click", () => {
        const { text, link } = this.dataset;
        navigator.share({ text, url: link }).catch(ignoreCancelled);
      });
    }
  },
);

function ignoreCancelled(error) {
  if (error.name !== "AbortError") throw error;
}

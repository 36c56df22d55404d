/*
  A button that copies, where the browser can:
  <copy-button data-text="What to copy"><button type="button" hidden>Copy</button></copy-button>
*/
customElements.define(
  "copy-button",
  class extends HTMLElement {
    connectedCallback() {
      if (!navigator.clipboard) return;
      const button = this.querySelector("button");
      const label = button.textContent;
      button.hidden = false;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(this.dataset.text);
        button.textContent = "Copied";
        setTimeout(() => (button.textContent = label), 2000);
      });
    }
  },
);

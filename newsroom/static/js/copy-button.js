/*
  A button that copies a text, or what stands in another element, where the browser can:
  <copy-button data-text="What to copy"><button type="button" hidden>Copy</button></copy-button>
  <copy-button data-from="id-of-a-textarea"><button type="button" hidden>Copy</button></copy-button>
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
        await navigator.clipboard.writeText(this.text);
        button.textContent = "Copied";
        setTimeout(() => (button.textContent = label), 2000);
      });
    }

    get text() {
      return this.dataset.text ?? document.getElementById(this.dataset.from).value;
    }
  },
);

/*
  The leads of a story, one at a time, as a slider has it; all of them until it is moved:
  <lead-timeline>
    <div hidden><label for="a">One at a time</label><input type="range" id="a" min="1" max="2"
      ><button type="button" hidden>Show all</button><p role="status"></p></div>
    <ol><li data-lead="As it read">…</li><li data-lead="As it reads">…</li></ol>
  </lead-timeline>
*/
const ANNOUNCED_AFTER = 600; // Milliseconds at rest, so that sliding past ten leads does not read out ten.

customElements.define(
  "lead-timeline",
  class extends HTMLElement {
    connectedCallback() {
      this.slider = this.querySelector("input");
      if (!this.slider) return;
      this.leads = [...this.querySelectorAll("li")];
      this.all = this.querySelector("button");
      this.slider.value = this.slider.max;
      this.name();
      this.slider.addEventListener("input", () => this.showOne());
      this.all.addEventListener("click", () => this.showAll());
      this.slider.closest("[hidden]").hidden = false;
    }

    get lead() {
      return this.leads[this.slider.value - 1];
    }

    /* The slider says the edition, its kind and its time, where it would say a number. */
    name() {
      const facts = [...this.lead.querySelectorAll("h2, .edition__kind, .edition__time")];
      this.slider.setAttribute("aria-valuetext", facts.map((fact) => fact.textContent).join(", "));
    }

    showOne() {
      for (const lead of this.leads) lead.hidden = lead !== this.lead;
      this.all.hidden = false;
      this.name();
      clearTimeout(this.announcing);
      this.announcing = setTimeout(() => this.announce(this.lead.dataset.lead), ANNOUNCED_AFTER);
    }

    showAll() {
      for (const lead of this.leads) lead.hidden = false;
      this.slider.focus();
      this.all.hidden = true;
      clearTimeout(this.announcing);
      this.announce("");
    }

    announce(words) {
      this.querySelector("[role=status]").textContent = words;
    }
  },
);

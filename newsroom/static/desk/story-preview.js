/*
 * The story as readers would get it, beside the form: as wide as a phone, or as a desktop made small.
 *
 *   <story-preview data-address="/desk/…/preview/"> <button data-width="390">…</button> <div data-frame hidden></div> </story-preview>
 *
 * It follows "story:kept", which says that what is typed has reached the desk.
 */
class StoryPreview extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.place = this.querySelector("[data-frame]");
    this.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-width]");
      if (button) this.toggle(button);
    });
    document.addEventListener("story:kept", () => this.frame && this.load());
  }

  toggle(button) {
    const isOpen = button.getAttribute("aria-pressed") === "true";
    for (const each of this.querySelectorAll("[data-width]")) each.setAttribute("aria-pressed", String(each === button && !isOpen));
    this.place.hidden = isOpen;
    this.place.replaceChildren();
    this.frame = null;
    if (!isOpen) this.open(Number(button.dataset.width));
  }

  open(width) {
    this.frame = document.createElement("iframe");
    this.frame.title = "Preview";
    const scale = Math.min(1, this.place.clientWidth / width);
    this.frame.style.width = `${width}px`;
    this.frame.style.height = `${720 / scale}px`;
    this.frame.style.transform = `scale(${scale})`;
    this.place.style.height = "720px";
    this.place.append(this.frame);
    this.load();
    this.scrollIntoView({ block: "start" });
  }

  load() {
    const tab = this.closest("form")?.elements.tab?.value ?? "";
    const at = this.frame.contentWindow?.scrollY ?? 0;
    this.frame.onload = () => this.frame?.contentWindow.scrollTo(0, at);
    this.frame.src = `${this.dataset.address}?tab=${encodeURIComponent(tab)}`;
  }
}

customElements.define("story-preview", StoryPreview);

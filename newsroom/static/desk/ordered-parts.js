/*
 * Rows that are ordered by dragging and by keyboard; their order is in the field [name$="-order"] of each.
 *
 *   <ordered-parts> <fieldset> <div class="part"> <h3 class="part__top">… <label class="part__order">…</label> </h3> … </div>
 *
 * Each row gets a handle: drag it, or press the arrow keys on it. Says "story:moved" when something moved.
 */
class OrderedParts extends HTMLElement {
  connectedCallback() {
    this.status = document.createElement("p");
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    this.append(this.status);
    for (const part of this.parts()) this.prepare(part);
    document.addEventListener("formset:added", ({ target }) => {
      if (!this.contains(target)) return;
      this.prepare(target);
      target.querySelector(":is(input, textarea, select):not([type=hidden], .part__top *)")?.focus();
    });
    this.addEventListener("dragover", (event) => this.dragOver(event));
    this.addEventListener("drop", (event) => this.drop(event));
    this.addEventListener("click", ({ target }) => this.fold(target));
  }

  parts() {
    return [...this.querySelectorAll(".part:not(.empty-form)")];
  }

  prepare(part) {
    const order = part.querySelector(".part__order");
    if (!order || part.querySelector(".part__handle")) return;
    order.hidden = true;
    // No button: Firefox lets none be dragged.
    const handle = document.createElement("span");
    handle.role = "button";
    handle.tabIndex = 0;
    handle.className = "part__handle";
    handle.draggable = true;
    handle.textContent = "⋮⋮";
    handle.title = "Drag, or move with the arrow keys";
    handle.setAttribute("aria-label", `Move ${part.querySelector("b").textContent.trim()}: arrow up or down`);
    handle.addEventListener("keydown", (event) => this.pressed(event, part));
    handle.addEventListener("dragstart", (event) => this.dragStart(event, part));
    handle.addEventListener("dragend", () => this.dragEnd());
    order.before(handle);
  }

  pressed(event, part) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const parts = this.parts();
    const other = parts[parts.indexOf(part) + step];
    if (!other) return;
    this.put(part, step < 0 ? other : other.nextElementSibling);
    part.querySelector(".part__handle").focus();
    this.moved(part);
  }

  dragStart(event, part) {
    this.dragged = part;
    part.dataset.isDragged = "";
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(part, 0, 0);
  }

  dragOver(event) {
    if (!this.dragged) return;
    event.preventDefault();
    const over = this.parts().find((part) => part !== this.dragged && part.contains(event.target));
    if (!over) return;
    const box = over.getBoundingClientRect();
    this.mark(over, event.clientY < box.top + box.height / 2 ? "before" : "after");
  }

  mark(part, place) {
    for (const marked of this.querySelectorAll("[data-drop]")) delete marked.dataset.drop;
    if (part) part.dataset.drop = place;
  }

  drop(event) {
    if (!this.dragged) return;
    event.preventDefault();
    const over = this.querySelector("[data-drop]");
    if (!over) return;
    this.put(this.dragged, over.dataset.drop === "before" ? over : over.nextElementSibling);
    this.moved(this.dragged);
  }

  dragEnd() {
    delete this.dragged.dataset.isDragged;
    this.dragged = null;
    this.mark(null);
  }

  /* The rich-text editor lives in a frame, and a frame that is moved loses what is in it. */
  put(part, before) {
    const areas = [...part.querySelectorAll("textarea")].filter((area) => window.CKEDITOR?.instances[area.id]);
    for (const area of areas) {
      CKEDITOR.instances[area.id].updateElement();
      CKEDITOR.instances[area.id].destroy();
    }
    part.parentNode.insertBefore(part, before);
    for (const area of areas) CKEDITOR.replace(area.id, JSON.parse(area.dataset.config));
  }

  moved(part) {
    const parts = this.parts();
    for (const [index, each] of parts.entries()) {
      const order = each.querySelector("[name$='-order']");
      if (order) order.value = index + 1;
    }
    this.status.textContent = `Place ${parts.indexOf(part) + 1} of ${parts.length}`;
    document.dispatchEvent(new CustomEvent("story:moved"));
  }

  fold(target) {
    if (target.matches("[name$='-DELETE']")) target.closest(".part").toggleAttribute("data-goes", target.checked);
  }
}

customElements.define("ordered-parts", OrderedParts);

// Orders the stories at the top of the front page by drag, by buttons and by arrow keys, without a trip to the server.
//
// <front-order>
//   <p role="status" data-said></p>
//   <ol data-pinned><li data-row><button data-handle hidden>…</button><input name="place-7" value="1">…
//     <button name="do" value="up-7">Move up</button>…</li></ol>
//   <ul data-others>…</ul>
// </front-order>
customElements.define("front-order", class extends HTMLElement {
  connectedCallback() {
    this.pinned = this.querySelector("[data-pinned]");
    this.others = this.querySelector("[data-others]");
    this.said = this.querySelector("[data-said]");
    this.isChanged = false;
    for (const handle of this.querySelectorAll("[data-handle]")) {
      handle.hidden = false;
      handle.draggable = true;
    }
    this.addEventListener("click", this.onClick);
    this.addEventListener("keydown", this.onKey);
    this.addEventListener("dragstart", this.onDragStart);
    this.addEventListener("dragover", this.onDragOver);
    this.addEventListener("drop", (event) => event.preventDefault());
    this.addEventListener("dragend", this.onDragEnd);
    this.addEventListener("input", () => { this.isChanged = true; });
    this.closest("form").addEventListener("submit", () => { this.isChanged = false; });
    this.onLeave = (event) => this.isChanged && event.preventDefault();
    addEventListener("beforeunload", this.onLeave);
  }

  disconnectedCallback() {
    removeEventListener("beforeunload", this.onLeave);
  }

  onClick(event) {
    const button = event.target.closest("[data-row] button[name=do]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("[data-row]");
    this.move(row, button.value.split("-")[0]);
    const isShown = button.checkVisibility();
    (isShown ? button : row.querySelector("[data-handle]")).focus();
  }

  onKey(event) {
    const handle = event.target.closest("[data-handle]");
    const what = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    if (!handle || !what) return;
    event.preventDefault();
    this.move(handle.closest("[data-row]"), what);
    handle.focus();
  }

  onDragStart(event) {
    this.dragged = event.target.closest("[data-row]");
    if (!this.dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(this.dragged, 16, 16);
    this.dragged.dataset.isDragged = "";
  }

  onDragOver(event) {
    if (!this.dragged) return;
    const over = event.target.closest("[data-row]");
    const list = event.target.closest("section")?.querySelector("[data-pinned], [data-others]");
    if (!list) return;
    event.preventDefault();
    if (!over) {
      if (!list.contains(this.dragged)) list.append(this.dragged);
    } else if (over !== this.dragged) {
      const { top, height } = over.getBoundingClientRect();
      over[event.clientY < top + height / 2 ? "before" : "after"](this.dragged);
    }
  }

  onDragEnd() {
    if (!this.dragged) return;
    delete this.dragged.dataset.isDragged;
    this.tell(this.dragged);
    this.dragged = null;
  }

  move(row, what) {
    const isPinned = this.pinned.contains(row);
    if (what === "unpin") this.others.prepend(row);
    else if (!isPinned) this.pinned.append(row);
    else if (what === "up") row.previousElementSibling?.before(row);
    else if (what === "down") row.nextElementSibling?.after(row);
    this.tell(row);
  }

  tell(row) {
    const rows = [...this.pinned.children];
    rows.forEach((pinned, index) => { this.placeOf(pinned).value = index + 1; });
    for (const other of this.others.children) this.placeOf(other).value = "";
    const headline = row.querySelector("[data-headline]").textContent.trim();
    const place = rows.indexOf(row) + 1;
    const where = place ? `is number ${place} of ${rows.length}` : "is not pinned";
    this.said.textContent = `“${headline}” ${where}. Not saved yet.`;
    this.isChanged = true;
  }

  placeOf(row) {
    return row.querySelector("input[name^=place-]");
  }
});

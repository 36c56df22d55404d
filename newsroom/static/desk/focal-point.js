/*
 * The point of a picture that is never cut off, set by a click on the picture or with the arrow keys on its marker:
 * <focal-point data-x="id_focal_x" data-y="id_focal_y" hidden><img src="…" alt="…"></focal-point>
 * With data-file="id_upload" the picture is the file that was chosen there, before it is uploaded.
 * The two fields, in percent, stay what is sent.
 */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

customElements.define(
  "focal-point",
  class extends HTMLElement {
    connectedCallback() {
      this.fields = [this.dataset.x, this.dataset.y].map((id) => document.getElementById(id));
      if (this.fields.includes(null)) return;
      this.build();
      for (const field of this.fields) field.addEventListener("input", () => this.show());
      const file = document.getElementById(this.dataset.file);
      file?.addEventListener("change", () => this.preview(file.files[0]));
      if (!file) this.hidden = false;
    }

    build() {
      const heading = document.createElement("h2");
      heading.textContent = "What must never be cut off";
      const help = document.createElement("p");
      help.className = "help";
      help.textContent = "Click on it, or move the marker with the arrow keys (with Shift, ten times as far).";
      this.stage = document.createElement("div");
      this.stage.className = "focal-point__stage";
      this.stage.append(...this.childNodes);
      this.stage.addEventListener("click", (event) => this.pointed(event));
      this.marker = document.createElement("button");
      this.marker.type = "button";
      this.marker.className = "focal-point__marker";
      this.marker.addEventListener("keydown", (event) => this.pressed(event));
      this.status = document.createElement("p");
      this.status.className = "focal-point__status";
      this.status.setAttribute("role", "status");
      this.stage.append(this.marker);
      this.append(heading, help, this.stage, this.status);
      this.show();
    }

    async preview(file) {
      this.stage.querySelector("canvas")?.remove();
      // What the browser cannot read, the server will say more about.
      const picture = file && (await createImageBitmap(file).catch(() => null));
      this.hidden = !picture;
      if (!picture) return;
      const canvas = document.createElement("canvas");
      const scale = Math.min(1, 1000 / Math.max(picture.width, picture.height));
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", "The picture you chose");
      this.stage.prepend(canvas);
    }

    get point() {
      return this.fields.map((field) => Number(field.value) || 0);
    }

    pointed(event) {
      if (event.target === this.marker) return;
      const box = this.stage.getBoundingClientRect();
      this.set((100 * (event.clientX - box.left)) / box.width, (100 * (event.clientY - box.top)) / box.height);
      this.marker.focus();
    }

    pressed(event) {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      const far = event.shiftKey ? 10 : 1;
      const [x, y] = this.point;
      this.set(x + far * step[0], y + far * step[1]);
    }

    set(...point) {
      for (const [index, field] of this.fields.entries()) {
        field.value = Math.round(Math.min(100, Math.max(0, point[index])));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
      this.show();
      const [x, y] = this.point;
      this.status.textContent = `${x} % from left, ${y} % from top`;
    }

    show() {
      const [x, y] = this.point;
      this.marker.style.insetInlineStart = `${x}%`;
      this.marker.style.insetBlockStart = `${y}%`;
      this.marker.setAttribute("aria-label", `Focal point: ${x} % from left, ${y} % from top; move it with the arrow keys`);
    }
  },
);

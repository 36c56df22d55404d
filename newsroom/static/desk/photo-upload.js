/*
 * Uploads the photo of the form it stands in and shows how far it is; nothing typed or chosen is lost on an error:
 * <photo-upload></photo-upload>
 * In a window that a story's page has opened, the story is given the photo and its alternative text.
 * Without it the form is sent as any other.
 */
customElements.define(
  "photo-upload",
  class extends HTMLElement {
    connectedCallback() {
      this.form = this.closest("form");
      this.bar = document.createElement("progress");
      this.bar.max = 100;
      this.bar.hidden = true;
      this.bar.setAttribute("aria-label", "Uploaded");
      this.status = document.createElement("p");
      this.status.setAttribute("role", "status");
      this.append(this.bar, this.status);
      this.form.addEventListener("submit", (event) => this.submitted(event));
    }

    submitted(event) {
      if (!this.form.elements.upload.files.length) return;
      event.preventDefault();
      if (this.isSending) return;
      const body = new FormData(this.form, event.submitter);
      this.show({});
      this.isSending = true;
      this.bar.hidden = false;
      const request = new XMLHttpRequest();
      request.upload.addEventListener("progress", (event) => this.sent(event.loaded / event.total));
      request.addEventListener("load", () => this.answered(request));
      request.addEventListener("error", () => this.stopped("The desk cannot be reached. Your words are still here; try again."));
      request.open("POST", this.form.action);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.send(body);
    }

    sent(share) {
      const percent = Math.floor(100 * share);
      this.bar.value = percent;
      this.status.textContent = percent < 100 ? `${percent} % uploaded` : "Uploaded; being looked at";
    }

    stopped(why) {
      this.isSending = false;
      this.bar.hidden = true;
      this.bar.value = 0;
      this.status.textContent = why;
    }

    answered(request) {
      const { address, photo, name, alt, errors } = request.response ?? {};
      if (address) location.assign(address);
      else if (photo) this.give(photo, name, alt);
      else if (errors) {
        this.stopped("It was not uploaded; see what is wrong above.");
        this.show(errors);
      } else this.stopped(`It was not uploaded (${request.status}). Log in again in another tab, then try once more.`);
    }

    give(photo, name, alt) {
      const chooser = window.name.replace(/__\d+$/, "");
      const field = opener.document.getElementById(chooser.replace(/photo$/, "alt"));
      if (field) {
        field.value = alt;
        field.dispatchEvent(new opener.Event("input", { bubbles: true }));
      }
      opener.dismissAddRelatedObjectPopup(window, photo, name);
    }

    /* Each message by its field. */
    show(errors) {
      for (const list of this.form.querySelectorAll(".errorlist")) list.remove();
      for (const row of this.form.querySelectorAll(".form-row.errors")) row.classList.remove("errors");
      for (const field of this.form.elements) field.removeAttribute("aria-invalid");
      for (const [name, messages] of Object.entries(errors)) {
        const field = this.form.elements[name];
        const list = document.createElement("ul");
        list.className = "errorlist";
        list.id = `id_${name}_error`;
        for (const message of messages) list.append(Object.assign(document.createElement("li"), { textContent: message }));
        (field?.closest(".form-row") ?? this).prepend(list);
        field?.closest(".form-row").classList.add("errors");
        field?.setAttribute("aria-invalid", "true");
        field?.setAttribute("aria-describedby", list.id);
      }
      this.form.querySelector("[aria-invalid]")?.focus();
    }
  },
);

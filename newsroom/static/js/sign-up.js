/*
  Signing up without leaving the page: fetches what the form has to bring along, sends it, and shows the answer:
  <sign-up><form method="post" action="/newsletters/a-letter/"><input name="address"><button>Sign up</button>
    <p role="status"></p></form></sign-up>

  Whatever goes wrong on the way, the form is sent as if there were no script.
*/
const TOKEN = "/newsletters/form-token/";
const RIPE_AFTER = 2200; // Milliseconds; what is sent sooner is taken for a machine's.

customElements.define(
  "sign-up",
  class extends HTMLElement {
    connectedCallback() {
      this.form = this.querySelector("form");
      this.form.addEventListener("focusin", () => this.prepare());
      this.form.addEventListener("submit", (event) => this.submit(event));
      this.form.addEventListener("input", () => this.say(""));
    }

    /* One token for one try. */
    prepare() {
      this.token ??= fetch(TOKEN, { credentials: "omit", cache: "no-store" }).then(async (answer) => {
        if (!answer.ok) throw new Error(`No token: ${answer.status}`);
        const ripe = new Promise((pass) => setTimeout(pass, RIPE_AFTER));
        return { text: await answer.text(), ripe };
      });
      this.token.catch(() => {});
      return this.token;
    }

    async submit(event) {
      event.preventDefault();
      if (this.isSending) return;
      this.isSending = true;
      this.say("Sending …");
      try {
        this.say(await this.send());
      } catch {
        this.form.submit();
      }
      this.isSending = false;
    }

    async send() {
      const { text, ripe } = await this.prepare();
      this.token = null;
      await ripe;
      const body = new URLSearchParams(new FormData(this.form));
      body.set("token", text);
      const answer = await fetch(this.form.action, { method: "POST", body, credentials: "omit" });
      // Where the form was taken its answer has an address of its own.
      this.toggleAttribute("data-sent", answer.redirected);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      return page.querySelector("[data-answer]").textContent.trim().replace(/\s+/g, " ");
    }

    say(words) {
      this.querySelector("[role=status]").textContent = words;
    }
  },
);

/*
  Tells who has the story open that a newer edition is out, and brings it when asked:
  <live-story data-story="12" data-edition="6" data-address="/topic/story/">
    <section hidden tabindex="-1"><div class="live-changes__list"></div><button type="button">Close</button></section>
    <div><p role="status"></p><button type="button" hidden>Show what changed</button></div>
  </live-story>

  It listens to the story's stream, and asks for /topic/story/newest.json where none can be held: refused, cut, or
  kept back by something on the way. It rests while nobody looks, and then catches up.

  What is no news (a typo, a re-confirmation) takes its place without a word: not while the reader has selected
  something or stands with the keyboard in the story, and without moving what is being read. Of a story that is
  withdrawn or withheld no word stays on the page.
*/
const POLLS_EVERY = 20; // Seconds, as all that follow.
const LISTENS_AGAIN_AFTER = 60;
const FIRST_WORD_WITHIN = 10;
const RESTS_AFTER = 10;
const SILENT_WITHIN = 3;
const LOOKS_AGAIN_AFTER = 2;
// What is the browser's own, and stays when the story is replaced.
const OURS = "live-story, since-you-were-here";

customElements.define(
  "live-story",
  class extends HTMLElement {
    connectedCallback() {
      const { story, edition, address } = this.dataset;
      Object.assign(this, { story, address, shown: Number(edition), newest: Number(edition), changes: [] });
      [this.box, this.bar] = this.children;
      this.status = this.querySelector("[role=status]");
      this.button = this.bar.querySelector("button");
      this.button.addEventListener("click", () => this.show());
      this.box.querySelector("button").addEventListener("click", () => this.close());
      document.addEventListener("visibilitychange", () => this.followWhoLooks());
      addEventListener("pagehide", () => this.rest());
      addEventListener("pageshow", () => this.followWhoLooks());
      this.followWhoLooks();
    }

    followWhoLooks() {
      clearTimeout(this.resting);
      if (document.hidden) this.resting = later(RESTS_AFTER, () => this.rest());
      else if (!this.isFollowing && !this.isOver) this.listen();
    }

    rest() {
      this.isFollowing = false;
      this.stream?.close();
      clearTimeout(this.waiting);
      clearTimeout(this.polling);
    }

    listen() {
      this.rest();
      this.isFollowing = true;
      const stream = new EventSource(`/live/${this.story}/?after=${this.newest}`);
      const expectWord = () => {
        clearTimeout(this.waiting);
        this.waiting = later(FIRST_WORD_WITHIN, () => this.askInstead());
      };
      stream.addEventListener("hello", () => clearTimeout(this.waiting));
      stream.addEventListener("message", ({ data }) => this.hear(JSON.parse(data)));
      stream.addEventListener("error", () => {
        if (stream.readyState === EventSource.CLOSED) this.askInstead();
        else expectWord();
      });
      this.stream = stream;
      expectWord();
    }

    askInstead() {
      this.rest();
      this.isFollowing = true;
      this.ask(Date.now() + 1000 * LISTENS_AGAIN_AFTER);
    }

    async ask(until) {
      // Asked of the site each time: the browser may otherwise answer with what it was told before.
      const options = { credentials: "omit", cache: "no-cache" };
      const answer = await fetch(`${this.address}newest.json`, options).catch(() => null);
      if (!this.isFollowing) return;
      // A page of somebody on the way is no news.
      const news = answer?.ok ? await answer.json().catch(() => null) : null;
      if (news) this.hear(news);
      if (answer?.status === 410) this.hear({ withdrawn: true });
      if (this.isOver) return;
      const next = () => (Date.now() < until ? this.ask(until) : this.listen());
      // Not all readers at the same second.
      this.polling = later(POLLS_EVERY * (0.8 + 0.4 * Math.random()), next);
    }

    hear({ number, changes, withheld = [], withdrawn }) {
      if (withdrawn) {
        this.sayGone();
        return;
      }
      this.forget(withheld);
      if (number > this.newest) {
        Object.assign(this, { newest: number, changes });
        if (this.missed) this.announce();
        else this.refresh();
      }
    }

    /* No word of withheld editions stays: not in the box of a correction, nor where it says what changed. */
    forget(withheld) {
      const story = this.parentElement;
      for (const number of withheld) story.querySelector(`.correction[data-edition="${number}"]`)?.remove();
      story.querySelectorAll(".corrections:not(:has(.correction))").forEach((empty) => empty.remove());
      if (this.withheld && String(this.withheld) !== String(withheld)) {
        this.box.hidden = true;
        story.querySelectorAll(".live-changes__list, .since__changes").forEach((list) => list.replaceChildren());
      }
      this.withheld = withheld;
    }

    /* How many editions worth telling of came after the one on the page. */
    get missed() {
      return this.changes.filter((number) => number > this.shown).length;
    }

    announce() {
      this.status.textContent = `${this.missed} change${this.missed === 1 ? "" : "s"} since you opened this`;
      this.button.hidden = false;
    }

    /* That the story is gone, and why, in the place of its words. */
    async sayGone() {
      this.isOver = true;
      this.rest();
      const page = await pageAt(`${this.address}?newest`);
      const notice = page?.querySelector(".notice");
      const words = [...(notice?.querySelectorAll("h1, .lead") ?? [])].map((said) => said.textContent.trim());
      this.takeOut(notice);
      this.button.hidden = true;
      this.bar.dataset.isGone = "";
      this.status.textContent = words.join(". ") || "This story was withdrawn.";
    }

    takeOut(notice) {
      const story = this.parentElement;
      const isIn = story.contains(document.activeElement);
      document.title = notice?.ownerDocument.title ?? location.hostname;
      this.box.remove();
      [...story.children].forEach((block) => block !== this && block.remove());
      story.append(...(notice?.children ?? []));
      if (isIn) document.getElementById("content").focus();
    }

    async show() {
      const before = this.shown;
      const [page, since] = await Promise.all([
        this.load(),
        pageAt(`${this.address}since/${before}/${this.newest}/?part`),
      ]);
      if (this.isOver) return;
      if (!page) {
        location.assign(`${this.address}changes/`);
        return;
      }
      this.replaceBy(page);
      this.status.textContent = "";
      this.button.hidden = true;
      this.box.querySelector("a").href = `${this.address}since/${before}/`;
      this.box.querySelector(".live-changes__list").replaceChildren(...(since?.querySelectorAll(".what-changed") ?? []));
      this.box.hidden = false;
      this.box.focus();
      const { edition, updated } = page.querySelector("since-you-were-here")?.dataset ?? {};
      if (edition) document.querySelector("since-you-were-here")?.remember?.(Number(edition), Number(updated));
      // One may have come out meanwhile.
      if (this.missed) this.announce();
    }

    close() {
      this.box.hidden = true;
      document.getElementById("content").focus({ preventScroll: true });
    }

    async refresh() {
      if (this.isRefreshing) return;
      this.isRefreshing = true;
      await seconds(SILENT_WITHIN * Math.random());
      while (this.isInUse) await seconds(LOOKS_AGAIN_AFTER);
      const wanted = this.newest;
      const page = this.missed ? null : await this.load();
      if (page && editionOf(page) === wanted && !this.isInUse && !this.isOver) keepingPlace(this.parentElement, () => this.replaceBy(page));
      this.isRefreshing = false;
      if (page && !this.missed && this.newest > this.shown) this.refresh();
    }

    get isInUse() {
      const selection = getSelection();
      const focused = document.activeElement;
      const story = this.parentElement;
      return (
        (!selection.isCollapsed && selection.containsNode(story, true)) ||
        (story.contains(focused) && !focused.closest(OURS))
      );
    }

    /* The page of the newest edition; nobody on the way has an older one under this address. */
    async load() {
      const page = await pageAt(`${this.address}?edition=${this.newest}`);
      return editionOf(page) > this.shown ? page : null;
    }

    /* What did not change stays the element it is. */
    replaceBy(page) {
      const story = this.parentElement;
      const fresh = page.querySelector("live-story").parentElement;
      const old = blocksOf(story);
      const blocks = blocksOf(fresh);
      // What is typed there is the reader's; it is the same box in every edition.
      const box = story.querySelector("sign-up");
      unfold(fresh, story);
      this.shown = editionOf(page);
      this.newest = Math.max(this.newest, this.shown);
      document.title = page.title;
      old.slice(blocks.length).forEach((block) => block.remove());
      blocks.forEach((block, index) => {
        if (index >= old.length) story.append(block);
        else if (!old[index].isEqualNode(block)) old[index].replaceWith(block);
      });
      if (box && !box.isConnected) story.querySelector("sign-up")?.replaceWith(box);
    }
  },
);

async function pageAt(address) {
  try {
    const answer = await fetch(address, { credentials: "omit" });
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}

function editionOf(page) {
  return Number(page?.querySelector("live-story")?.dataset.edition);
}

function blocksOf(story) {
  return [...story.children].filter((block) => !block.matches(OURS));
}

/* What the reader has opened in `story` is open in `fresh` too. */
function unfold(fresh, story) {
  const summaryOf = (details) => details.firstElementChild.textContent;
  const open = new Set([...story.querySelectorAll("details[open]")].map(summaryOf));
  for (const details of fresh.querySelectorAll("details")) details.open = open.has(summaryOf(details));
}

/* The first line in view stays where it is on the screen, whatever changes above it. */
function keepingPlace(story, change) {
  const root = document.documentElement;
  const lines = () => blocksOf(story).flatMap((block) => [...block.querySelectorAll("h1, h2, h3, p, li, img")]);
  const before = lines();
  const index = before.findIndex((line) => line.getBoundingClientRect().bottom > 0);
  const top = before[index]?.getBoundingClientRect().top;
  root.style.overflowAnchor = "none";
  change();
  const after = lines();
  const isTheSame = (line) => line?.textContent === before[index]?.textContent;
  const line = isTheSame(after[index]) ? after[index] : (after.find(isTheSame) ?? after[index]);
  if (line && scrollY > 0) scrollBy({ top: line.getBoundingClientRect().top - top, behavior: "instant" });
  requestAnimationFrame(() => root.style.removeProperty("overflow-anchor"));
}

function later(after, then) {
  return setTimeout(then, 1000 * after);
}

function seconds(count) {
  return new Promise((pass) => later(count, pass));
}

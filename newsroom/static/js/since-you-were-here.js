/*
  What changed since this browser read the story last, above its lead; nothing on the first visit:
  <since-you-were-here data-story="12" data-edition="6" data-updated="1776244200000" data-address="/topic/story/">
    <section hidden><button type="button">Mark as read</button><a>What changed since edition <span></span></a>
      <div class="since__changes"></div></section>
  </since-you-were-here>

  Only numbers are remembered, here and nowhere else: of a story its id, the edition that was read, when that one had
  last changed in substance, and when it was read. The edition's number is all that is sent, in an address.

  Opening a page is not reading it. An edition with nothing to tell (the first visit, or only typos since) counts as
  read after some seconds in view, or once scrolled. One with a box counts as read when "Mark as read" is pressed,
  or when the box was in view for some seconds and was then scrolled away from: until then every visit shows it.

  Nothing jumps: the story waits for the box a moment before it is first painted. A box that comes later has only
  its link, which leads to the page of the changes or, when they have come, shows them here.

  Who shows a newer edition on this page says so, with the time in milliseconds at which it changed in substance:
  document.querySelector("since-you-were-here")?.remember(7, 1776247800000)
*/
const KEY = "editions-read";
const MOST_STORIES = 300;
const SECONDS_OF_A_LOOK = 3;
const SECONDS_OF_A_BOX = 5;
const STORY_WAITS = 400; // Milliseconds.

customElements.define(
  "since-you-were-here",
  class extends HTMLElement {
    connectedCallback() {
      const { story, edition, updated } = this.dataset;
      Object.assign(this, { story, edition: Number(edition), updated: Number(updated) });
      this.box = this.querySelector("section");
      const [read, updatedThen] = recall()[story] ?? [];
      // A number that is yet to come was not read here; it is put right.
      if (read < this.edition && updatedThen !== this.updated) this.tell(read);
      else whenLookedAt(() => this.remember());
    }

    remember(edition = this.edition, updated = this.updated) {
      // A newer one may stand on this page than when it was opened.
      Object.assign(this, { edition, updated });
      const known = Object.entries({ ...recall(), [this.story]: [edition, updated, Date.now()] });
      known.sort(([, [, , one]], [, [, , other]]) => other - one);
      keep(Object.fromEntries(known.slice(0, MOST_STORIES)));
    }

    async tell(read) {
      const link = this.box.querySelector("a");
      link.href = `${this.dataset.address}since/${read}/${this.edition}/`;
      link.querySelector("span").textContent = read;
      this.box.querySelector("button").addEventListener("click", () => this.markAsRead());

      const fetched = changesAt(`${link.href}?part`);
      const changes = await Promise.race([fetched, this.holdTheStory()]);
      if (changes) this.show(changes);
      if (changes !== null) this.appear();
      this.removeAttribute("data-is-awaited");
      if (changes === undefined) this.showOnRequest(link, await fetched);
    }

    /* Until the time is up; no time at all if the reader sees the story already. */
    holdTheStory() {
      const isPainted = performance.getEntriesByName("first-contentful-paint").length > 0;
      this.toggleAttribute("data-is-awaited", !isPainted);
      return new Promise((isUp) => setTimeout(isUp, isPainted ? 0 : STORY_WAITS));
    }

    show(changes) {
      this.box.querySelector(".since__changes").replaceChildren(changes);
    }

    showOnRequest(link, changes) {
      if (!changes) return;
      const show = (event) => {
        event.preventDefault();
        this.show(changes);
        changes.tabIndex = -1;
        changes.focus();
      };
      link.addEventListener("click", show, { once: true });
    }

    appear() {
      this.box.hidden = false;
      whenReadAndLeft(this.box, () => this.remember());
    }

    markAsRead() {
      this.remember();
      this.box.hidden = true;
      document.getElementById("content").focus({ preventScroll: true });
    }
  },
);

/* The part of a page that says what changed; null if there is none, as of an edition that was taken out. */
async function changesAt(address) {
  try {
    const answer = await fetch(address, { credentials: "omit" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector(".what-changed");
  } catch {
    return null;
  }
}

function whenLookedAt(then) {
  let seconds = 0;
  const look = () => {
    if (isInView() && ++seconds === SECONDS_OF_A_LOOK) done();
  };
  const scroll = () => {
    if (isInView()) done();
  };
  const done = () => {
    clearInterval(looking);
    removeEventListener("scroll", scroll);
    then();
  };
  const looking = setInterval(look, 1000);
  addEventListener("scroll", scroll, { passive: true });
}

function whenReadAndLeft(box, then) {
  let seconds = 0;
  let isHere = false;
  const looking = setInterval(() => (seconds += isHere && isInView()), 1000);
  const observer = new IntersectionObserver(([{ isIntersecting }]) => {
    isHere = isIntersecting;
    if (isHere || seconds < SECONDS_OF_A_BOX) return;
    clearInterval(looking);
    observer.disconnect();
    then();
  });
  observer.observe(box);
}

function isInView() {
  return document.visibilityState === "visible";
}

/* Where nothing may be stored, or what is stored makes no sense, nothing was read. */
function recall() {
  try {
    const known = Object.entries(JSON.parse(localStorage.getItem(KEY)) ?? {});
    return Object.fromEntries(known.filter(([, entry]) => isSound(entry)));
  } catch {
    return {};
  }
}

function isSound(entry) {
  return Array.isArray(entry) && entry.length === 3 && entry.every((number) => Number.isSafeInteger(number) && number > 0);
}

function keep(known) {
  try {
    localStorage.setItem(KEY, JSON.stringify(known));
  } catch {
    // It is blocked or full: the next visit is as the first.
  }
}

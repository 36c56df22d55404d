// Keys that press what stands on the page. What has a `data-shortcut` is pressed by it and told in the list of them:
// one key ("n"), two in a row ("g d"), or one with Ctrl or Cmd ("mod+s"), which alone works while typing.
//
// <desk-shortcuts>
//   <button type="button" data-shortcut="?" data-open hidden>Keyboard</button>
//   <dialog><dl data-list></dl><input type="checkbox" data-switch>…</dialog>
// </desk-shortcuts>
const KEPT = "desk-shortcuts";
const TWO_KEYS_WITHIN = 1500;
const IS_MAC = navigator.platform.startsWith("Mac");

customElements.define("desk-shortcuts", class extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.switch = this.querySelector("[data-switch]");
    this.switch.checked = localStorage.getItem(KEPT) !== "off";
    this.switch.addEventListener("change", () => localStorage.setItem(KEPT, this.switch.checked ? "on" : "off"));
    const open = this.querySelector("[data-open]");
    open.hidden = false;
    open.addEventListener("click", () => this.open());
    this.onKey = this.onKey.bind(this);
    addEventListener("keydown", this.onKey);
  }

  disconnectedCallback() {
    removeEventListener("keydown", this.onKey);
  }

  open() {
    this.querySelector("[data-list]").replaceChildren(...shortcuts().flatMap(([keys, element]) => {
      const [term, meaning] = [document.createElement("dt"), document.createElement("dd")];
      term.append(...keys.split(/[ +]/).flatMap((key) => [kbd(key), " "]));
      meaning.textContent = element.dataset.shortcutLabel || element.textContent.trim();
      return [term, meaning];
    }));
    this.dialog.showModal();
  }

  onKey(event) {
    if (event.defaultPrevented || event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
    const key = keyOf(event);
    if (event.ctrlKey || event.metaKey) this.press(`mod+${key}`, event);
    else if (this.switch.checked && !isTyping(event.target)) this.onPlainKey(key, event);
  }

  onPlainKey(key, event) {
    const isSecond = this.first && event.timeStamp - this.firstAt < TWO_KEYS_WITHIN;
    const isPressed = (isSecond && this.press(`${this.first} ${key}`, event)) || this.press(key, event);
    const isFirst = !isPressed && shortcuts().some(([keys]) => keys.startsWith(`${key} `));
    [this.first, this.firstAt] = isFirst ? [key, event.timeStamp] : [];
  }

  press(keys, event) {
    const [, element] = shortcuts().find(([given]) => given === keys) ?? [];
    if (!element) return false;
    event.preventDefault();
    if (element.matches("a, button, input[type=submit]")) element.click();
    else element.focus();
    return true;
  }
});

function shortcuts() {
  const there = [...document.querySelectorAll("[data-shortcut]")].filter((element) => element.checkVisibility());
  return [...new Map(there.map((element) => [element.dataset.shortcut, element]))];
}

// On a keyboard of another alphabet a letter is told by its place.
function keyOf(event) {
  const key = event.key.toLowerCase();
  const isOfAnotherAlphabet = key.length === 1 && key > "~" && event.code.startsWith("Key");
  return isOfAnotherAlphabet ? event.code.at(-1).toLowerCase() : key;
}

function isTyping(element) {
  return element.isContentEditable || element.matches("input:not([type=checkbox], [type=radio]), select, textarea");
}

function kbd(key) {
  const shown = document.createElement("kbd");
  shown.textContent = { mod: IS_MAC ? "⌘" : "Ctrl", enter: "Enter" }[key] ?? key;
  return shown;
}

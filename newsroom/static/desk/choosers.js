/*
 * What the choosers of the desk (Django's, with select2) show of what they find: a picture where there is one, what
 * it is called, and underneath what tells it from others. A web address that nothing has goes along to the page
 * that adds a row.
 */
const $ = window.django.jQuery;

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function result(found) {
  if (!found.detail) return found.text;
  const shown = element("span", "found");
  if (found.thumbnail) {
    const image = element("img", "found__picture");
    Object.assign(image, { src: found.thumbnail, alt: "", width: 64, height: 64 });
    shown.append(image);
  }
  const words = element("span", "found__words", found.text);
  words.append(element("span", "found__detail", found.detail));
  shown.append(words);
  return shown;
}

$.fn.select2.defaults.set("templateResult", result);

/* select2 leaves its parts without the name of the field they stand for. */
function nameParts(within) {
  for (const select of within.querySelectorAll("select.admin-autocomplete")) {
    const name = select.labels[0]?.textContent.trim();
    const parts = select.nextElementSibling?.querySelectorAll("[role=textbox], .select2-search__field") ?? [];
    for (const part of parts) part.setAttribute("aria-label", name);
  }
}

$(() => nameParts(document));
document.addEventListener("formset:added", ({ target }) => setTimeout(() => nameParts(target)));

document.addEventListener("input", ({ target }) => {
  if (!target.matches(".select2-search__field") || !URL.canParse(target.value)) return;
  const open = document.querySelector(".select2-container--open:not(.select2-dropdown *)");
  const add = open?.parentElement.querySelector(".add-related");
  if (!add) return;
  const address = new URL(add.href);
  address.searchParams.set("url", target.value);
  add.href = address;
});

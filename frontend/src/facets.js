// Facets: a list follows every choice without a new page, and the focus stays where it is.
// Without this, the form has a button and does the same.
const WIDE = [["filters", "(min-width: 56rem)"], ["beside", "(min-width: 72rem)"]];
const busy = () => document.querySelector("[data-part=results]");
let asked;

// On a wide window the folds are open for good; this is for browsers that cannot do that with a style.
function unfold() {
  for (const [id, query] of WIDE) {
    const fold = document.getElementById(id);
    if (fold && matchMedia(query).matches) fold.open = true;
  }
}

function addressOf(form) {
  const data = [...new FormData(form)].filter(([, value]) => value !== "");
  const order = form.elements.sort;
  const plain = order && order.value === order.options[0].value;
  const address = new URL(form.action);
  address.search = new URLSearchParams(data.filter(([name]) => !(plain && name === "sort")));
  return address;
}

function folds() {
  return new Map([...document.querySelectorAll("[data-part] details[id]")].map((each) => [each.id, each.open]));
}

async function show(address, keep) {
  asked?.abort();
  asked = new AbortController();
  busy()?.setAttribute("aria-busy", "true");
  let text;
  try {
    const answer = await fetch(address, { signal: asked.signal, headers: { accept: "text/html" } });
    if (!answer.ok) return location.assign(address); // a page that says what is wrong
    text = await answer.text();
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
    return;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  const focused = document.activeElement?.id;
  const typed = document.getElementById("narrow-q")?.value;
  const open = folds();
  for (const part of document.querySelectorAll("[data-part]")) {
    const next = page.querySelector(`[data-part=${part.dataset.part}]`);
    if (next) part.replaceWith(document.adoptNode(next));
  }
  for (const [id, was] of open) {
    const fold = document.getElementById(id);
    if (fold) fold.open = was;
  }
  const box = document.getElementById("narrow-q");
  if (focused === "narrow-q" && box) box.value = typed;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.title = page.title;
  for (const link of document.querySelectorAll("a.language")) {
    const next = page.querySelector("a.language");
    if (next) link.setAttribute("href", next.getAttribute("href"));
  }
  if (keep) history.pushState(null, "", address);
  // A status is read out when it changes, not when it is replaced.
  const status = document.querySelector("[data-part=results] [role=status]");
  if (status) {
    const told = status.textContent;
    status.textContent = "";
    requestAnimationFrame(() => (status.textContent = told));
  }
}

if (document.querySelector("form[data-live]")) {
  document.documentElement.classList.add("live");
  unfold();
  addEventListener("resize", unfold);
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.matches("form[data-live]") && event.target.id !== "narrow-q") show(addressOf(form), true);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-live]")) return;
    event.preventDefault();
    show(addressOf(event.target), true);
  });
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("ul.chips a");
    if (!chip || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(new URL(chip.href), true).then(() => document.getElementById("content")?.focus({ preventScroll: true }));
  });
  addEventListener("popstate", () => show(new URL(location.href), false));
}

// Suggestions below the search box: a list that keyboards and screen readers can walk (ARIA combobox pattern).
function suggest(form) {
  const box = form.querySelector("input[type=search]");
  const list = form.querySelector("[role=listbox]");
  if (!box || !list) return;

  let shown = [];
  let at = -1;
  let asked;
  let waiting;

  function close() {
    list.hidden = true;
    list.replaceChildren();
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
    shown = [];
    at = -1;
  }

  function show(hits) {
    close();
    shown = hits.map((hit, number) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.address = hit.page;
      const name = document.createElement("span");
      name.textContent = hit.label;
      const kind = document.createElement("small");
      kind.textContent = form.dataset[hit.kind] ?? "";
      option.append(name, kind);
      option.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        go(hit.page);
      });
      return option;
    });
    list.replaceChildren(...shown);
    list.hidden = shown.length === 0;
    box.setAttribute("aria-expanded", String(shown.length > 0));
  }

  function go(address) {
    const target = new URL(address, location.href);
    target.searchParams.set("lang", document.documentElement.lang);
    const release = new URL(location.href).searchParams.get("release");
    if (release) target.searchParams.set("release", release);
    location.assign(target);
  }

  function choose(next) {
    if (shown.length === 0) return;
    shown[at]?.setAttribute("aria-selected", "false");
    at = (next + shown.length) % shown.length;
    shown[at].setAttribute("aria-selected", "true");
    shown[at].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", shown[at].id);
  }

  async function ask() {
    asked?.abort();
    const text = box.value.trim();
    if (text.length < 2) return close();
    asked = new AbortController();
    const address = new URL(form.dataset.suggestions, location.href);
    address.search = new URLSearchParams({ q: text, limit: 8, lang: document.documentElement.lang });
    try {
      const answer = await fetch(address, { signal: asked.signal, headers: { accept: "application/json" } });
      if (answer.ok && document.activeElement === box) show((await answer.json()).items);
    } catch (error) {
      if (error.name !== "AbortError") close(); // without suggestions the form still searches
    }
  }

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
  box.addEventListener("blur", () => setTimeout(close, 100));
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (shown.length === 0) return;
      event.preventDefault();
      choose(event.key === "ArrowDown" ? at + 1 : at < 0 ? -1 : at - 1);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      go(shown[at].dataset.address);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
}

document.querySelectorAll("form[data-suggestions]").forEach(suggest);

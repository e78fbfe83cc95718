// Suggestions for what to compare: the browser's own list of options, filled while somebody types.
for (const box of document.querySelectorAll("input[data-suggest]")) {
  const list = document.getElementById(box.getAttribute("list"));
  let asked;
  let waiting;

  async function ask() {
    asked?.abort();
    const text = box.value.trim();
    if (text.length < 2) return;
    asked = new AbortController();
    const address = new URL(box.dataset.suggest, location.href);
    address.search = new URLSearchParams({ q: text, limit: 8, lang: document.documentElement.lang });
    for (const kind of ["network", "place"]) address.searchParams.append("kind", kind);
    const release = new URL(location.href).searchParams.get("release");
    if (release) address.searchParams.set("release", release);
    try {
      const answer = await fetch(address, { signal: asked.signal, headers: { accept: "application/json" } });
      if (answer.ok) show((await answer.json()).items);
    } catch (error) {
      if (error.name !== "AbortError") list.replaceChildren(); // without suggestions the form still finds names
    }
  }

  function show(hits) {
    const same = (label) => hits.filter((hit) => hit.label === label).length > 1;
    list.replaceChildren(
      ...hits.map((hit) => {
        const option = document.createElement("option");
        // Of several with one name the address says which is meant.
        option.value = same(hit.label) ? `${hit.label} (${hit.iri.split("/").slice(-2).join("/")})` : hit.label;
        return option;
      }),
    );
  }

  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
}

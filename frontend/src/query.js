// The editor of queries: colours, completion from our own terms and names, the error marked where it is.
import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const KEYWORDS =
  "SELECT CONSTRUCT ASK DESCRIBE WHERE FILTER OPTIONAL UNION GRAPH BIND VALUES MINUS EXISTS DISTINCT COUNT SUM AVG MIN MAX GROUP_CONCAT SAMPLE HAVING LIMIT OFFSET LANG STR REGEX CONTAINS STRSTARTS BOUND COALESCE IF ASC DESC PREFIX NOT IN AS".split(
    " ",
  );

const area = document.getElementById("query");
const form = area?.form;
let known;

function load() {
  known ??= fetch(new URL(`${area.dataset.terms}?lang=${document.documentElement.lang}`, location.href))
    .then((answer) => (answer.ok ? answer.json() : { prefixes: {}, terms: [] }))
    .catch(() => ({ prefixes: {}, terms: [] }));
  return known;
}

async function names(text) {
  const address = new URL(area.dataset.names, location.href);
  address.search = new URLSearchParams({ q: text, limit: 12, lang: document.documentElement.lang });
  const answer = await fetch(address, { headers: { accept: "application/json" } });
  if (!answer.ok) return [];
  return (await answer.json()).items.map((hit) => ({
    label: hit.label,
    detail: hit.kind,
    apply: `<${hit.iri}>`,
    type: "constant",
  }));
}

async function complete(context) {
  const thing = context.matchBefore(/<[^<>\s"{}|^`\\]*$/);
  if (thing && thing.text.length > 2 && !thing.text.includes(":")) {
    return { from: thing.from, options: await names(thing.text.slice(1)), filter: false };
  }
  const word = context.matchBefore(/[\w:?$-]+/);
  if (!word && !context.explicit) return null;
  const from = word ? word.from : context.pos;
  const { prefixes, terms } = await load();
  const variables = new Set(context.state.doc.toString().match(/[?$]\w+/g));
  if (word) variables.delete(word.text);
  const options = [
    ...[...variables].map((label) => ({ label, type: "variable", boost: 2 })),
    ...terms.map(({ name, label, text, kind }) => ({
      label: name.startsWith("<") ? label : name,
      detail: name.startsWith("<") ? text : label,
      info: name.startsWith("<") ? name : text,
      apply: name,
      type: kind,
    })),
    ...Object.keys(prefixes).map((name) => ({ label: `${name}:`, detail: prefixes[name], type: "namespace" })),
    ...KEYWORDS.map((label) => ({ label, type: "keyword", boost: -1 })),
  ];
  return { from, options, validFor: /^[\w:?$-]*$/ };
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--purple)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--green)" },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: "var(--blue)" },
  { tag: [tags.atom, tags.number, tags.bool], color: "var(--warn)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
]);

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "transparent", fontSize: "0.9rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", minHeight: "14rem", maxHeight: "70vh" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--soft)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "transparent", boxShadow: "inset 0 0 0 1px var(--line)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--band)" },
  ".cm-tooltip": { backgroundColor: "var(--paper)", color: "var(--ink)", border: "1px solid var(--edge)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  // The usual marks are images in the style sheet, which the page's policy does not let through.
  ".cm-lintRange-error, .cm-lintRange-active": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)" },
  ".cm-lintPoint:after": { borderBottomColor: "var(--bad)" },
  ".cm-completionDetail": { color: "inherit", opacity: "0.85" },
  ".cm-tooltip.cm-completionInfo": { maxWidth: "24rem", padding: "0.4rem 0.6rem", fontFamily: "var(--sans)" },
});

function mark(view) {
  if (!area.dataset.line) return;
  const line = view.state.doc.line(Math.min(Number(area.dataset.line), view.state.doc.lines));
  const from = Math.min(line.from + Number(area.dataset.column) - 1, line.to);
  const problem = { from, to: Math.max(line.to, from), severity: "error", message: area.dataset.problem };
  view.dispatch(setDiagnostics(view.state, [problem]));
}

function run() {
  form.requestSubmit(form.querySelector("button:not([name])"));
  return true;
}

function begin() {
  // In a shadow root the editor's styles are a sheet of their own, so the page needs no inline styles.
  const place = document.createElement("div");
  place.className = "editor";
  const root = place.attachShadow({ mode: "open" });
  area.after(place);
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        StreamLanguage.define(sparql),
        syntaxHighlighting(colours),
        autocompletion({ override: [complete], icons: false }),
        // Tab is not bound: it leaves the editor, as everywhere else.
        keymap.of([{ key: "Mod-Enter", run }, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({
          "aria-label": form.querySelector("label[for=query]").textContent,
          spellcheck: "false",
        }),
        EditorView.lineWrapping,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) area.value = update.state.doc.toString();
        }),
        look,
      ],
    }),
  });
  area.hidden = true;
  form.querySelector("label[for=query]").addEventListener("click", (event) => {
    event.preventDefault();
    view.focus();
  });
  document.getElementById("keys").hidden = false;
  mark(view);
}

if (area && form) begin();

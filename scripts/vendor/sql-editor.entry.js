// The SQL editor: CodeMirror 6 over a <textarea>, which stays the form field and the fallback without JavaScript.
import {autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap} from "@codemirror/autocomplete";
import {defaultKeymap, history, historyKeymap} from "@codemirror/commands";
import {SQLDialect, StandardSQL, sql} from "@codemirror/lang-sql";
import {HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting} from "@codemirror/language";
import {lintGutter, setDiagnostics} from "@codemirror/lint";
import {highlightSelectionMatches, searchKeymap} from "@codemirror/search";
import {Compartment, EditorState, Prec} from "@codemirror/state";
import {EditorView, drawSelection, dropCursor, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, rectangularSelection} from "@codemirror/view";
import {tags as t} from "@lezer/highlight";
import {StyleModule} from "style-mod";

// CodeMirror writes a <style> element, which the content security policy refuses. A constructed sheet is allowed.
const sheet = new CSSStyleSheet();
const mounted = new Set();
StyleModule.mount = (root, modules) => {
  [modules].flat().forEach((module) => mounted.add(module));
  sheet.replaceSync([...mounted].map((module) => module.getRules()).join("\n"));
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
};

const style = HighlightStyle.define([
  {tag: t.keyword, color: "var(--code-kw)", fontWeight: "500"},
  {tag: [t.string, t.special(t.string)], color: "var(--code-str)"},
  {tag: [t.number, t.bool, t.null], color: "var(--code-num)"},
  {tag: t.comment, color: "var(--code-com)", fontStyle: "italic"},
  {tag: [t.function(t.variableName), t.standard(t.name)], color: "var(--code-fn)"},
  {tag: t.typeName, color: "var(--code-fn)"},
  {tag: [t.operator, t.punctuation], color: "var(--c-text-2)"},
]);
const theme = EditorView.theme({
  "&": {height: "100%", fontSize: "13px", backgroundColor: "var(--c-surface)", color: "var(--c-text)"},
  ".cm-scroller": {fontFamily: "var(--font-mono)", lineHeight: "21px"},
  ".cm-gutters": {backgroundColor: "var(--c-surface)", color: "var(--c-text-3)", border: "0", paddingLeft: "6px"},
  ".cm-activeLine": {backgroundColor: "var(--c-hover)"},
  ".cm-activeLineGutter": {backgroundColor: "var(--c-hover)", color: "var(--c-text)"},
  ".cm-cursor": {borderLeftColor: "var(--c-primary)", borderLeftWidth: "2px"},
  "&.cm-focused": {outline: "none"},
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {backgroundColor: "var(--c-select) !important"},
  ".cm-tooltip": {backgroundColor: "var(--c-raised)", border: "1px solid var(--c-border)", borderRadius: "8px", boxShadow: "var(--shadow-2)", color: "var(--c-text)"},
  ".cm-tooltip-autocomplete ul li[aria-selected]": {backgroundColor: "var(--c-primary-soft)", color: "var(--c-on-soft)"},
  ".cm-panels": {backgroundColor: "var(--c-sunken)", color: "var(--c-text)"},
  ".cm-panels button, .cm-panels input": {color: "var(--c-text)", backgroundColor: "var(--c-surface)", backgroundImage: "none"},
  ".cm-diagnostic-error": {borderLeftColor: "var(--c-err-dot)"},
  ".cm-selectionMatch": {backgroundColor: "var(--c-warn-soft)"},
});

// Hive quotes names with backticks and strings with either quote; Presto is the standard.
function language({schema = {}, functions = [], dialect = "presto", database} = {}) {
  const base = dialect === "hive" ? {...StandardSQL.spec, identifierQuotes: "`", doubleQuotedStrings: true, backslashEscapes: true} : StandardSQL.spec;
  const defined = SQLDialect.define({...base, builtin: functions.join(" ").toLowerCase()});
  const offer = functions.map((name) => ({label: name, type: "function", apply: `${name}(`}));
  const complete = (context) => {
    const word = context.matchBefore(/\w+/);
    return word && {from: word.from, options: offer, validFor: /^\w*$/};
  };
  return [
    sql({dialect: defined, schema, defaultSchema: database, upperCaseKeywords: true}),
    defined.language.data.of({autocomplete: complete}),
  ];
}

/**
 * mount(textarea, {schema, functions, dialect, database, onRun, onChange}) -> editor
 * schema: {database: {table: [column, …]}}; functions: names; dialect: "presto" or "hive";
 * database: the one whose tables complete without their prefix.
 */
export function mount(textarea, options = {}) {
  const {onRun, onChange} = options;
  const lang = new Compartment();
  let settings = options;
  const mirror = EditorView.updateListener.of((update) => {
    if (!update.docChanged) return;
    textarea.value = update.state.doc.toString();
    textarea.dispatchEvent(new Event("input", {bubbles: true}));
    if (onChange) onChange(textarea.value);
  });
  // CodeMirror's styles become adopted style sheets only inside a shadow root: elsewhere it writes <style>, which our
  // Content-Security-Policy refuses. An id outside can't be referred to from inside, so the description travels as text.
  const host = document.createElement("div");
  host.className = "sql-host";
  const root = host.attachShadow({mode: "open"});
  const description = document.getElementById(textarea.getAttribute("aria-describedby"))?.textContent.trim();
  const name = textarea.getAttribute("aria-label") || textarea.labels?.[0]?.textContent.trim() || "SQL";
  textarea.hidden = true;
  textarea.after(host);
  const view = new EditorView({
    parent: root,
    state: EditorState.create({doc: textarea.value, extensions: [
      lineNumbers(), foldGutter(), highlightSpecialChars(), history(), drawSelection(), dropCursor(), indentOnInput(),
      bracketMatching(), closeBrackets(), autocompletion(), rectangularSelection(), highlightActiveLine(),
      highlightActiveLineGutter(), highlightSelectionMatches(), lintGutter(), syntaxHighlighting(style), theme,
      lang.of(language(options)), mirror, EditorView.lineWrapping,
      EditorView.contentAttributes.of({"aria-label": name, ...(description && {"aria-description": description})}),
      Prec.high(keymap.of([{key: "Mod-Enter", run: () => { if (onRun) onRun(); return true; }}])),
      keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap]),
      // Last: an open completion list or search panel takes Escape first; then it leaves the editor, so that Tab moves on.
      Prec.lowest(keymap.of([{key: "Escape", run: (v) => { v.contentDOM.blur(); (textarea.form || document.body).dispatchEvent(new CustomEvent("editor:left", {bubbles: true})); return true; }}])),
    ]}),
  });
  return {
    view,
    focus() { view.focus(); },
    /** The whole text, or what is selected. */
    value() { return view.state.doc.toString(); },
    selection() { const {from, to} = view.state.selection.main; return view.state.sliceDoc(from, to); },
    /** line and column from 1; without a line the marks go away. */
    setError(line, column = 1, message = "") {
      if (!line) return view.dispatch(setDiagnostics(view.state, []));
      const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
      const from = Math.min(at.from + Math.max(column - 1, 0), at.to);
      const word = view.state.wordAt(from);
      const to = word ? word.to : Math.min(from + 1, at.to);
      view.dispatch(setDiagnostics(view.state, [{from, to, severity: "error", message}]));
      view.dispatch({effects: EditorView.scrollIntoView(from, {y: "center"})});
    },
    clearError() { view.dispatch(setDiagnostics(view.state, [])); },
    insert(text) { view.dispatch(view.state.replaceSelection(text)); view.focus(); },
    /** Changes schema, functions, dialect or database; the text stays. */
    configure(changes) { settings = {...settings, ...changes}; view.dispatch({effects: lang.reconfigure(language(settings))}); },
  };
}

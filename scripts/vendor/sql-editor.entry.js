// The SQL editor: CodeMirror 6 over a <textarea>, which stays the form field and the fallback without JavaScript.
import {autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap, ifNotIn} from "@codemirror/autocomplete";
import {defaultKeymap, history, historyKeymap} from "@codemirror/commands";
import {SQLDialect, StandardSQL, keywordCompletionSource, schemaCompletionSource} from "@codemirror/lang-sql";
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
  ".cm-tooltip-autocomplete ul li": {padding: "2px 10px"},
  ".cm-completionDetail": {color: "var(--c-text-3)", fontStyle: "normal", marginLeft: "12px"},
  ".cm-panels": {backgroundColor: "var(--c-sunken)", color: "var(--c-text)"},
  ".cm-panels button, .cm-panels input": {color: "var(--c-text)", backgroundColor: "var(--c-surface)", backgroundImage: "none"},
  ".cm-diagnostic-error": {borderLeftColor: "var(--c-err-dot)"},
  ".cm-selectionMatch": {backgroundColor: "var(--c-warn-soft)"},
});

// The list opens from the second letter on and after a dot, but not where a new name is being made up: Enter would
// put something else in the place of "AS n".
const whenWanted = (source) => (context) => {
  const word = context.matchBefore(/[\w.]+/);
  const wanted = word && (word.text.length > 1 || word.text === ".");
  if (!context.explicit && (!wanted || context.matchBefore(/\bas\s+\w*/i))) return null;
  return source(context);
};
const offering = (options) => ifNotIn(["String", "QuotedIdentifier", "LineComment", "BlockComment"], (context) => {
  const word = context.matchBefore(/[\w.]+/);
  if (!word || word.text.includes(".")) return null;  // after a dot the schema offers what belongs there
  return {from: word.from, options: options(context.state), validFor: /^\w*$/};
});

/** Columns of the tables the text names, without a prefix: "code" after FROM www_access. */
function columnsNamed(schema, database) {
  return (state) => {
    const named = new Set(state.doc.toString().toLowerCase().match(/[\w.]+/g));
    const found = new Map();
    for (const [owner, tables] of Object.entries(schema)) {
      for (const [table, columns] of Object.entries(tables)) {
        if (!named.has(`${owner}.${table}`) && !(owner === database && named.has(table))) continue;
        for (const column of columns) found.set(column, [...(found.get(column) || []), table]);
      }
    }
    return [...found].map(([label, tables]) => ({label, type: "property", detail: tables.join(", "), boost: 20}));
  };
}

// Hive quotes names with backticks and strings with either quote; Presto is the standard.
function language({schema = {}, functions = [], dialect = "presto", database} = {}) {
  const base = dialect === "hive" ? {...StandardSQL.spec, identifierQuotes: "`", doubleQuotedStrings: true, backslashEscapes: true} : StandardSQL.spec;
  const defined = SQLDialect.define({...base, builtin: functions.join(" ").toLowerCase()});
  const known = functions.map((name) => ({label: name, type: "function", apply: `${name}(`}));
  const sources = [
    schemaCompletionSource({dialect: defined, schema, defaultSchema: database}), keywordCompletionSource(defined, true),
    offering(() => known), offering(columnsNamed(schema, database)),
  ];
  return [defined.language, ...sources.map((source) => defined.language.data.of({autocomplete: whenWanted(source)}))];
}

// Typing over a selection: Chromium carries the old text's look over in a style attribute, which the policy refuses
// and reports. So this one change is made here, as CodeMirror makes those it knows to be unsafe.
function typeOver(event, view) {
  const {from, to, empty} = view.state.selection.main;
  if (event.inputType !== "insertText" || !event.data || empty || event.isComposing || view.composing) return false;
  const insert = () => view.state.update(view.state.replaceSelection(event.data), {userEvent: "input.type", scrollIntoView: true});
  if (!view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, event.data, insert))) view.dispatch(insert());
  return true;
}
// A list that was under way when the focus left would stay open over the rest of the page.
const closeLate = (event, view) => { setTimeout(() => { if (!view.hasFocus) closeCompletion(view); }, 250); };

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
      bracketMatching(), closeBrackets(), autocompletion({icons: false}), rectangularSelection(), highlightActiveLine(),
      highlightActiveLineGutter(), highlightSelectionMatches(), lintGutter(), syntaxHighlighting(style), theme,
      lang.of(language(options)), mirror, EditorView.lineWrapping,
      EditorView.domEventHandlers({beforeinput: typeOver, blur: closeLate}),
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

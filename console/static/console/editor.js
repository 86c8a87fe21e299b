// The query editor: CodeMirror over the textarea, shortcuts, the unsaved-changes guard, errors at their place, copying.
(() => {
  const page = document.querySelector("[data-editor]");
  if (!page) return;
  const form = document.getElementById("editor");
  const area = document.getElementById("query-sql");
  const field = (name) => form.elements.namedItem(name);
  const click = (selector) => document.querySelector(selector)?.click();
  page.classList.add("is-live");

  // The editor -----------------------------------------------------------------------------------
  let functions = {};
  const editor = window.SqlEditor?.mount(area, {
    database: field("database").value, dialect: field("type").value, onRun: () => click("[data-run]"),
  });
  fetch(page.dataset.completion, {headers: {Accept: "application/json"}}).then((reply) => reply.ok ? reply.json() : null).then((known) => {
    if (!known) return;
    functions = known.functions;
    editor?.configure({schema: known.schema, functions: functions[field("type").value] || []});
  }).catch(() => {});
  field("type").addEventListener("change", () => editor?.configure({dialect: field("type").value, functions: functions[field("type").value] || []}));
  field("database").addEventListener("change", () => editor?.configure({database: field("database").value}));
  page.addEventListener("schema:insert", (event) => editor?.insert(event.detail));
  const sql = () => (editor ? editor.value() : area.value);
  function write(text) {
    if (!editor) { area.value = text; return; }
    editor.view.dispatch({changes: {from: 0, to: editor.view.state.doc.length, insert: text}});
  }

  // Unsaved changes --------------------------------------------------------------------------------
  const state = () => JSON.stringify(["name", "database", "type"].map((name) => field(name)?.value ?? "").concat(sql()));
  let saved = page.hasAttribute("data-unsaved") ? null : state();
  let sent = null, leaving = false;
  const dirty = () => state() !== saved;
  function show() { document.getElementById("ed-dot")?.classList.toggle("is-on", dirty()); }
  document.addEventListener("input", show);
  document.addEventListener("change", show);
  show();
  addEventListener("beforeunload", (event) => { if (dirty() && !leaving) event.preventDefault(); });
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    if (event.target.closest("[data-leave]")) leaving = true;
    if (!link || leaving || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.target || link.hasAttribute("hx-get") || link.hasAttribute("download") || link.closest("dialog") || link.getAttribute("href").startsWith("#") || !dirty()) return;
    event.preventDefault();
    const go = await window.confirmed("Leave without saving?", "What you changed in this query is lost.", "Leave");
    if (go) { leaving = true; location.href = link.href; }
  });

  // Saving ----------------------------------------------------------------------------------------
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const path = event.detail.pathInfo.requestPath;
    if (path.endsWith("/save/")) sent = state();
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    // 409: both versions, in a dialog. It is an answer, not a failure.
    if (event.detail.xhr.status === 409) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.body.addEventListener("query:saved", () => {
    saved = sent;
    document.getElementById("said").textContent = "Saved";
    history.replaceState(history.state, "", page.dataset.address);
    const name = field("name").value;
    document.querySelector(".crumbs b").textContent = name;
    document.title = document.title.replace(/^.* · /, `${name} · `);
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {  // only now the new classes are in place
    if (event.detail.target.id !== "ed-head") return;
    show();
    document.querySelector("#ed-head .is-invalid")?.focus();
  });
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.getResponseHeader("HX-Redirect")) leaving = true;
  });
  page.addEventListener("click", (event) => {
    if (!event.target.closest("[data-rename]")) return;
    document.getElementById("ed-head").classList.add("is-naming");
    field("name").select();
  });
  page.addEventListener("keydown", (event) => {
    if (event.target.id !== "query-name") return;
    if (event.key === "Enter") { event.preventDefault(); click("[data-save]"); }
    if (event.key === "Escape" && document.querySelector("[data-rename]")) {
      event.target.value = event.target.defaultValue;
      document.getElementById("ed-head").classList.remove("is-naming");
      click("[data-rename]:focus");
      show();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
    if (event.key === "s") { event.preventDefault(); click("[data-save]"); }
    if (event.key === "Enter" && !event.defaultPrevented) { event.preventDefault(); click("[data-run]"); }
  });

  // Format -----------------------------------------------------------------------------------------
  page.addEventListener("click", async (event) => {
    if (!event.target.closest("[data-format-sql]")) return;
    event.preventDefault();
    const reply = await fetch(page.dataset.format, {method: "POST", body: new FormData(form), headers: {Accept: "text/plain"}}).catch(() => null);
    if (reply?.ok) { write(await reply.text()); editor?.clearError(); return; }
    const error = reply?.status === 422 ? await reply.json() : {message: "The server did not answer. Try again."};
    if (error.line) editor?.setError(error.line, error.column || 1, error.message);
    window.toast({title: "Not formatted", text: error.message});
  });

  // Errors at their place, and the result pane ----------------------------------------------------
  function mark() {
    const run = document.getElementById("run");
    if (!editor || !run) return;
    if (run.dataset.errorLine) editor.setError(Number(run.dataset.errorLine), Number(run.dataset.errorColumn), run.dataset.error);
    else editor.clearError();
  }
  document.body.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "run") setTimeout(mark); });
  mark();
  page.addEventListener("click", (event) => {
    if (event.target.closest("[data-goto]")) { mark(); editor?.focus(); }
    if (event.target.closest("[data-copy-grid]")) copyGrid(event.target.closest("[data-copy-grid]"));
    const toggle = event.target.closest("[data-schema]");
    if (toggle) toggle.setAttribute("aria-expanded", String(document.getElementById("schema").classList.toggle("is-open")));
  });

  /** Tabs between, quotes where a value needs them; a NULL is nothing, an empty string is "". */
  const cell = (each) => {
    if (each.classList.contains("null")) return "";
    const text = each.textContent;
    return text === "" || /[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  async function copyGrid(button) {
    const grid = document.getElementById("grid");
    const head = [...grid.tHead.rows[0].cells].slice(1).map((each) => each.firstElementChild.textContent).join("\t");
    const rows = [...grid.tBodies[0].rows].map((row) => [...row.cells].slice(1).map(cell).join("\t"));
    const done = await navigator.clipboard?.writeText([head, ...rows].join("\n")).then(() => true, () => false);
    document.getElementById("said").textContent = done ? `${rows.length} rows copied` : "The browser refused to copy.";
    button.classList.toggle("is-copied", Boolean(done));
    setTimeout(() => button.classList.remove("is-copied"), 2000);
  }

  // Tabs: arrows move between them.
  page.addEventListener("keydown", (event) => {
    if (event.target.getAttribute("role") !== "tab" || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const tabs = [...event.target.parentElement.querySelectorAll("[role=tab]")];
    const next = tabs[(tabs.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
    next.focus();
    event.preventDefault();
  });

  // A new query was saved in order to export or to schedule it.
  const asked = new URLSearchParams(location.search);
  for (const [name, button] of [["export", "[data-export]"], ["schedule", "#schedule-button"]]) {
    if (asked.get(name) !== "choose") continue;
    history.replaceState(null, "", page.dataset.address);
    setTimeout(() => click(button));
  }
})();

// The rule builder, and the form of a parent segment: what is typed while an answer is on its way stays, leaving with changes asks, a conflict is an answer.
(() => {
  const form = document.getElementById("rules-form");
  if (!form) return;
  const builder = () => document.getElementById("builder");
  const isOurs = (event) => event.detail.target?.id === "builder";
  const fields = () => [...form.querySelectorAll(".rb :is(input:not([type=hidden], [type=radio]), textarea)")];
  const values = () => new Map(fields().map((field) => [field.name, field.value]));
  let sent = new Map(), later = [], dirty = "unsaved" in builder().dataset, leaving = false, sqlOpen = false;

  document.addEventListener("htmx:beforeRequest", (event) => { if (isOurs(event)) sent = values(); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isOurs(event)) return;
    // 409: the rules are shown again with who saved. It is an answer, not a failure.
    if (event.detail.xhr.status === 409) { event.detail.shouldSwap = true; event.detail.isError = false; }
    leaving = false;
    sqlOpen = Boolean(document.getElementById("rules-sql")?.open);
    later = [...values()].filter(([name, value]) => sent.get(name) !== value);
  });
  document.addEventListener("htmx:oobBeforeSwap", () => { sqlOpen = Boolean(document.getElementById("rules-sql")?.open); });
  document.addEventListener("htmx:afterSettle", () => { const sql = document.getElementById("rules-sql"); if (sqlOpen && sql) sql.open = true; });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isOurs(event)) return;
    dirty = dirty || "unsaved" in builder().dataset;
    for (const [name, value] of later) {
      const field = fields().find((one) => one.name === name);
      if (field) { field.value = value; field.dispatchEvent(new Event("input", {bubbles: true})); }
    }
    later = [];
    if (event.detail.xhr.status >= 400) builder().querySelector("[data-focus-error]")?.focus();
  });

  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("click", (event) => { if (event.target.closest("[data-leave]")) leaving = true; });
  addEventListener("beforeunload", (event) => { if (dirty && !leaving) event.preventDefault(); });
})();

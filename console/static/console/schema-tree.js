// The schema browser: role=tree with one tab stop, a filter, and names that go into the editor.
(() => {
  const browser = document.getElementById("schema");
  const filter = document.getElementById("schema-filter");
  if (!browser) return;
  const tree = () => browser.querySelector("[role=tree]");
  const shown = (item) => item.offsetParent !== null;
  const visible = () => [...tree().querySelectorAll("[role=treeitem]")].filter(shown);
  const isTable = (item) => item.hasAttribute("aria-expanded");
  const isOpen = (item) => item.getAttribute("aria-expanded") === "true";
  const open = (item, yes) => isTable(item) && item.setAttribute("aria-expanded", String(yes));
  let typed = "", typedAt = 0;

  function focus(item) {
    if (!item) return;
    tree().querySelectorAll("[tabindex='0']").forEach((each) => { each.tabIndex = -1; });
    item.tabIndex = 0;
    item.focus();
  }
  const insert = (item) => browser.dispatchEvent(new CustomEvent("schema:insert", {bubbles: true, detail: item.dataset.name}));

  const keys = {
    ArrowDown: (all, at) => focus(all[at + 1]),
    ArrowUp: (all, at) => focus(all[at - 1]),
    Home: (all) => focus(all[0]),
    End: (all) => focus(all[all.length - 1]),
    ArrowRight: (all, at) => { const item = all[at]; if (!isTable(item)) return; if (isOpen(item)) focus(all[at + 1]); else open(item, true); },
    ArrowLeft: (all, at) => { const item = all[at]; if (isTable(item) && isOpen(item)) open(item, false); else focus(item.closest("[role=group]")?.previousElementSibling); },
    Enter: (all, at) => insert(all[at]),
    " ": (all, at) => (isTable(all[at]) ? open(all[at], !isOpen(all[at])) : insert(all[at])),
  };
  function typeAhead(key, all, at) {
    typed = Date.now() - typedAt > 700 ? key : typed + key;
    typedAt = Date.now();
    const from = typed.length > 1 ? at : at + 1;
    focus([...all.slice(from), ...all.slice(0, from)].find((item) => item.dataset.name.startsWith(typed.toLowerCase())));
  }
  browser.addEventListener("keydown", (event) => {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = visible(), at = all.indexOf(item);
    if (keys[event.key]) keys[event.key](all, at);
    else if (event.key.length === 1) typeAhead(event.key, all, at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  browser.addEventListener("click", (event) => {
    const item = event.target.closest("[role=treeitem]");
    if (!item) return;
    if (event.target.closest(".ed-caret")) { open(item, !isOpen(item)); focus(item); return; }
    tree().querySelectorAll("[tabindex='0']").forEach((each) => { each.tabIndex = -1; });
    item.tabIndex = 0;
    insert(item);
  });

  function narrow() {
    const text = filter.value.trim().toLowerCase();
    let met = 0;
    tree()?.querySelectorAll(":scope > li").forEach((entry) => {
      const table = entry.firstElementChild;
      const fits = (item) => item.dataset.name.toLowerCase().includes(text);
      const columns = [...entry.querySelectorAll("[role=group] > li")];
      const inName = fits(table), inside = Boolean(text) && columns.some(fits);
      for (const column of columns) column.hidden = !inName && !fits(column);
      entry.hidden = !inName && !inside;
      if (inside) open(table, true);
      met += entry.hidden ? 0 : 1;
    });
    const none = browser.querySelector("[data-none]");
    if (none) none.hidden = met > 0;
    const first = tree() && visible()[0];
    if (first && !tree().querySelector("[tabindex='0']:not([hidden])")?.offsetParent) first.tabIndex = 0;
  }
  filter.addEventListener("input", narrow);
  document.body.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "schema-tree") narrow(); });
})();

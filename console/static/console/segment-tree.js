// The segment tree: role=tree with one tab stop, a filter, and the menus of segments and folders at the row.
// Letters find names, as in every tree; A and E are shortcuts of the open menu, Enter, F2 and Delete of the row too.
(() => {
  const panel = document.querySelector("[data-tree]"), tree = document.getElementById("segment-tree");
  if (!panel || !tree) return;
  const filter = document.getElementById("segment-filter");
  const menus = {s: document.getElementById("segment-menu"), f: document.getElementById("folder-menu")};
  const closedKey = `closed-folders-${panel.dataset.tree}`;
  const isFolder = (item) => item.hasAttribute("aria-expanded");
  const isOpen = (item) => item.getAttribute("aria-expanded") === "true";
  const shown = (item) => item.offsetParent !== null;
  const all = () => [...tree.querySelectorAll("[role=treeitem]")].filter(shown);
  const nameOf = (item) => item.dataset.name;
  const menuOf = (item) => menus[item.id[0]];
  let typed = "", typedAt = 0, at = null;  // the row whose menu is open

  // Folders that were closed stay closed in this browser.
  const closed = new Set(JSON.parse(localStorage.getItem(closedKey) || "[]"));
  function open(item, yes, keep = true) {
    item.setAttribute("aria-expanded", String(yes));
    if (!keep) return;
    if (yes) closed.delete(item.id); else closed.add(item.id);
    localStorage.setItem(closedKey, JSON.stringify([...closed]));
  }
  const chosen = tree.querySelector("[aria-selected=true]");
  for (const id of closed) { const item = document.getElementById(id); if (item && !item.parentElement.contains(chosen)) open(item, false, false); }

  function stop(item) {
    tree.querySelectorAll("[tabindex='0']").forEach((each) => { each.tabIndex = -1; });
    item.tabIndex = 0;
  }
  function focus(item) {
    if (!item) return;
    stop(item);
    item.focus();
    item.scrollIntoView({block: "nearest"});
  }
  stop(chosen || all()[0] || tree.querySelector("[role=treeitem]"));
  chosen?.scrollIntoView({block: "center"});

  // Menus ---------------------------------------------------------------------------------------
  function aim(menu, item) {
    menu.setAttribute("aria-label", nameOf(item));
    for (const one of menu.querySelectorAll("[data-to]")) one[one.matches("form") ? "action" : "href"] = one.dataset.to.replace("{}", item.dataset.pk);
  }
  function openMenu(item, x, y) {
    const menu = menuOf(item);
    aim(menu, item);
    stop(item);
    at?.classList.remove("is-open");
    at = item;
    at.classList.add("is-open");
    menu.showPopover();
    menu.style.left = `${Math.max(8, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`;
    menu.style.top = `${Math.max(8, Math.min(y, innerHeight - menu.offsetHeight - 8))}px`;
    menu.querySelector("[role=menuitem]").focus();
  }
  function openAtRow(item) {
    const box = item.getBoundingClientRect();
    openMenu(item, box.left + 24, box.bottom);
  }
  /** Does what an entry of the menu does: in a dialog, by its form, or by going there. */
  function act(menu, entry, item) {
    if (entry.matches("[data-dialog]")) htmx.ajax("GET", entry.href, {target: "#dlg", swap: "innerHTML", source: item});
    else if (entry.form) entry.form.requestSubmit(entry);
    else location.assign(entry.href);
  }
  for (const menu of Object.values(menus)) {
    menu.addEventListener("click", (event) => {
      const entry = event.target.closest("[role=menuitem][data-dialog]");
      if (!entry || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      menu.hidePopover();
      act(menu, entry, at);
    });
    menu.addEventListener("keydown", (event) => {
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const entry = !event.ctrlKey && !event.metaKey && menu.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (!entry) return;
      event.preventDefault();
      event.stopPropagation();
      menu.hidePopover();
      act(menu, entry, at);
    });
    menu.addEventListener("toggle", (event) => {
      if (event.newState === "open") return;
      at?.classList.remove("is-open");
      if (document.activeElement === document.body || menu.contains(document.activeElement)) at?.focus();
    });
  }
  tree.addEventListener("contextmenu", (event) => {
    const item = event.target.closest("[role=treeitem]");
    if (!item || String(getSelection())) return;
    event.preventDefault();
    // Shift+F10 and the menu key come here too, in some browsers without a place.
    if (event.button === 2 || event.clientX || event.clientY) openMenu(item, event.clientX, event.clientY); else openAtRow(item);
  });

  // Keys ----------------------------------------------------------------------------------------
  const step = {
    ArrowDown: (items, i) => focus(items[i + 1]),
    ArrowUp: (items, i) => focus(items[i - 1]),
    Home: (items) => focus(items[0]),
    End: (items) => focus(items[items.length - 1]),
    ArrowRight: (items, i) => { const item = items[i]; if (!isFolder(item)) return; if (isOpen(item)) { if (item.parentElement.contains(items[i + 1])) focus(items[i + 1]); } else open(item, true); },
    ArrowLeft: (items, i) => { const item = items[i]; if (isFolder(item) && isOpen(item)) open(item, false); else focus(item.closest("[role=group]")?.previousElementSibling); },
    Enter: (items, i) => go(items[i]),
    " ": (items, i) => go(items[i]),
    ContextMenu: (items, i) => openAtRow(items[i]),
  };
  function go(item) { if (isFolder(item)) open(item, !isOpen(item)); else location.assign(item.querySelector("a").href); }
  function typeAhead(key, items, i) {
    typed = Date.now() - typedAt > 700 ? key : typed + key;
    typedAt = Date.now();
    const from = typed.length > 1 ? i : i + 1;
    focus([...items.slice(from), ...items.slice(0, from)].find((item) => nameOf(item).toLowerCase().startsWith(typed.toLowerCase())));
  }
  tree.addEventListener("keydown", (event) => {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.target !== item || event.ctrlKey || event.metaKey || event.altKey) return;
    const items = all(), i = items.indexOf(item);
    const entry = menuOf(item).querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (event.key === "F10" && event.shiftKey) openAtRow(item);
    else if (entry && event.key.length > 1) { aim(menuOf(item), item); at = item; act(menuOf(item), entry, item); }
    else if (step[event.key]) step[event.key](items, i);
    else if (event.key.length === 1) typeAhead(event.key, items, i);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  tree.addEventListener("click", (event) => {
    const item = event.target.closest("[role=treeitem]");
    if (!item) return;
    if (event.target.closest(".tr-more")) { const box = event.target.closest(".tr-more").getBoundingClientRect(); openMenu(item, box.left, box.bottom + 2); return; }
    if (event.target.closest("a")) return;
    stop(item);
    go(item);
  });

  // Filter --------------------------------------------------------------------------------------
  function narrow() {
    const text = filter.value.trim().toLowerCase();
    let met = 0;
    function look(entry, whole) {
      const item = entry.firstElementChild;
      const fits = whole || nameOf(item).toLowerCase().includes(text);
      let inside = false;
      if (isFolder(item)) for (const below of item.nextElementSibling.children) inside = look(below, fits) || inside;
      entry.hidden = !fits && !inside;
      if (isFolder(item)) open(item, text ? inside || isOpen(item) : !closed.has(item.id) || entry.contains(chosen), false);
      else met += entry.hidden ? 0 : 1;
      return !entry.hidden;
    }
    for (const entry of tree.children) look(entry, !text);
    panel.querySelector("[data-none]").hidden = met > 0 || Boolean(all().length);
    if (!tree.querySelector("[tabindex='0']")?.offsetParent) { const first = all()[0]; if (first) stop(first); }
  }
  filter.addEventListener("input", narrow);
  filter.form.addEventListener("submit", (event) => { event.preventDefault(); focus(all().find((item) => !isFolder(item))); });
})();

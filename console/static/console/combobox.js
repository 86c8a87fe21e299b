// <select data-combobox> becomes a field to search in: words in any order, arrows, Enter. Without JavaScript it stays a select.
(() => {
  function enhance(select) {
    if (select.dataset.combobox === "on") return;
    select.dataset.combobox = "on";
    const id = select.id;
    const box = Object.assign(document.createElement("div"), {className: "cb"});
    const input = Object.assign(document.createElement("input"), {type: "text", className: select.className, id, disabled: select.disabled, autocomplete: "off", spellcheck: false});
    const list = Object.assign(document.createElement("ul"), {className: "cb-list", id: `${id}-list`, hidden: true});
    for (const [name, value] of Object.entries({role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": list.id})) input.setAttribute(name, value);
    for (const name of ["aria-describedby", "aria-invalid"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", document.querySelector(`label[for="${id}"]`)?.textContent.trim() || "Choices");
    const options = [...select.options].map((option, index) => {
      const item = Object.assign(document.createElement("li"), {id: `${id}-${index}`, textContent: option.text});
      item.setAttribute("role", "option");
      item.dataset.value = option.value;
      item.dataset.words = option.text.toLowerCase().replaceAll("_", " ");
      return item;
    });
    const none = Object.assign(document.createElement("li"), {textContent: "Nothing matches", className: "cb-none", hidden: true});
    none.setAttribute("role", "option");
    none.setAttribute("aria-disabled", "true");
    list.append(...options, none);
    const focused = document.activeElement === select;
    select.id = `${id}-value`;
    select.hidden = true;
    select.before(box);
    box.append(input, select, list);
    if (focused) input.focus();
    const shown = () => options.filter((item) => !item.hidden);
    const chosen = () => options.find((item) => item.dataset.value === select.value);
    const isOpen = () => !list.hidden;
    let active = null;
    input.value = chosen()?.textContent ?? "";

    function point(item) {
      active?.removeAttribute("aria-selected");
      active = item || null;
      active?.setAttribute("aria-selected", "true");
      if (active) { input.setAttribute("aria-activedescendant", active.id); active.scrollIntoView({block: "nearest"}); }
      else input.removeAttribute("aria-activedescendant");
    }
    function filter(text) {
      const words = text.toLowerCase().replaceAll("_", " ").split(/\s+/).filter(Boolean);
      for (const item of options) item.hidden = !words.every((word) => item.dataset.words.includes(word));
      none.hidden = shown().length > 0;
    }
    function open(text = "") {
      filter(text);
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      point(text ? shown()[0] : chosen());
    }
    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      point(null);
      input.value = chosen()?.textContent ?? select.value;
    }
    function choose(item) {
      const changed = item && select.value !== item.dataset.value;
      if (item) select.value = item.dataset.value;
      close();
      if (changed) for (const name of ["input", "change"]) select.dispatchEvent(new Event(name, {bubbles: true}));
    }

    input.addEventListener("input", (event) => { event.stopPropagation(); open(input.value); });
    input.addEventListener("change", (event) => event.stopPropagation());  // the select tells of changes
    input.addEventListener("click", () => { if (!isOpen()) { open(); input.select(); } });
    input.addEventListener("blur", () => { if (isOpen()) close(); });
    input.addEventListener("keydown", (event) => {
      const all = shown(), now = all.indexOf(active);
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!isOpen()) { open(); input.select(); return; }
        point(all[(now + (event.key === "ArrowDown" ? 1 : now < 0 ? 0 : -1) + all.length) % all.length]);
      } else if (event.key === "Enter" && isOpen()) {
        event.preventDefault();
        choose(active);
      } else if (event.key === "Escape" && isOpen()) {
        event.preventDefault();  // closes the list only, not the popover around it
        event.stopPropagation();
        close();
      }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());  // the focus stays in the field
    list.addEventListener("click", (event) => choose(event.target.closest("[data-value]")));
  }

  const look = (root) => { if (root.matches?.("select[data-combobox]")) enhance(root); root.querySelectorAll?.("select[data-combobox]").forEach(enhance); };
  look(document);
  document.addEventListener("htmx:afterSwap", ({detail: {target}}) => look(target.isConnected ? target : document));  // it may have been replaced itself
})();

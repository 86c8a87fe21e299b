// Create Activation: rows of the Output Mapping are moved by pointer and keyboard, errors mark their fields.
(() => {
  const form = document.getElementById("mapping-form");
  const say = (text) => { const region = document.getElementById("said"); if (region) region.textContent = text; };

  // A dialog that closes over a page whose draft it changed needs nothing more: its answer leads back here.
  if (!form) return;

  const row = (element) => element?.closest?.("[data-row]");
  const rows = (list) => [...list.querySelectorAll(":scope > [data-row]")];
  const place = (one) => rows(one.parentElement).indexOf(one);
  const title = (one) => one.querySelector("[data-drag]").getAttribute("aria-label").replace(/^Move |, position.*$/g, "");
  const where = (one) => `${title(one)}, position ${place(one) + 1} of ${rows(one.parentElement).length}`;

  // Where the row is dropped is told to the server, which numbers all of them anew.
  function drop(one) {
    const button = one.querySelector("[data-drop]");
    const [, group] = button.value.split(":");
    button.value = `drop:${group}:${place(one)}`;
    button.click();
  }
  function step(one, by) {
    const all = rows(one.parentElement), to = place(one) + by;
    if (to < 0 || to >= all.length) return;
    if (by < 0) all[to].before(one); else all[to].after(one);
    one.querySelector("[data-drag]").focus();
    say(where(one));
  }

  // Keyboard: Space lifts, arrows move, Space drops, Escape puts it back. Enter opens the menu with Move up and down.
  let lifted = null, home = null;
  function lift(one) {
    lifted = one;
    home = one.nextElementSibling;
    one.classList.add("is-lifted");
    one.querySelector("[data-drag]").setAttribute("aria-pressed", "true");
    say(`${where(one)}. Lifted. Arrows move it, Space drops it, Escape puts it back.`);
  }
  function lay() {
    lifted?.classList.remove("is-lifted");
    lifted?.querySelector("[data-drag]").setAttribute("aria-pressed", "false");
    lifted = null;
  }
  form.addEventListener("keydown", (event) => {
    const handle = event.target.closest("[data-drag]");
    if (!handle) return;
    const one = row(handle);
    if (event.key === " ") {
      event.preventDefault();
      if (lifted === one) { lay(); drop(one); } else lift(one);
    } else if (lifted === one && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      step(one, event.key === "ArrowUp" ? -1 : 1);
    } else if (lifted === one && event.key === "Escape") {
      event.preventDefault();
      one.parentElement.insertBefore(one, home);
      lay();
      handle.focus();
      say(`${where(one)}. Put back.`);
    } else if (lifted === one && event.key === "Enter") event.preventDefault();
  });
  // The space bar's own click would open the menu.
  form.addEventListener("keyup", (event) => { if (event.key === " " && event.target.closest("[data-drag]")) event.preventDefault(); });
  form.addEventListener("focusout", (event) => {
    // Moving a row takes the focus from its handle for a moment.
    setTimeout(() => { if (lifted && row(event.target) === lifted && !lifted.contains(document.activeElement)) { const one = lifted; lay(); drop(one); } });
  });

  // Pointer: the row follows the pointer from row to row. A press without a move is a click, which opens the menu.
  let dragged = null, began = 0, moved = false;
  form.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-drag]");
    if (!handle || event.button) return;
    dragged = row(handle);
    began = event.clientY;
    moved = false;
    handle.setPointerCapture(event.pointerId);
  });
  form.addEventListener("pointermove", (event) => {
    if (!dragged || (!moved && Math.abs(event.clientY - began) < 5)) return;
    moved = true;
    dragged.classList.add("is-lifted");
    for (const other of rows(dragged.parentElement)) {
      if (other === dragged) continue;
      const at = other.getBoundingClientRect(), middle = at.top + at.height / 2;
      const above = place(other) < place(dragged);
      if (above && event.clientY < middle) { other.before(dragged); break; }
      if (!above && event.clientY > middle) other.after(dragged);
    }
  });
  function released() {
    const one = dragged;
    dragged = null;
    one?.classList.remove("is-lifted");
    if (one && moved) drop(one);
  }
  form.addEventListener("pointerup", released);
  form.addEventListener("pointercancel", released);
  form.addEventListener("click", (event) => {
    if (!moved || !event.target.closest("[data-drag]")) return;
    moved = false;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-all]")) return;
    event.target.closest("[popover]").querySelectorAll("[name=add]").forEach((box) => { box.checked = true; });
  });
  // What is ticked in the list of columns is no change of the mapping yet.
  form.addEventListener("input", (event) => { if (["add", "dock"].includes(event.target.name)) event.stopPropagation(); }, true);

  function mark() {
    form.querySelectorAll(".ac-e").forEach((error) => {
      const field = form.querySelector(`[aria-describedby="${error.id}"]`), wrong = Boolean(error.childElementCount);
      field?.classList.toggle("is-invalid", wrong);
      if (wrong) field?.setAttribute("aria-invalid", "true"); else field?.removeAttribute("aria-invalid");
    });
  }
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "mapping-preview") { mark(); return; }
    const editor = event.detail.elt.id === "mapping-editor" ? event.detail.elt : document.getElementById("mapping-editor");
    if (!editor?.dataset.focus && !editor?.dataset.said) return;
    const wanted = editor.dataset.focus;
    (document.getElementById(wanted) || document.getElementById("add-columns"))?.focus();
    if (editor.dataset.said) say(editor.dataset.said);
    delete editor.dataset.focus;
    delete editor.dataset.said;
  });
})();

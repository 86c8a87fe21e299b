// The schedule picker's popover: opened by what htmx puts into it, closed by Escape, Cancel, Apply or a click outside.
(() => {
  const pop = document.getElementById("schedule-pop");
  const opener = () => document.getElementById("schedule-button");

  // A field whose error the server has just sent is marked, and is left unmarked again once it is right.
  function mark() {
    const readout = document.getElementById("schedule-readout");
    const wrong = new Set(readout?.dataset.invalid.trim().split(/\s+/));
    for (const id of ["schedule_cron", "schedule_zone", "schedule_delay", "schedule_starts_on", "schedule_ends_on"]) {
      const field = document.getElementById(id);
      field?.classList.toggle("is-invalid", wrong.has(id));
      if (wrong.has(id)) field?.setAttribute("aria-invalid", "true"); else field?.removeAttribute("aria-invalid");
    }
  }
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "schedule-readout" || event.detail.elt.id === "schedule-readout") mark();
  });
  // An answer that comes between press and release would move Apply from under the pointer: it is asked for again.
  let pressed = false, waits = false;
  addEventListener("pointerdown", () => { pressed = true; }, true);
  for (const name of ["pointerup", "pointercancel", "blur"]) addEventListener(name, () => setTimeout(() => {
    pressed = false;
    const asking = document.querySelector("[data-preview]");
    if (waits && asking) htmx.trigger(asking, "click");
    waits = false;
  }), true);
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!pressed || event.detail.target.id !== "schedule-readout") return;
    event.detail.shouldSwap = false;
    waits = true;
  });
  if (!pop) return;

  const narrow = matchMedia("(max-width: 900px)");
  function place() {
    if (narrow.matches) { pop.style.left = pop.style.top = ""; return; }
    const at = opener().getBoundingClientRect();
    pop.style.left = `${Math.max(8, Math.min(at.left, innerWidth - 14 - pop.offsetWidth))}px`;
    pop.style.top = `${at.bottom + 8}px`;
    pop.style.maxHeight = `${innerHeight - at.bottom - 16}px`;
  }
  addEventListener("resize", () => { if (pop.matches(":popover-open")) place(); });

  function focusFirst() {
    const wrong = pop.querySelector("[data-focus-error], [aria-invalid=true], .is-invalid");
    (wrong || pop.querySelector("[name=choice]:checked:not(:disabled)") || pop.querySelector("[data-pop-close]"))?.focus();
  }
  // The focus waits until htmx listens to the fields.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== pop || !pop.childElementCount) return;
    if (!pop.matches(":popover-open")) pop.showPopover();
    place();
    focusFirst();
  });
  pop.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    opener()?.setAttribute("aria-expanded", String(open));
    if (open) return;
    // Escape and Cancel leave the focus inside what is hidden now; a click outside has put it elsewhere.
    if (document.activeElement === document.body || pop.contains(document.activeElement)) opener()?.focus();
    // A preview on its way would find nothing to go into.
    const asking = pop.querySelector("[data-preview]");
    if (asking) htmx.trigger(asking, "htmx:abort");
    pop.replaceChildren();
  });

  // The button that opened it closes it: the press has already done so, and the click must not open it again.
  let wasOpen = false;
  addEventListener("pointerdown", (event) => { wasOpen = Boolean(event.target.closest?.("#schedule-button")) && pop.matches(":popover-open"); }, true);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#schedule-button") || !wasOpen) return;
    wasOpen = false;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  pop.addEventListener("click", (event) => {
    if (!event.target.closest("[data-pop-close]")) return;
    event.preventDefault();
    pop.hidePopover();
  });
  document.body.addEventListener("schedule:applied", (event) => {
    if (pop.matches(":popover-open")) pop.hidePopover();
    opener()?.focus();
    document.getElementById("said").textContent = event.detail.text;
  });
})();

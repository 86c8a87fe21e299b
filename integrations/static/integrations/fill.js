// What the server read out of a pasted address goes into the other fields, as if it had been typed there.
(() => {
  document.body.addEventListener("settings:fill", (event) => {
    const form = event.target.closest("form");
    Object.entries(event.detail).forEach(([name, value]) => {
      const field = form?.elements[name];
      if (!field || name === "elt") return;
      const acting = field instanceof RadioNodeList ? [...field].find((each) => each.value === value) : field;
      if (!acting) return;
      if (acting.type === "radio") acting.checked = true; else acting.value = value;
      acting.dispatchEvent(new Event("input", {bubbles: true}));
      acting.dispatchEvent(new Event("change", {bubbles: true}));
    });
  });

  // Folders of a place that is no longer meant are shown no longer.
  document.addEventListener("change", (event) => {
    const shown = document.querySelector("[data-browse-of]");
    if (shown?.dataset.browseOf.split(" ").includes(event.target.name)) shown.remove();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-browse-close]")) return;
    const place = document.getElementById("browse");
    place.replaceChildren();
    place.parentElement.querySelector("button")?.focus();
  });
})();

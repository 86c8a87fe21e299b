// Known addresses under a field: a click writes one into it, and the marked one follows what is typed.
(() => {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick]");
    if (!button) return;
    const field = document.getElementById(button.dataset.for);
    field.value = button.dataset.pick;
    field.dispatchEvent(new Event("input", {bubbles: true}));
  });
  document.addEventListener("input", (event) => {
    document.querySelectorAll(`[data-pick][data-for="${CSS.escape(event.target.id)}"]`).forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.pick === event.target.value.trim()));
    });
  });
})();
// What a test found out is about what was typed then: it goes with the first change.
document.addEventListener("input", (event) => {
  event.target.form?.querySelectorAll("[data-tested]").forEach((told) => told.remove());
});

// Choose Integration: arrow down leaves the search for the list, Enter in the search goes on.
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "auth-search" || event.key !== "ArrowDown") return;
    const chosen = document.querySelector("#auth-list input:checked") || document.querySelector("#auth-list input");
    if (!chosen) return;
    event.preventDefault();
    chosen.focus();
  });
})();

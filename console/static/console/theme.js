// Before the first paint: the colour scheme where the choice is System. The server writes Light and Dark itself.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => { root.dataset.bsTheme = root.dataset.theme === "system" ? (dark.matches ? "dark" : "light") : root.dataset.theme; };
  apply();
  dark.addEventListener("change", apply);
  window.Theme = {set(choice) { root.dataset.theme = choice; apply(); }};
})();

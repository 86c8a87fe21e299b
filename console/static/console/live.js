// Regions that ask for themselves: one spoken sentence at most every 5 s, "Not updating" when the answers stop.
(() => {
  const SAY_EVERY = 5000;
  let said = "", waiting = null, lastSaid = 0, lastAnswer = new Date();

  function say(text) {
    const region = document.getElementById("said");
    if (!region || !text || text === said) return;
    clearTimeout(waiting);
    const wait = Math.max(0, SAY_EVERY - (Date.now() - lastSaid));
    const stageChanged = text.split(",")[0] !== said.split(",")[0];
    waiting = setTimeout(() => { said = text; lastSaid = Date.now(); region.textContent = text; }, stageChanged ? 0 : wait);
  }

  document.body.addEventListener("htmx:afterSettle", () => {
    lastAnswer = new Date();
    say(document.querySelector("[data-say]")?.dataset.say);
  });

  // What is swapped between press and release takes the click with it (and a selection): the next answer will do.
  let pressed = false;
  const release = () => setTimeout(() => { pressed = false; });
  addEventListener("pointerdown", () => { pressed = true; }, true);
  for (const name of ["pointerup", "pointercancel", "blur"]) addEventListener(name, release, true);
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (pressed && event.detail.requestConfig.elt.matches("[data-poll]")) event.detail.shouldSwap = false;
  });

  function lost(event) {
    if (!event.detail.elt?.closest?.("[data-poll]")) return;
    const note = document.querySelector("[data-lost]");
    if (!note) return;
    note.hidden = false;
    note.textContent = `Not updating. Last update ${lastAnswer.toTimeString().slice(0, 8)}. Trying again by itself.`;
  }
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.body.addEventListener(name, lost);
})();

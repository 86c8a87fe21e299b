// Export Results: the list of sections follows what is being scrolled past.
(() => {
  // What a check has to say of a field does not replace what somebody who has gone back to it is typing.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const {target} = event.detail, typing = document.activeElement;
    if (target.dataset.checked === undefined || !target.contains(typing)) return;
    if (typing.matches("textarea, input:not([type=radio], [type=checkbox])")) event.detail.shouldSwap = false;
  });
  document.addEventListener("scroll", (event) => {
    if (event.target.id !== "export-fields") return;
    const form = event.target, top = form.getBoundingClientRect().top + 80;
    const sections = [...form.querySelectorAll("section[id]")];
    const atEnd = form.scrollHeight - form.scrollTop - form.clientHeight < 4;
    const now = atEnd && form.scrollTop ? sections.at(-1) : sections.filter((each) => each.getBoundingClientRect().top <= top).at(-1) || sections[0];
    document.querySelectorAll(".expnav a").forEach((link) => {
      if (link.hash === `#${now.id}`) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
  }, true);
})();

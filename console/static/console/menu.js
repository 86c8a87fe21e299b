// Menus are native popovers (Escape and a click outside close them). This places them and adds the keyboard of role=menu.
(() => {
  const openers = new WeakMap();
  const items = (menu) => [...menu.querySelectorAll("[role^=menuitem]:not([disabled])")].filter((item) => item.offsetParent);

  function place(menu, opener) {
    const at = opener.getBoundingClientRect();
    const {offsetWidth: width, offsetHeight: height} = menu;
    const left = at.left + width > innerWidth - 8 ? at.right - width : at.left;
    const below = at.bottom + 4 + height <= innerHeight || at.top < height + 12;
    menu.style.left = `${Math.max(8, left)}px`;
    menu.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - height - 4)}px`;
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[popovertarget]");
    const menu = opener && document.getElementById(opener.getAttribute("popovertarget"));
    if (menu) openers.set(menu, opener);
  }, true);

  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLElement) || !menu.matches(".menu[popover], .pop[popover]")) return;
    const opener = openers.get(menu) || document.querySelector(`[popovertarget="${menu.id}"]`);
    const open = event.newState === "open";
    opener?.setAttribute("aria-expanded", String(open));
    if (!open) return;
    if (opener) place(menu, opener);
    if (menu.getAttribute("role") === "menu") items(menu)[0]?.focus();
  }, true);

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("[role=menu]");
    if (!menu) return;
    const all = items(menu);
    const now = all.indexOf(document.activeElement);
    const close = () => { menu.hidePopover(); openers.get(menu)?.focus(); };
    const steps = {ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: all.length - 1};
    if (event.key in steps) {
      event.preventDefault();
      all[(steps[event.key] + all.length) % all.length].focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") event.preventDefault();
      close();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key !== " ") {
      const letter = event.key.toLowerCase();
      const order = [...all.slice(now + 1), ...all.slice(0, now + 1)];
      order.find((item) => item.textContent.trim().toLowerCase().startsWith(letter))?.focus();
    }
  });

  // A choice in a menu closes it; the links and forms in it act as they are.
  document.addEventListener("click", (event) => {
    const item = event.target.closest?.("[role^=menuitem]");
    const menu = item?.closest(".menu[popover]");
    if (menu) setTimeout(() => menu.matches(":popover-open") && menu.hidePopover());
  });
})();

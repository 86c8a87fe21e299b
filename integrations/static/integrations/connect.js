// Connecting an account: the popup opens in the click itself, goes where the server says, and reports back.
(() => {
  const NAME = "sendoff-sign-in", SIZE = "popup,width=560,height=720";
  let popup = null;
  const region = () => document.getElementById("connect");
  const say = (text) => { const place = document.getElementById("connect-says"); if (place) place.textContent = text || ""; };

  // A browser opens a window only within a click, so it opens empty and is sent on once the server has answered.
  document.addEventListener("click", (event) => {
    const again = event.target.closest("[data-popup]");
    if (again) {
      event.preventDefault();
      popup = window.open(again.href, NAME, SIZE);
      show(Boolean(popup));
      return;
    }
    if (!event.target.closest("[data-connect]")) return;
    const home = new URL(region().dataset.home).origin;
    if (home !== location.origin) {
      event.preventDefault();
      event.stopImmediatePropagation();
      region().querySelector("[data-elsewhere]").hidden = false;
      return;
    }
    popup = window.open("", NAME, SIZE);
  }, true);

  function show(opened) {
    region()?.querySelector("[data-popup-open]")?.toggleAttribute("hidden", !opened);
    region()?.querySelector("[data-popup-blocked]")?.toggleAttribute("hidden", opened);
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.detail.target.closest?.("#connect") && event.detail.target.id !== "connect") return;
    const waiting = region()?.querySelector("[data-authorize]");
    if (waiting && event.detail.requestConfig.verb === "post") {
      const open = popup && !popup.closed;
      if (open) popup.location = waiting.dataset.authorize;
      show(Boolean(open));
    } else if (!waiting && popup && !popup.closed) {
      popup.close();
      popup = null;
    }
    say(region()?.querySelector("[data-says]")?.dataset.says);
    if (!document.activeElement || document.activeElement === document.body) {
      ["[data-popup]", "#id_connection", "[data-connect]:not(:disabled)"].map((each) => region()?.querySelector(each)).find(Boolean)?.focus();
    }
  });

  // The popup's last page tells; where the browser has cut it off from here, the region asks the server anyway.
  addEventListener("message", (event) => {
    if (event.origin !== location.origin || event.data?.type !== "sendoff:signed-in") return;
    const waiting = document.querySelector(`[data-sign-in="${CSS.escape(String(event.data.state))}"]`);
    if (waiting && window.htmx) htmx.trigger(waiting, "answered");
  });
})();

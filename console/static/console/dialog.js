// The one <dialog id="dlg">: opened by what htmx swaps into it, closed with a question when something was typed.
(() => {
  const dialog = document.getElementById("dlg");
  const ask = document.getElementById("ask");
  // A dialog's address, reloaded, is a page of its own; `home` is the page that the dialogs here stand over.
  const isPage = Boolean(document.querySelector(".dlg-page"));
  let opener = null, home = location.href, typed = false;

  /** Asks in our own dialog; resolves to true on the red button. */
  function confirmed(heading, text, verb) {
    document.getElementById("ask-title").textContent = heading;
    document.getElementById("ask-text").textContent = text || "";
    ask.querySelector("[value=yes]").textContent = verb || "Go on";
    ask.returnValue = "";
    ask.showModal();
    return new Promise((resolve) => ask.addEventListener("close", () => resolve(ask.returnValue === "yes"), {once: true}));
  }
  ask.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) ask.close(button.value);
  });
  window.confirmed = confirmed;

  // Anything that asks first: htmx elements, and plain forms.
  document.addEventListener("htmx:confirm", (event) => {
    const asking = event.detail.elt.closest("[data-confirm]");
    const question = event.detail.question || asking?.dataset.confirm;
    if (!question) return;
    event.preventDefault();
    const data = asking?.dataset || {};
    confirmed(question, data.confirmText, data.confirmVerb).then((yes) => yes && event.detail.issueRequest(true));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.hasAttribute("hx-post") || form.dataset.agreed) return;
    event.preventDefault();
    confirmed(form.dataset.confirm, form.dataset.confirmText, form.dataset.confirmVerb).then((yes) => {
      if (!yes) return;
      form.dataset.agreed = "1";
      form.requestSubmit(event.submitter);
    });
  });

  // Opening, steps ------------------------------------------------------------------------------
  function focusFirst(invalid) {
    const target = (invalid && (dialog.querySelector("[data-focus-error]") || dialog.querySelector("[aria-invalid=true], .is-invalid")))
      || dialog.querySelector("[autofocus]")
      || dialog.querySelector(".dlg-b :is(input:not([type=hidden]), select, textarea)")
      || dialog.querySelector(".dlg-f [data-dialog-close]")  // a question: the answer that changes nothing
      || dialog.querySelector("#dlg-title");
    target?.focus();
  }
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target !== dialog || dialog.open) return;
    const menu = event.detail.elt.closest("[popover]");  // its items are gone by then: the focus returns to its button
    opener = menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : event.detail.elt;
  });
  // What the server never shows back stays where it was typed, as long as it is the same form.
  let unechoed = new Map();
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== dialog) return;
    const form = dialog.querySelector("form")?.action;
    unechoed = new Map([...dialog.querySelectorAll("[data-unechoed]")].map((field) => [`${form} ${field.id}`, field.value]));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialog) return;
    const inside = dialog.querySelector("[data-dialog]");
    if (!inside) return;
    const form = inside.querySelector("form")?.action;
    for (const field of inside.querySelectorAll("[data-unechoed]")) field.value = unechoed.get(`${form} ${field.id}`) || "";
    const address = new URL(inside.dataset.address, location.href).href;
    dialog.className = `dlg ${inside.dataset.size}`;
    if (!dialog.open && address !== location.href) home = location.href;
    if (event.detail.xhr.status === 422) return;
    typed = "unsaved" in inside.dataset;
    if (address !== location.href) history.pushState({dialog: address}, "", address);
  });
  // The focus waits until htmx listens to the fields: what is typed at once would otherwise go unheard.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== dialog || !dialog.querySelector("[data-dialog]")) return;
    const first = !dialog.open, invalid = event.detail.xhr.status === 422;
    const asked = event.detail.requestConfig?.triggeringEvent?.submitter?.dataset.focusAfter;
    if (first) dialog.showModal();
    if (first || invalid) focusFirst(invalid); else (dialog.querySelector(asked || "[autofocus]") || dialog.querySelector("#dlg-title"))?.focus();
  });
  dialog.addEventListener("input", (event) => { if (!event.target.closest("[data-nothing-to-lose]")) typed = true; });

  // Closing -------------------------------------------------------------------------------------
  function close() {
    typed = false;
    // What was done here changed the page behind: that page is loaded anew.
    const done = dialog.querySelector("[data-done]")?.dataset.done;
    if (done) { location.assign(done); return; }
    if (home && location.href !== home) history.pushState(null, "", home);
    dialog.close();
  }
  async function askAndClose() {
    if (typed && !await confirmed("Close without saving?", "What you typed here is lost.", "Close")) return;
    close();
  }
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    askAndClose();
  });
  // A second Escape would close in spite of the question; the key is taken before the browser acts on it.
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    askAndClose();
  });
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("[data-dialog-close]")) return;
    event.preventDefault();
    askAndClose();
  });
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    const back = opener?.isConnected ? opener : document.getElementById(opener?.id || "main");  // it may have been drawn anew
    (back || document.getElementById("main"))?.focus();
    opener = null;
  });
  document.body.addEventListener("dialog:close", close);

  // A link to a place inside the dialog is no step: the address stays.
  dialog.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    event.preventDefault();
    const place = document.getElementById(link.hash.slice(1));
    place?.scrollIntoView({block: place.matches("section") ? "start" : "nearest"});
    place?.focus({preventScroll: true});
  });

  // Back and forward between the steps, which have addresses of their own.
  addEventListener("popstate", (event) => {
    if (isPage) { if (!location.hash) location.reload(); return; }
    const address = event.state?.dialog;
    if (address) { if (window.htmx) htmx.ajax("GET", address, {target: dialog, swap: "innerHTML"}); }
    else if (dialog.open) { typed = false; dialog.close(); }
  });
})();

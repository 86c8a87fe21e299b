// Search by Ctrl K, toasts, the theme menu, copying, and focus after an invalid form.
(() => {
  const $ = (selector) => document.querySelector(selector);

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    const field = $("#search");
    if (field?.offsetParent) field.select(); else $(".top .show-s")?.click();
  });

  // A link that is a button to the eye and to assistive technology is pressed with the space bar, too.
  document.addEventListener("keydown", (event) => {
    const button = event.key === " " && event.target.closest?.("a[role=button], a[role=menuitem]");
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  // The button that was pressed shows that its form is under way; coming back by Back it does not.
  function busy(button, on) {
    if (!button?.matches?.("button.btn")) return;
    if (on) button.setAttribute("aria-busy", "true"); else button.removeAttribute("aria-busy");
  }
  document.addEventListener("submit", (event) => { if (!event.target.closest("[hx-post]")) setTimeout(() => busy(event.submitter, !event.defaultPrevented)); });
  const submitter = (event) => event.detail.requestConfig?.triggeringEvent?.submitter;
  document.addEventListener("htmx:beforeRequest", (event) => busy(submitter(event), true));
  document.addEventListener("htmx:afterRequest", (event) => busy(submitter(event), false));
  addEventListener("pageshow", () => document.querySelectorAll("button[aria-busy]").forEach((button) => busy(button, false)));

  const announce = (text) => { const region = $("#announce"); region.textContent = ""; setTimeout(() => { region.textContent = text; }, 50); };

  function toast({title, text = ""}) {
    const node = $("#toast").content.cloneNode(true).firstElementChild;
    node.querySelector("[data-title]").textContent = title;
    node.querySelector("[data-text]").textContent = text;
    let timer;
    const stay = () => clearTimeout(timer);
    const leave = () => { stay(); timer = setTimeout(() => node.remove(), 6000); };
    node.addEventListener("mouseenter", stay);
    node.addEventListener("focusin", stay);
    node.addEventListener("mouseleave", leave);
    node.addEventListener("focusout", leave);
    node.querySelector("button").addEventListener("click", () => node.remove());
    $("#toasts").append(node);
    leave();
  }
  window.toast = toast;
  document.querySelectorAll("[data-toast]").forEach((message) => toast({title: message.dataset.toast}));
  document.body.addEventListener("toast", (event) => toast(event.detail));

  $("[data-theme-form]")?.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button) return;
    event.preventDefault();
    const body = new FormData(event.target);
    body.set("theme", button.value);
    fetch(event.target.action, {method: "POST", body, headers: {"HX-Request": "true"}}).then((reply) => {
      if (!reply.ok) return event.target.submit();
      window.Theme.set(button.value);
      event.target.querySelectorAll("[name=theme]").forEach((each) => each.setAttribute("aria-checked", String(each === button)));
    });
  });

  // Over plain http from another machine there is no clipboard API; the old command still works there.
  async function copied(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
    const carrier = Object.assign(document.createElement("textarea"), {value: text, className: "sr-only"});
    const before = document.activeElement;
    ($("dialog[open]") || document.body).append(carrier);
    carrier.select();
    const done = document.execCommand("copy");
    carrier.remove();
    before?.focus();
    return done;
  }

  // <button data-copy="#key"> copies that element's text, <button data-copy-text="…"> its own.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-text]");
    if (!button) return;
    const source = button.dataset.copy && $(button.dataset.copy);
    const text = button.dataset.copyText ?? source?.dataset.value ?? source?.value ?? source?.textContent.trim() ?? "";
    const done = await copied(text);
    announce(done ? `${button.dataset.copyName || "Value"} copied` : "The browser refused to copy. Select the text and copy it.");
    button.classList.toggle("is-copied", Boolean(done));
    setTimeout(() => button.classList.remove("is-copied"), 2000);
  });

  // <button data-show="#key"> shows or masks what data-value holds; its label says which of the two comes next.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show]");
    if (!button) return;
    const field = $(button.dataset.show);
    const shown = field.textContent !== field.dataset.value;
    field.textContent = shown ? field.dataset.value : field.dataset.mask;
    const word = button.querySelector("[data-word]");
    word.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-label", button.getAttribute("aria-label").replace(/^\w+/, word.textContent));
  });

  // A region that failed keeps what it had; a note at its top says so and offers the same request again.
  function failed(event) {
    const {elt, target, xhr} = event.detail;
    const inDialog = elt.closest("dialog[open]") || (target?.id === "dlg" && $("#dlg[open]"));
    const region = inDialog ? inDialog.querySelector(".dlg-b") : target?.closest("[data-region]") || $("#main");
    if (!region || elt.matches("[data-quiet]")) return;
    region.querySelector(":scope > .region-error")?.remove();
    const note = $("#region-error").content.cloneNode(true).firstElementChild;
    const number = xhr?.getResponseHeader?.("X-Request-Id");
    note.querySelector("[data-what]").textContent = xhr?.status
      ? `The server answered ${xhr.status}, and nothing changed here.${number ? ` Request ${number}.` : ""}`
      : "The server can't be reached. Nothing changed here.";
    note.querySelector("button").addEventListener("click", () => { note.remove(); htmx.trigger(elt, elt.matches("form") ? "submit" : "click"); });
    region.prepend(note);
  }
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:beforeRequest", (event) => event.detail.target?.querySelector?.(".region-error")?.remove());

  const wrong = $("main [data-focus-error]") || $("main .is-invalid");
  if (wrong && !wrong.closest("dialog")) wrong.focus();
})();

// A form of settings: fields that another field makes meaningless are hidden, and some follow the format until picked.
(() => {
  function value(form, name) {
    const field = form.elements[name];
    if (!field) return "";
    if (field.type === "checkbox") return field.checked ? "on" : "";
    return field.value;
  }

  // What a hidden field steers is hidden with it; the form has the steering field before those it steers.
  function isAway(form, name) {
    const field = form.elements[name];
    return Boolean((field instanceof RadioNodeList ? field[0] : field)?.closest("[data-when][hidden]"));
  }

  function show(form) {
    form.querySelectorAll("[data-when]").forEach((element) => {
      const driver = element.dataset.when;
      const met = element.dataset.whenIs.split(" ").includes(value(form, driver)) && !isAway(form, driver);
      element.hidden = met === element.hasAttribute("data-when-not");
    });
  }

  const followers = (form) => [...form.querySelectorAll("[data-follows]")];
  const standard = (form, field) => field.getAttribute(`data-follow-${value(form, field.dataset.follows)}`);
  const picked = (form) => (form.dataset.picked || "").split(" ");
  const pick = (form, name) => { form.dataset.picked = [...picked(form), name].join(" "); };

  function prepare(form) {
    if (!form.querySelector("[data-when], [data-follows]")) return;
    show(form);
    if (form.dataset.prepared) return;
    form.dataset.prepared = "yes";
    followers(form).forEach((field) => {
      if (value(form, field.name) !== standard(form, field)) pick(form, field.name);
    });
  }

  function follow(form, driver) {
    followers(form).filter((field) => field.dataset.follows === driver && !picked(form).includes(field.name)).forEach((field) => {
      const wanted = standard(form, field);
      if (field.type === "radio") field.checked = field.value === wanted; else field.value = wanted;
    });
  }

  // Capturing, so that the values are right before anything else acts on the change.
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form) return;
    if (event.target.dataset.follows) pick(form, event.target.name);
    follow(form, event.target.name);
    show(form);
  }, true);
  document.addEventListener("htmx:afterSwap", (event) => {
    const place = event.detail.target;
    [place.closest?.("form"), ...(place.querySelectorAll?.("form") || [])].forEach((form) => form && prepare(form));
  });
  document.querySelectorAll("form").forEach(prepare);
})();

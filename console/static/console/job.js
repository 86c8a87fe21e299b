// The job page's log: it follows its end only while the reader is there, and can show warnings alone.
(() => {
  const log = document.getElementById("job-log");
  const follow = document.getElementById("follow");
  if (!log) return;
  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  const toEnd = () => { log.scrollTop = log.scrollHeight; };
  let wasAtEnd = true;

  if (follow.checked) toEnd();
  log.addEventListener("scroll", () => { wasAtEnd = atEnd(); });
  new MutationObserver(() => { if (follow.checked && wasAtEnd) toEnd(); }).observe(log, {childList: true});
  follow.addEventListener("change", () => { if (follow.checked) { wasAtEnd = true; toEnd(); } });
  // Announcements stay off until somebody asks for them by standing on Follow.
  follow.addEventListener("focus", () => log.setAttribute("aria-live", follow.checked ? "polite" : "off"));
  follow.addEventListener("blur", () => log.setAttribute("aria-live", "off"));
})();

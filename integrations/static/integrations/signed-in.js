// The last page of the popup: tells the dialog that opened it, and goes.
(() => {
  const state = document.querySelector("[data-signed-in]")?.dataset.signedIn;
  if (!state || !window.opener) return;
  window.opener.postMessage({type: "sendoff:signed-in", state}, location.origin);
  window.close();
})();

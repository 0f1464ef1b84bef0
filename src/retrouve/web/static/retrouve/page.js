// What every page does a little better with a script: nothing here is needed.

const busyFor = 8000; // milliseconds after which a form may be sent again, should the answer be lost

document.querySelector("[data-summary]")?.focus();

for (const button of document.querySelectorAll("[data-reveal]")) {
  const secrets = [...button.form.querySelectorAll("input[type=password]")];
  button.setAttribute("aria-controls", secrets.map((input) => input.id).join(" "));
  button.hidden = false;

  const show = (shown) => {
    for (const input of secrets) input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.addEventListener("click", () => show(button.getAttribute("aria-pressed") !== "true"));
  button.form.addEventListener("reveal", () => show(true));
  button.form.addEventListener("reset", () => show(false));
  // Browsers offer to keep a password only when it leaves in a password field.
  button.form.addEventListener("submit", () => show(false));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.busy) {
    event.preventDefault();
    return;
  }
  form.dataset.busy = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(release, busyFor, form, event.submitter);
});

// A page that comes back from the history must be usable again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) release(form, form.querySelector("[aria-disabled]"));
});

function release(form, button) {
  delete form.dataset.busy;
  button?.removeAttribute("aria-disabled");
}

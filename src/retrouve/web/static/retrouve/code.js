// The code's page: says when another code can be asked for, and counts down to it without talking each second.

const hint = document.querySelector("[data-resend-in]");
const button = document.querySelector("[data-resend]");
const possibleAt = Date.now() + Number(hint?.dataset.resendIn ?? 0) * 1000;

if (hint && button && possibleAt > Date.now()) {
  const status = document.querySelector("[data-resend-status]");
  button.setAttribute("aria-disabled", "true");
  button.addEventListener("click", (event) => {
    if (secondsLeft() === 0) return;
    event.preventDefault();
    status.textContent = sentence();
  });
  const timer = setInterval(() => {
    if (secondsLeft() > 0) {
      hint.textContent = sentence();
      return;
    }
    clearInterval(timer);
    button.removeAttribute("aria-disabled");
    hint.textContent = "";
    status.textContent = hint.dataset.now;
  }, 1000);

  function secondsLeft() {
    return Math.max(0, Math.ceil((possibleAt - Date.now()) / 1000));
  }

  function sentence() {
    return hint.dataset.later.replace("{seconds}", secondsLeft());
  }
}

// Dialogs, and a form that cannot be sent twice.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog).showModal();
  if (event.target.closest("[data-print]")) print();
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog").close();
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "?" && !typing) document.querySelector("[data-dialog=help]")?.click();
});
document.addEventListener("submit", (event) => {
  if ("stays" in event.target.dataset) return;
  for (const button of event.target.querySelectorAll("button[type=submit]")) setTimeout(() => (button.disabled = true));
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[type=submit]:disabled")) button.disabled = false;
});
document.addEventListener("change", (event) => {
  const { most, tooLong } = event.target.dataset;
  if (most) event.target.setCustomValidity(event.target.files[0]?.size > most ? tooLong : "");
});

// Dialogs, a form that cannot be sent twice, and what is typed in the other forms of its page.

/** Whether a field holds what is not sent yet. */
function typed(field) {
  const options = [...(field.options ?? [])];
  // Without an option that is marked, a browser takes the first one.
  if (options.length) return !(options.find((option) => option.defaultSelected) ?? options[0]).selected;
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

{
  /** By the action of a form, until a page has it again: pairs of a field's name and what it holds. */
  const place = `typed ${document.body.dataset.who}`, kept = JSON.parse(sessionStorage.getItem(place) ?? "{}");

  function keep(sent) {
    for (const form of document.querySelectorAll("form[data-form]")) {
      const fields = [...form.elements].filter(({ name, type }) => name && !["hidden", "password", "file"].includes(type));
      const left = fields.filter((field) => typed(field) && (field.type !== "radio" || field.checked));
      const pairs = left.map(({ name, type, value, checked }) => [name, type === "checkbox" ? checked : value]);
      if (form !== sent && pairs.length) kept[form.getAttribute("action")] = pairs;
    }
    sessionStorage.setItem(place, JSON.stringify(kept));
  }

  for (const form of document.querySelectorAll("form[data-form]")) {
    const action = form.getAttribute("action");
    for (const [name, value] of kept[action] ?? []) {
      const field = form.elements.namedItem(name);
      if (!field) continue;
      field[typeof value === "boolean" ? "checked" : "value"] = value;
      (field.closest ? field : field[0]).closest("details")?.setAttribute("open", "");
    }
    delete kept[action];
  }
  sessionStorage.setItem(place, JSON.stringify(kept));

  document.addEventListener("submit", ({ target }) => {
    if (target.getAttribute("action") === "/sign-out") sessionStorage.clear();
    else if (!("stays" in target.dataset)) keep(target);
  });
}

// A board is the same for several people; its forms, too, say for whom their page was made.
document.addEventListener("submit", ({ target }) => {
  const { who } = document.body.dataset;
  if (!who || target.method !== "post" || target.elements.namedItem("who")) return;
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "who", value: who.split("-")[0] });
  target.append(field);
}, true);

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

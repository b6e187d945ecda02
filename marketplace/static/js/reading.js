// How one reads is changed without losing what one typed: light and print at once, the language
// by way of a new page into which it is filled again.

const KEY = "typed";

const fields = () =>
  [...document.querySelectorAll("main form")].flatMap((form) => {
    const seen = new Map();
    return [...form.elements].flatMap((field) => {
      if (!field.name || !field.matches("input, select, textarea")) return [];
      if (["hidden", "password", "file", "submit", "button"].includes(field.type)) return [];
      const nth = seen.get(field.name) || 0;
      seen.set(field.name, nth + 1);
      return [{ field, key: JSON.stringify([form.getAttribute("action"), field.name, nth]) }];
    });
  });

const isTick = (field) => field.type === "checkbox" || field.type === "radio";
const options = (field) => [...field.options].map((option) => option.selected);

const isTouched = (field) => {
  if (isTick(field)) return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  return [...field.options].some((option) => option.selected !== option.defaultSelected);
};

const keep = () => {
  // A page that refused what was sent shows it as if it had always stood there.
  const isRefused = document.querySelector("[data-focus]") !== null;
  const typed = fields()
    .filter(({ field }) => isRefused || isTouched(field))
    .map(({ field, key }) => [key, isTick(field) ? field.checked : field.options ? options(field) : field.value]);
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, typed }));
  } catch {
    // Where nothing may be stored, nothing is kept.
  }
};

const fillIn = () => {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
  } catch {
    return;
  }
  if (!kept || kept.path !== location.pathname) return;
  const typed = new Map(kept.typed);
  for (const { field, key } of fields()) {
    if (!typed.has(key)) continue;
    const value = typed.get(key);
    if (isTick(field)) field.checked = value;
    else if (field.options) value.forEach((selected, at) => field.options[at] && (field.options[at].selected = selected));
    else field.value = value;
    // Sums and folds follow what stands in a field.
    if (isTick(field) && !value) continue;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
};

const show = (button) => {
  const root = document.documentElement;
  if (button.name === "theme") {
    root.dataset.theme = button.value;
    const before = button.form.querySelector('[name="theme"][aria-pressed]');
    if (before === button) return;
    button.setAttribute("aria-pressed", "true");
    if (!before) return;
    before.removeAttribute("aria-pressed");
    button.append(" ", before.querySelector(".icon"));
  } else {
    const isLarge = button.value === "on";
    if (isLarge) root.dataset.print = "large";
    else delete root.dataset.print;
    button.value = isLarge ? "off" : "on";
    const words = button.dataset.other;
    button.dataset.other = button.title;
    button.title = words;
    button.querySelector(".header__words").textContent = words;
  }
};

const reading = () => {
  for (const form of document.querySelectorAll("form[data-reading]")) {
    form.addEventListener("submit", async (event) => {
      const button = event.submitter;
      if (!button || button.name === "locale" || form.dataset.plain) return keep();
      event.preventDefault();
      const chosen = new URLSearchParams(new FormData(form));
      chosen.set(button.name, button.value);
      try {
        // The page it leads back to is the one that is here.
        const answer = await fetch(form.action, { method: "POST", body: chosen, redirect: "manual", credentials: "same-origin" });
        if (answer.type === "opaqueredirect") return show(button);
      } catch {
        // Without a network it holds for this page.
        return show(button);
      }
      form.dataset.plain = "1";
      form.requestSubmit(button);
    });
  }
};

reading();
fillIn();

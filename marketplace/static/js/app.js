// Every page works without this file; it only spares waiting and typing.

const once = () => {
  // A second click on the same button sends nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sent) return event.preventDefault();
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
      return event.preventDefault();
    }
    form.dataset.sent = "1";
  });
  // Coming back by the back button, the form can be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
};

const news = (region) =>
  new Map([...region.querySelectorAll("[data-news]")].map((one) => [one.dataset.news, one.textContent]));

const swap = (region, html) => {
  const before = news(region);
  region.innerHTML = html;
  // What stands elsewhere on the page and follows from this: <template data-part="badges">.
  for (const part of region.querySelectorAll("template[data-part]")) {
    for (const place of document.querySelectorAll(`[data-part="${part.dataset.part}"]:not(template)`)) {
      if (!place.contains(document.activeElement)) place.innerHTML = part.innerHTML;
    }
  }
  // <p data-news="price"> that reads otherwise now is said aloud, and nothing else is.
  const place = document.querySelector("[data-announce]");
  const said = [...news(region)].filter(([key, text]) => before.has(key) && before.get(key) !== text);
  if (place && said.length) place.textContent = said.map(([, text]) => text).join(" ");
};

const live = () => {
  // <div data-live="/path" data-every="10"> is fetched anew and replaced when it has changed.
  for (const region of document.querySelectorAll("[data-live]")) {
    const every = Math.max(2, Number(region.dataset.every) || 10) * 1000;
    let etag = region.dataset.etag || "";
    const ask = async () => {
      if (document.hidden || region.contains(document.activeElement)) return;
      try {
        const headers = etag ? { "If-None-Match": etag } : {};
        const answer = await fetch(region.dataset.live, { headers, credentials: "same-origin" });
        if (answer.status !== 200) return;
        etag = answer.headers.get("ETag") || "";
        swap(region, await answer.text());
        if (region.querySelector("[data-done]")) window.location.reload();
      } catch {
        // Without a network the page simply stays as it is.
      }
    };
    window.setInterval(ask, every);
  }
};

const copying = () => {
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.copied;
    });
  }
};

const menus = () => {
  // One open menu at a time; Escape and a click elsewhere close it.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
};

const tabs = () => {
  // Where not all fit, the tab one is on is in view; the page itself stays where it is.
  for (const row of document.querySelectorAll(".tabs")) {
    const tab = row.querySelector("[aria-current]");
    if (tab) row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
};

const folds = () => {
  // <details data-needs="name=one other"> opens once the box `name` says one of these.
  for (const fold of document.querySelectorAll("details[data-needs]")) {
    const [name, values] = fold.dataset.needs.split("=");
    const form = fold.closest("form");
    const look = () => {
      const chosen = form.querySelector(`[name="${name}"]:checked`);
      if (chosen && values.split(" ").includes(chosen.value)) fold.open = true;
    };
    form.addEventListener("change", (event) => event.target.name === name && look());
    window.addEventListener("pageshow", look);
  }
};

const suggestions = () => {
  // <input list="places"> with <datalist id="places" data-places="/places"> fills it while one types.
  for (const list of document.querySelectorAll("datalist[data-places]")) {
    const input = document.querySelector(`input[list="${list.id}"]`);
    if (!input) continue;
    let asked = 0;
    input.addEventListener("input", async () => {
      const mine = ++asked;
      // Asks when the typing rests, not at every letter.
      await new Promise((rested) => window.setTimeout(rested, 250));
      if (mine !== asked || input.value.length < 2) return;
      const answer = await fetch(`${list.dataset.places}?q=${encodeURIComponent(input.value)}`);
      if (!answer.ok || mine !== asked) return;
      const places = await answer.json();
      list.replaceChildren(
        ...places.map((place) => Object.assign(document.createElement("option"), { value: place.label })),
      );
    });
  }
};

const bars = () => {
  // The bar at the foot of a phone leads to a part of the page; while that is seen it is in the way.
  for (const link of document.querySelectorAll('.act-bar__acts > a[href^="#"]:only-child')) {
    const part = document.querySelector(link.hash);
    if (!part) continue;
    const bar = link.closest(".act-bar");
    new IntersectionObserver(([seen]) => bar.classList.toggle("act-bar--aside", seen.isIntersecting)).observe(part);
  }
};

for (const focused of document.querySelectorAll("[data-focus]")) focused.focus();
once();
live();
copying();
menus();
tabs();
folds();
suggestions();
bars();

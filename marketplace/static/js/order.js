// Ordering from many articles: instant search, and the worst case while one types.
//
// <form data-order data-currency="EUR" data-locale="de" data-fixed="0" data-other="0"> around rows
// <tr data-article data-words="…" data-price="4000" data-deposit="0"> with inputs named units-ID,
// tolerance-ID and highest-ID (data-tolerance where it is not asked); [data-total] shows the worst case, [data-find] searches. Amounts
// are whole minor units, and the server reckons again. A row of goods by weight has
// data-grams and data-overweight (basis points).

const minor = (text) => {
  const plain = text.trim().replace(",", ".");
  if (!/^\d+(\.\d{1,2})?$/.test(plain)) return null;
  const [whole, part = ""] = plain.split(".");
  return Number(whole) * 100 + Number(part.padEnd(2, "0"));
};

const count = (input) => (input && /^\d+$/.test(input.value) ? Number(input.value) : 0);

// What is sold by weight is charged for its heaviest weight at most.
const goods = ({ grams, overweight }, units, price) => {
  if (!grams) return units * price;
  const heaviest = Math.floor((units * grams * (10000 + Number(overweight))) / 10000);
  return Math.floor((2 * heaviest * price + Number(grams)) / (2 * grams));
};

const worstCase = (form) => {
  let total = 0;
  for (const row of form.querySelectorAll("[data-article]")) {
    const units = count(row.querySelector("[name^='units-']"));
    if (!units) continue;
    const more = row.querySelector("[name^='tolerance-']");
    const tolerance = more ? count(more) : Number(row.dataset.tolerance || 0);
    const dearest = Number(row.dataset.price);
    const typed = row.querySelector("[name^='highest-']");
    const highest = typed && typed.value ? minor(typed.value) : null;
    const price = highest === null ? dearest : Math.min(highest, dearest);
    const wanted = units + tolerance;
    total += goods(row.dataset, wanted, price) + wanted * Number(row.dataset.deposit || 0);
  }
  total += Number(form.dataset.other || 0);
  return total ? total + Number(form.dataset.fixed || 0) : 0;
};

const search = (form) => {
  const find = form.querySelector("[data-find]");
  if (!find) return;
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of form.querySelectorAll("[data-article]")) {
      const text = row.dataset.words.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
};

const orders = () => {
  for (const form of document.querySelectorAll("form[data-order]")) {
    const money = new Intl.NumberFormat(form.dataset.locale, {
      style: "currency",
      currency: form.dataset.currency,
    });
    const show = () => {
      for (const place of form.querySelectorAll("[data-total]")) {
        place.textContent = money.format(worstCase(form) / 100);
      }
    };
    form.addEventListener("input", show);
    search(form);
    show();
  }
};

orders();

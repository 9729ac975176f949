// While a title is typed, lists the records and drafts whose titles nearly
// equal it. Without this script a button asks the same.
(() => {
  "use strict";
  const form = document.querySelector("form[data-alike]");
  if (!form) return;
  const place = form.querySelector(".alike-live");
  const titles = ["title_zh", "title_en"].map((name) => form.elements[name]).filter(Boolean);
  let timer = 0;
  let asked = "";
  const ask = async () => {
    const query = new URLSearchParams(titles.map((t) => [t.name, t.value.trim()]));
    for (const name of ["draft"]) if (form.elements[name]) query.set(name, form.elements[name].value);
    if (query.toString() === asked || titles.every((t) => t.value.trim().length < 4)) return;
    asked = query.toString();
    try {
      const answer = await fetch(form.dataset.alike + "&" + asked, { headers: { Accept: "text/html" } });
      if (answer.ok && asked === query.toString()) place.innerHTML = await answer.text();
    } catch {
      // The button still asks.
    }
  };
  for (const t of titles) {
    t.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 400);
    });
  }
})();

// The ledger's filter: two lists made from the table itself, so that without this script the whole table stands.
document.addEventListener("DOMContentLoaded", () => {
  const ledger = document.querySelector(".la-ledger");
  if (!ledger) return;
  const rows = [...ledger.querySelectorAll("tr[data-verdict]")];
  const unique = (values) => [...new Set(values)];
  const theme = (row) => row.closest("tbody").dataset.theme;
  const verdict = (row) => row.dataset.verdict;
  const bar = document.createElement("div");
  bar.className = "la-filter";
  const list = (words, values) => {
    const label = document.createElement("label");
    label.textContent = words;
    const select = document.createElement("select");
    select.append(new Option("All / Alle", ""), ...values.map((value) => new Option(value, value)));
    label.append(select);
    bar.append(label);
    select.addEventListener("change", show);
    return select;
  };
  const count = document.createElement("output");
  const themes = list("Theme / Tema", unique(rows.map(theme)));
  const verdicts = list("Verdict / Vurdering", unique(rows.map(verdict)).sort());
  bar.append(count);
  ledger.prepend(bar);

  function show() {
    rows.forEach((row) => {
      const other = (themes.value && theme(row) !== themes.value) || (verdicts.value && verdict(row) !== verdicts.value);
      row.hidden = row.nextElementSibling.hidden = Boolean(other);
    });
    ledger.querySelectorAll("tbody[data-theme]").forEach((body) => {
      body.hidden = ![...body.querySelectorAll("tr[data-verdict]")].some((row) => !row.hidden);
    });
    const left = rows.filter((row) => !row.hidden).length;
    count.textContent = `${left} of ${rows.length} claims`;
  }

  function open() {
    const row = rows.find((each) => `#${each.id}` === location.hash);
    if (!row) return;
    themes.value = verdicts.value = "";
    show();
    row.nextElementSibling.querySelector("details").open = true;
    row.scrollIntoView();
  }
  show();
  open();
  addEventListener("hashchange", open);
});

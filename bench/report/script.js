"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = table.tHead.rows[0].cells, body = table.tBodies[0];
  const value = (row, i) => {
    const cell = row.cells[i];
    return !cell ? "" : cell.dataset.v !== undefined ? +cell.dataset.v : cell.classList.contains("num") ? NaN : cell.textContent;
  };
  const order = (a, b) => {
    if (typeof a === "number" && typeof b === "number")
      return isNaN(a) - isNaN(b) || a - b;
    return typeof a === typeof b ? a.localeCompare(b) : typeof a === "number" ? -1 : 1;
  };
  [...heads].forEach((head, i) => {
    if (!head.textContent)
      return;
    const button = document.createElement("button");
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.onclick = () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads)
        other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => order(value(a, i), value(b, i)));
      body.append(...(down ? rows.reverse() : rows));
    };
  });
}

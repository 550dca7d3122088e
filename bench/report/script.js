"use strict";
// Tables are sorted by the column whose head is pressed; rows without a number stay last.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  const sort = (head, column, down) => {
    const sign = down ? -1 : 1;
    const number = row => parseFloat(row.cells[column]?.dataset.v);
    const words = row => row.cells[column]?.textContent ?? "";
    const numbers = (a, b) => isNaN(number(a)) - isNaN(number(b)) || sign * (number(a) - number(b));
    const texts = (a, b) => sign * words(a).localeCompare(words(b), undefined, {numeric: true});
    body.append(...[...body.rows].sort(head.classList.contains("num") ? numbers : texts));
  };
  heads.forEach((head, column) => {
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
      sort(head, column, down);
    };
  });
}

// Draws the rows of diff.py: two values side by side.
export default function (component) {
  const { data, parentElement } = component;
  parentElement.querySelector(".diff")?.remove(); // the style sheet beside it stays
  const frame = html(parentElement, "div", "diff");
  const table = html(frame, "table", "lines");
  // Of a table whose columns are fixed the first row says how wide they are, and that of the heads has two.
  for (const kind of ["numbers", "texts", "numbers", "texts"]) html(table, "col", kind);
  const heads = html(html(table, "thead", ""), "tr", "");
  for (const title of data.titles) {
    const cell = html(heads, "th", "", title);
    cell.colSpan = 2;
    cell.scope = "col";
  }
  const body = html(table, "tbody", "");
  for (const row of data.rows) line(body, row);
  return () => frame.remove();
}

function line(body, { kind, left, right, hidden }) {
  const row = html(body, "tr", kind);
  if (kind === "gap") {
    const cell = html(row, "td", "hidden", `${hidden.toLocaleString("en")} lines are the same`);
    cell.colSpan = 4;
    return;
  }
  side(row, left, kind === "changed" ? "removed" : "", "−");
  side(row, right, kind === "changed" ? "added" : "", "+");
}

// One half of a row; a sign says it to those who see no colours.
function side(row, told, change, sign) {
  const number = html(row, "td", told ? `number ${change}` : "number none", told ? String(told.number) : "");
  number.setAttribute("aria-hidden", "true");
  const cell = html(row, "td", told ? `text ${change}` : "text none");
  if (!told) return;
  html(cell, "span", "sign", change ? sign : " ");
  const isPart = change && told.pieces.length > 1; // a line that is alone needs no mark in it
  for (const [text, isChanged] of told.pieces) html(cell, isChanged && isPart ? "mark" : "span", "", text);
}

// Draws the rows of table.py. A plain press on a row's link is told to Python; any other is the browser's own.
const views = new WeakMap();
// Characters of what may be cut: hovering says it whole.
const LONG = 24;
// Characters of a figure with its unit, which stays on one line.
const SHORT = 8;

// Of the first column, in per cent: what the deepest row is indented by at most, that there is room for its name.
const DEEPEST = 40;

// Returns how much each level is indented at most, in hundredths of the list.
function indent({ widths, rows }) {
  const deepest = Math.max(1, ...rows.map((row) => row.depth ?? 0));
  return `${((DEEPEST * widths[0]) / widths.reduce((sum, width) => sum + width) / deepest).toFixed(3)}cqi`;
}

export default function (component) {
  const { data, parentElement, setTriggerValue, setStateValue } = component;
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = new List(parentElement)));
  view.show(data, (at) => setTriggerValue("picked", at), (ids) => setStateValue("ticked", { ids, at: Date.now() }));
  return () => { view.list.remove(); views.delete(parentElement); };
}

class List {
  constructor(root) {
    this.list = html(root, "div", "list");
    this.list.setAttribute("role", "table");
    this.list.addEventListener("click", (event) => this.press(event));
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("change", (event) => this.ticked(event.target));
    this.boxes = new Map();
  }

  show({ ticks, ...data }, notify, tell) {
    this.notify = notify;
    this.tell = tell;
    this.draw(data);
    // What is pressed is drawn at once, and an answer that was on its way knows nothing of it.
    if (ticks && ticks.turn !== this.turn) this.marked = new Set(ticks.ids);
    this.turn = ticks?.turn;
    for (const [id, box] of this.boxes) box.checked = this.marked.has(id);
  }

  draw(data) {
    const text = JSON.stringify(data);
    if (text === this.drawn) return;
    this.drawn = text;
    const focused = this.links?.indexOf(this.list.getRootNode().activeElement) ?? -1;
    this.list.replaceChildren();
    this.boxes.clear();
    this.list.setAttribute("aria-label", data.label);
    const bars = data.rows.some((row) => row.cells.some((parts) => parts.some((part) => part.bar)));
    this.list.classList.toggle("ticks", data.rows.some((row) => row.tick));
    this.list.classList.toggle("bars", bars);  // a line each, that they can be compared
    this.list.classList.toggle("wraps", Boolean(data.wraps));
    this.columns = data.widths.length;
    this.list.style.setProperty("--columns", data.widths.map((width) => `minmax(0, ${width}fr)`).join(" "));
    this.list.style.setProperty("--indent", indent(data));
    if (data.titles.length) this.titles(data.titles);
    this.links = data.rows.map((row, at) => this.row(row));
    this.links[focused]?.focus();
  }

  titles(titles) {
    const row = html(this.list, "div", "row titles");
    row.setAttribute("role", "row");
    for (const title of titles) {
      const cell = html(row, "div", "cell");
      cell.setAttribute("role", "columnheader");
      this.part(cell, title, 0);
    }
  }

  row(given) {
    const looks = ["row", given.chosen && "chosen", given.depth && "below", given.heads && "heads"];
    const row = html(this.list, "div", looks.filter(Boolean).join(" "));
    row.style.setProperty("--depth", given.depth ?? 0);
    row.setAttribute("role", "row");
    if (given.tick) this.box(row, given.tick);
    const cells = given.cells.map((parts, column) => {
      const cell = html(row, "div", "cell");
      cell.setAttribute("role", "cell");
      const inner = column || !given.href ? cell : this.link(cell, "link", given);
      parts.forEach((part, index) => this.part(inner, part, index));
      if (inner === cell && parts.length === 1 && parts[0].text?.length <= SHORT) cell.classList.add("short");
      if (parts.some((part) => part.breaks)) cell.classList.add("lines");
      return inner;
    });
    const last = row.lastElementChild;
    if (cells.length < this.columns) last.style.gridColumn = `${cells.length + Number(Boolean(given.tick))} / -1`;
    if (given.chosen) cells[0].setAttribute("aria-current", "true");
    return cells[0];
  }

  box(row, { id, label, fixed }) {
    const box = html(html(row, "label", "tick"), "input", "");
    box.type = "checkbox";
    box.dataset.id = id;
    box.disabled = Boolean(fixed);
    box.setAttribute("aria-label", label);
    box.parentElement.setAttribute("role", "cell");
    this.boxes.set(id, box);
  }

  ticked({ dataset, checked }) {
    this.marked[checked ? "add" : "delete"](dataset.id);
    this.tell([...this.marked]);
  }

  link(parent, look, { href, at }) {
    const link = html(parent, "a", look);
    link.href = href;
    link.dataset.at = at;
    return link;
  }

  part(cell, given, index) {
    const { text, look = "", icon, tip, breaks, bar } = given;
    if (bar) return this.bar(cell, bar, tip);
    if (breaks) html(cell, "br");
    else if (index) cell.append(" ");
    const looks = `part ${look.startsWith("badge-") ? `badge ${look}` : look}`;
    const part = given.button ? this.button(cell, given)
      : given.href ? this.link(cell, `${looks} leads`, given) : html(cell, "span", looks);
    if (icon) html(part, "span", "icon", icon).setAttribute("aria-hidden", "true");
    html(part, "bdi", "", text);
    part.title = tip ?? (text.length > LONG ? text : "");
  }

  button(cell, { at }) {
    const button = html(cell, "button", "part presses");
    button.type = "button";
    button.dataset.at = at;
    return button;
  }

  bar(cell, { left, width, failed, pale }, tip) {
    const track = html(cell, "div", "track");
    track.title = tip ?? "";
    const bar = html(track, "div", `bar${failed ? " failed" : ""}${pale ? " pale" : ""}`);
    bar.style.marginLeft = `${left}%`;
    bar.style.width = `${width}%`;
  }

  press(event) {
    const link = event.target.closest("a, .presses");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.notify(Number(link.dataset.at));
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const here = this.links.indexOf(event.target.closest("a.link"));
    if (!step || here < 0) return;
    event.preventDefault();
    this.links[here + step]?.focus();
  }
}

// Draws the rows of tree.py. A pick is told to the other pictures of the page at once, and to Python after a breath.
const views = new WeakMap();
// Of the tree's width, in per cent: what the deepest row is indented by at most, that there is room for its name.
const DEEPEST = 35;
// Levels that leave room for what kind a node is of, however narrow the tree.
const FLAT = 5;

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = new Tree(parentElement)));
  view.show(data, (id) => setTriggerValue("picked", id));
  return () => { view.close(); views.delete(parentElement); };
}

class Tree {
  constructor(root) {
    this.list = html(root, "div", "tree");
    this.list.setAttribute("role", "tree");
    this.list.setAttribute("aria-label", "Causes and effects");
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.elsewhere = (event) => { if (event.detail.from !== this) this.select(event.detail.id); };
    window.addEventListener("causeline-pick", this.elsewhere);
  }

  close() {
    window.removeEventListener("causeline-pick", this.elsewhere);
    clearTimeout(this.timer);
    this.list.remove();
  }

  show(data, notify) {
    this.notify = notify;
    const text = JSON.stringify(data.rows);
    const moved = this.given !== data.selected;
    this.given = data.selected;
    if (moved) this.selected = data.selected;
    if (text !== this.drawn) {
      const focused = this.list.contains(this.list.getRootNode().activeElement);
      this.list.replaceChildren();
      const deepest = Math.max(1, ...data.rows.map((row) => row.depth));
      this.list.style.setProperty("--indent", `${(DEEPEST / deepest).toFixed(3)}cqi`);
      this.rows = data.rows.map((row) => this.row(row, data.focus));
      this.drawn = text;
      if (focused) this.rows.find((row) => row.dataset.id === this.selected)?.focus();
    }
    this.select(this.selected);
  }

  row(row, focus) {
    const node = html(this.list, "div", `row${row.again ? " again" : ""}${row.id === focus ? " focus" : ""}`);
    node.classList.toggle("deep", row.depth > FLAT);
    node.title = `${row.kind} ${row.name}`;
    node.dataset.id = row.id;
    node.setAttribute("role", "treeitem");
    node.setAttribute("aria-level", row.depth + 1);
    if (row.depth > 1) html(node, "span", "blank").style.setProperty("--levels", row.depth - 1);
    if (row.depth) html(node, "span", `limb ${row.commanded ? "solid" : "dashed"}`);
    const dot = html(node, "span", "dot");
    dot.style.setProperty("--tone", `var(${row.tone})`);
    html(node, "span", "kind", row.kind);
    html(node, "span", "name", row.name);
    if (row.agent) html(node, "span", "agent", row.agent);
    const status = html(node, "span", "status", row.status);
    status.style.setProperty("--tone", `var(${row.tone})`);
    html(node, "span", "facts", row.facts);
    node.addEventListener("click", () => this.pick(row.id));
    return node;
  }

  select(id) {
    this.selected = id;
    let open = this.rows.find((row) => row.dataset.id === id && !row.classList.contains("again"));
    for (const row of this.rows) {
      row.setAttribute("aria-selected", row.dataset.id === id);
      row.tabIndex = row === (open ?? this.rows[0]) ? 0 : -1;
    }
  }

  pick(id) {
    this.select(id);
    window.dispatchEvent(new CustomEvent("causeline-pick", { detail: { id, from: this } }));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.notify(id), 120);
  }

  key(event) {
    const here = this.rows.indexOf(event.target.closest(".row"));
    const level = (row) => Number(row?.getAttribute("aria-level"));
    const moves = {
      ArrowDown: () => here + 1,
      ArrowUp: () => here - 1,
      ArrowRight: () => (level(this.rows[here + 1]) > level(this.rows[here]) ? here + 1 : here),
      ArrowLeft: () => this.rows.findLastIndex((row, at) => at < here && level(row) < level(this.rows[here])),
      Home: () => 0,
      End: () => this.rows.length - 1,
      Enter: () => here,
      " ": () => here,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    const row = this.rows[moves[event.key]()];
    if (!row) return;
    this.pick(row.dataset.id);
    row.tabIndex = 0;
    row.focus();
  }
}

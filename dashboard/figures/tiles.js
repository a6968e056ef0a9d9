// Draws the figures of tiles.py beside each other. A plain press on a link is told to Python, as in a list; one to a
// place on the same page is the browser's own.
const walls = new WeakMap();
// What a bar is high at least, in per cent, for something is there.
const LEAST = 5;

export default function ({ data, parentElement, setTriggerValue }) {
  let wall = walls.get(parentElement);
  if (!wall) walls.set(parentElement, (wall = new Wall(parentElement)));
  wall.show(data, (at) => setTriggerValue("picked", at));
  return () => { wall.frame.remove(); walls.delete(parentElement); };
}

class Wall {
  constructor(root) {
    this.frame = html(root, "div", "tiles");
    this.frame.setAttribute("role", "list");
    this.frame.addEventListener("click", (event) => this.press(event));
  }

  show(data, notify) {
    this.notify = notify;
    const text = JSON.stringify(data);
    if (text === this.drawn) return;
    this.drawn = text;
    const focused = this.links?.indexOf(this.frame.getRootNode().activeElement) ?? -1;
    this.frame.style.setProperty("--width", `${data.width}px`);
    this.frame.style.setProperty("--columns", data.columns);
    this.frame.replaceChildren();
    for (const tile of data.tiles) this.tile(tile);
    this.links = [...this.frame.querySelectorAll("a")];
    this.links[focused]?.focus();
  }

  tile({ name, value, change, course, says, link }) {
    const tile = html(this.frame, "div", "tile");
    tile.setAttribute("role", "listitem");
    html(tile, "div", "name", name);
    html(tile, "div", "value", value).title = value;
    if (change) this.change(tile, change);
    if (course) this.course(tile, course);
    if (says) html(tile, "div", "says foot", says);
    if (link) this.link(html(tile, "div", "foot"), link);
  }

  change(tile, { text, arrow, colour, before }) {
    const line = html(tile, "div", "change");
    html(line, "span", `by ${colour}`, `${{ up: "\u2191 ", down: "\u2193 " }[arrow] ?? ""}${text}`);
    if (before) html(line, "span", "", before);
  }

  course(tile, { label, trouble, values, tips }) {
    const course = html(tile, "div", `course${trouble ? " trouble" : ""}`), most = Math.max(...values);
    course.setAttribute("role", "img");
    course.setAttribute("aria-label", label);
    values.forEach((value, at) => {
      const bar = html(course, "div", value > 0 ? "" : "nothing");
      bar.title = tips[at];
      if (value > 0) bar.style.height = `${Math.max((value / most) * 100, LEAST)}%`;
    });
  }

  link(foot, { label, href, icon, at }) {
    const link = html(foot, "a", "");
    link.href = href;
    if (at !== undefined) link.dataset.at = at;
    if (icon) html(link, "span", "icon", icon).setAttribute("aria-hidden", "true");
    html(link, "bdi", "", label);
  }

  press(event) {
    const link = event.target.closest("a[data-at]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.notify(Number(link.dataset.at));
  }
}

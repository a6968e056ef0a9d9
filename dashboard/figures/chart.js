// Draws the chart of chart.py: bars, lines and intervals, at the size that there is. Pointing at it, or the arrow keys,
// say the values that are there.
const charts = new WeakMap();
const [TOP, RIGHT, BELOW, TITLE] = [10, 12, 20, 17];
// Pixels of a character of a mark, about, and between two marks at least.
const [LETTER, APART] = [6.8, 10];
// Points closer together than that, in pixels, are a line alone.
const CROWDED = 6;
const SHAPES = {
  circle: (x, y, r) => `M${x - r},${y} a${r},${r} 0 1 0 ${2 * r},0 a${r},${r} 0 1 0 ${-2 * r},0`,
  square: (x, y, r) => `M${x - r * .9},${y - r * .9} h${r * 1.8} v${r * 1.8} h${-r * 1.8} Z`,
  diamond: (x, y, r) => `M${x},${y - r * 1.3} L${x + r * 1.3},${y} L${x},${y + r * 1.3} L${x - r * 1.3},${y} Z`,
  triangle: (x, y, r) => `M${x},${y - r * 1.2} L${x + r * 1.2},${y + r} L${x - r * 1.2},${y + r} Z`,
};

export default function ({ data, parentElement }) {
  let chart = charts.get(parentElement);
  if (!chart) charts.set(parentElement, (chart = new Chart(parentElement)));
  chart.show(data);
  return () => { chart.end(); charts.delete(parentElement); };
}

class Chart {
  constructor(root) {
    this.frame = html(root, "div", "chart");
    this.legend = html(this.frame, "div", "legend");
    this.plot = html(this.frame, "div", "plot");
    this.svg = el(this.plot, "svg", { role: "img", tabindex: 0 });
    this.tip = html(this.plot, "div", "tip");
    this.tip.setAttribute("role", "status");
    this.svg.addEventListener("pointermove", (event) => this.point(event));
    this.svg.addEventListener("pointerleave", () => this.say());
    this.svg.addEventListener("blur", () => this.say());
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.plot);
  }

  end() {
    this.sizes.disconnect();
    this.frame.remove();
  }

  show(data) {
    const text = JSON.stringify(data);
    if (text === this.drawn) return;
    Object.assign(this, { drawn: text, data, drawnAt: "" });
    this.frame.style.height = `${data.height}px`;
    this.svg.setAttribute("aria-label", data.label);
    this.legend.replaceChildren();
    for (const each of data.series) if (each.name) this.entry(html(this.legend, "span", "entry"), each, each.name);
    this.draw();
  }

  entry(parent, series, words) {
    const swatch = el(parent, "svg", { class: "swatch", width: 18, height: 10, "aria-hidden": "true" });
    if (series.bars.length) el(swatch, "rect", { x: 4, width: 10, height: 10, rx: 2 }).style.fill = series.ink;
    else this.line(swatch, "M0,5 H18", series), this.mark(swatch, series, 9, 5, 3.2);
    html(parent, "bdi", "", words).title = words;
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.plot, { data } = this;
    if (!data || !width || height < 60 || this.drawnAt === `${width} ${height}`) return;
    this.drawnAt = `${width} ${height}`;
    this.svg.replaceChildren();
    this.say();
    size(this.svg, width, height);
    const left = 13 + LETTER * Math.max(2, ...data.up.marks.map(([, text]) => text.length));
    const foot = height - BELOW - (data.across.title ? TITLE : 0);
    this.x = (share) => +(left + share * (width - left - RIGHT)).toFixed(1);
    this.y = (share) => +(foot - share * (foot - TOP)).toFixed(1);
    this.axes(foot, width);
    for (const series of data.series) this.series(series);
    if (!data.tips.length) {
      const middle = { x: (left + width) / 2, y: (TOP + foot) / 2, class: "none", "text-anchor": "middle" };
      el(this.svg, "text", middle, "Nothing in this time");
    }
    this.here = el(this.svg, "rect", { class: "here", y: TOP, height: foot - TOP, width: 0 });
  }

  axes(foot, width) {
    const { across, up } = this.data, [begin, end] = [this.x(0), this.x(1)];
    for (const [share, text] of up.marks) {
      const y = this.y(share);
      el(this.svg, "line", { x1: begin, x2: end, y1: y, y2: y, class: share ? "grid" : "base" });
      el(this.svg, "text", { x: begin - 7, y: y + 4, class: "mark", "text-anchor": "end" }, text);
    }
    let free = 0;
    for (const [share, text] of across.marks) {
      const half = (text.length * LETTER) / 2, x = Math.min(Math.max(this.x(share), half), width - half);
      if (x - half < free) continue;
      free = x + half + APART;
      el(this.svg, "line", { x1: this.x(share), x2: this.x(share), y1: foot, y2: foot + 4, class: "base" });
      el(this.svg, "text", { x, y: foot + 17, class: "mark", "text-anchor": "middle" }, text);
    }
    const base = { x1: begin, x2: end, y1: foot, y2: foot, class: "grid" };
    if (!up.marks.some(([share]) => !share)) el(this.svg, "line", base);
    const title = { x: (begin + end) / 2, y: foot + BELOW + 13, class: "title", "text-anchor": "middle" };
    if (across.title) el(this.svg, "text", title, across.title);
  }

  series(series) {
    for (const [from, to, low, high] of series.bars) {
      const x = this.x(from), bottom = this.y(low), height = Math.max(bottom - this.y(high), 1.5);
      const bar = { x: x + .5, y: bottom - height, width: Math.max(this.x(to) - x - 1, 1), height, rx: 1 };
      el(this.svg, "rect", bar).style.fill = series.ink;
    }
    for (const [at, low, high] of series.spreads) {
      const d = `M${this.x(at)},${this.y(low)} V${this.y(high)}`;
      el(this.svg, "path", { d, class: "spread" }).style.stroke = series.ink;
    }
    const points = series.pieces.flat(), room = (this.x(1) - this.x(0)) / Math.max(points.length, 1);
    for (const piece of series.pieces) {
      this.line(this.svg, "M" + piece.map(([x, y]) => `${this.x(x)},${this.y(y)}`).join(" L"), series);
      if (room < CROWDED && piece.length > 1) continue;
      for (const [x, y] of piece) this.mark(this.svg, series, this.x(x), this.y(y), 3.2);
    }
  }

  line(parent, d, series) {
    const line = el(parent, "path", { d, class: "line", ...(series.dashed ? { "stroke-dasharray": "5 4" } : {}) });
    line.style.stroke = series.ink;
  }

  mark(parent, series, x, y, r) {
    el(parent, "path", { d: SHAPES[series.shape](x, y, r), class: "point" }).style.fill = series.ink;
  }

  point(event) {
    const x = event.clientX - this.svg.getBoundingClientRect().left, { tips } = this.data;
    const away = (tip) => Math.abs(this.x(tip.at) - x);
    this.say(tips.reduce((best, tip, at) => (best < 0 || away(tip) < away(tips[best]) ? at : best), -1));
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], last = this.data.tips.length - 1;
    if (event.key === "Escape") this.say();
    if (!step || last < 0) return;
    event.preventDefault();
    this.say(this.at < 0 ? (step > 0 ? 0 : last) : Math.min(Math.max(this.at + step, 0), last));
  }

  // Says what is at a tip, by its place; at none where there is none.
  say(at = -1) {
    if (at === this.at && at >= 0) return;
    this.at = at;
    this.tip.replaceChildren();
    const tip = this.data?.tips[at], wide = tip ? Math.max(tip.width * (this.x(1) - this.x(0)), 1) : 0;
    this.here?.setAttribute("width", wide);
    if (!tip) return;
    const x = this.x(tip.at), right = x > this.plot.clientWidth / 2;
    this.here.setAttribute("x", x - wide / 2);
    html(this.tip, "div", "head", tip.head);
    for (const [place, words] of tip.says) this.entry(html(this.tip, "div", "said"), this.data.series[place], words);
    this.tip.style.left = right ? "" : `${x + wide / 2 + 8}px`;
    this.tip.style.right = right ? `${this.plot.clientWidth - x + wide / 2 + 8}px` : "";
  }
}

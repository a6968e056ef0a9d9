// Draws a scene of spacetime.py. Colours come from the theme's variables, and what the reader did (zoom, scroll, the
// selection) outlives Streamlit's reruns.
const NAMES = 132, AXIS = 38, ROW = 18, MARGIN = 12, TAIL = 104;
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5,
  72e5, 216e5, 864e5]; // milliseconds from tick to tick
const CALM = new Set(["--st-green-color", "--st-gray-color"]);
const views = new WeakMap();

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = new View(parentElement)));
  view.show(data, (id) => setTriggerValue("picked", id));
  return () => { view.close(); views.delete(parentElement); };
}

class View {
  constructor(root) {
    this.zoom = 1;
    this.frame = root.querySelector(".frame");
    [this.scroll, this.tip, this.axis, this.names, this.plot] = [
      ".scroll", ".tip", ".axis svg", ".names svg", ".plot svg",
    ].map((each) => this.frame.querySelector(each));
    this.pen = root.ownerDocument.createElement("canvas").getContext("2d");
    const acts = {
      in: () => this.rescale(this.zoom * 1.6),
      out: () => this.rescale(this.zoom / 1.6),
      fit: () => this.rescale(1),
      svg: () => this.save("svg"), png: () => this.save("png"),
    };
    for (const tool of this.frame.querySelectorAll(".tool")) tool.onclick = acts[tool.dataset.act];
    this.plot.onkeydown = (event) => this.key(event);
    this.scroll.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.elsewhere = ({ detail: { from, id } }) => { if (from !== this && this.at?.has(id)) this.select(id); };
    window.addEventListener("causeline-pick", this.elsewhere);
    this.sized = new ResizeObserver(() => { if (this.data && this.scroll.clientWidth !== this.drawnFor) this.draw(); });
    this.sized.observe(this.frame);
  }

  close() {
    this.sized.disconnect();
    window.removeEventListener("causeline-pick", this.elsewhere);
    clearTimeout(this.timer);
  }

  show(data, notify) {
    const fresh = !this.data || this.data.selected !== data.selected;
    const same = this.data && JSON.stringify(this.data.scene) === JSON.stringify(data.scene);
    this.notify = notify;
    this.data = data;
    if (fresh) this.selected = data.selected;
    if (same) this.paint(); else this.draw();
  }

  draw() {
    const { scene } = this.data;
    // Before anything is drawn: to ask for a style, or a size, between two elements has the browser work out all anew.
    this.drawnFor = this.scroll.clientWidth;
    this.pen.font = `12px ${getComputedStyle(this.frame).fontFamily}`;
    this.k = Math.max(1, (this.drawnFor - NAMES - MARGIN - TAIL) / scene.width) * this.zoom;
    this.width = scene.width * this.k + MARGIN + TAIL;
    const hadFocus = this.plot.contains(this.frame.getRootNode().activeElement);
    for (const item of this.frame.querySelectorAll(".item")) item.hidden = !scene.legend.includes(item.dataset.of);
    for (const svg of [this.axis, this.names, this.plot]) svg.replaceChildren();
    size(this.axis, this.width, AXIS), size(this.names, NAMES, scene.height);
    size(this.plot, this.width, scene.height);
    scene.lanes.forEach((lane, at) => this.lane(lane, at));
    scene.breaks.forEach((gap) => this.gap(gap));
    this.ticks(scene);
    const middle = el(this.plot, "g");
    this.at = new Map(scene.marks.map((mark) => [mark.id, mark]));
    this.arrows = scene.arrows.map((arrow) => {
      const d = this.path(this.at.get(arrow.cause), this.at.get(arrow.effect));
      return { ...arrow, node: el(middle, "path", { class: `arrow ${arrow.line}`, d }) };
    });
    this.ends = { cause: by(scene.arrows, "effect", "cause"), effect: by(scene.arrows, "cause", "effect") };
    this.groups = new Map();
    for (const row of by(scene.marks, "y").values()) row.forEach((mark, at) => this.mark(mark, row[at + 1]));
    this.paint();
    if (hadFocus) this.groups.get(this.selected)?.focus();
  }

  x(place) { return MARGIN + place * this.k; }

  lane(lane, at) {
    for (const [svg, width] of [[this.names, NAMES], [this.plot, this.width]])
      el(svg, "rect", { x: 0, y: lane.y, width, height: lane.height, class: at % 2 ? "lane odd" : "lane" });
    const label = el(this.names, "text", { x: 12, class: "name" }, this.fit(lane.name, NAMES - 20));
    el(label, "title", {}, lane.name);
    keepInView(label, lane, this.scroll, AXIS);
  }

  gap(gap) {
    const x0 = this.x(gap.x0) + 4, x1 = this.x(gap.x1) - 4, height = this.data.scene.height;
    el(this.plot, "rect", { x: x0, y: 0, width: x1 - x0, height, class: "gap" });
    for (const x of [x0, x1]) el(this.plot, "line", { x1: x, x2: x, y1: 0, y2: height, class: "tear" });
    el(this.axis, "text", { x: (x0 + x1) / 2, y: AXIS - 7, class: "idle" }, gap.label);
  }

  ticks(scene) {
    let taken = -Infinity, day = "";
    const word = (x, text, className, y) => {
      if (x < taken) return;
      el(this.axis, "text", { x, y, class: className }, text);
      taken = x + this.measure(text) + 12;
    };
    const clocks = this.clocks(scene);
    scene.segments.forEach((segment, at) => {
      const x0 = this.x(segment.x0), wide = (segment.x1 - segment.x0) * this.k;
      const moment = new Date(scene.origin + segment.t0);
      const today = moment.toLocaleDateString(undefined, { day: "numeric", month: "short" });
      word(x0, (today === day ? "" : `${today}, `) + clocks[at], "clock", 14);
      day = today;
      const long = segment.t1 - segment.t0, step = STEPS.find((each) => each >= long / (wide / 80)) ?? STEPS.at(-1);
      for (let t = step, last = x0; t < long; t += step) {
        const x = x0 + wide * (t / long);
        el(this.plot, "line", { x1: x, x2: x, y1: 0, y2: scene.height, class: "grid" });
        const text = `+${span(t)}`;
        const half = this.measure(text) / 2, fits = x - last > 24 && x + half < x0 + wide + 6;
        if (fits) el(this.axis, "text", { x, y: AXIS - 7, class: "tick" }, text);
        last = x + half;
      }
    });
  }

  // Where neighbours would read the same all are told to the millisecond: one kind of time in one axis.
  clocks(scene) {
    const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
    const moments = scene.segments.map((each) => new Date(scene.origin + each.t0));
    const say = (more) => moments.map((each) => each.toLocaleTimeString(undefined, { ...clock, ...more }));
    const coarse = say({}), fine = say({ fractionalSecondDigits: 3 });
    return coarse.some((text, at) => text === coarse[at - 1]) ? fine : coarse;
  }

  measure(text) { return this.pen.measureText(text).width; }

  fit(whole, room, text = whole.slice(0, room)) { // no letter is narrower than a pixel, and each look costs
    while (text.length > 2 && this.measure(text) > room) text = text.replace(/.…?$/u, "…");
    return text;
  }

  path(cause, effect) {
    const left = this.x(cause.x0), right = cause.shape.match(/step|delivery|run|span/) ? this.x(cause.x1) : left + 16;
    const ex = this.x(effect.x0), ey = effect.y, down = Math.sign(ey - cause.y);
    // Beside the waits that begin where their cause is, not across them: one stem with a branch to each.
    if (down && effect.parts[0]?.kind === "dwell" && Math.abs(ex - left) < 8) {
      const stem = left - 7, at = (by) => cause.y + down * by;
      const out = `M${left + 2},${at(6)} C${stem},${at(8)} ${stem},${at(12)} ${stem},${at(18)}`;
      return `${out} V${ey - down * 7} Q${stem},${ey} ${ex - 1},${ey}`;
    }
    if (!down) return `M${right},${ey} C${right + 14},${ey} ${ex - 14},${ey} ${ex - 1},${ey}`;
    // Out of the cause's lower (or upper) edge, for what is right of a bar belongs to its label.
    const x = Math.min(Math.max(ex - 14, left + 3), right - 3);
    const y = cause.y + down * (cause.shape === "run" ? 5 : ROW / 2);
    const bend = ex - Math.max(24, (ex - x) * 0.6);
    if (ex - x > 40) return `M${x},${y} C${x},${y + (ey - y) * 0.75} ${bend},${ey} ${ex - 1},${ey}`;
    if (ex - x >= 4) return `M${x},${y} C${x},${ey} ${x},${ey} ${ex - 1},${ey}`;
    const end = Math.max(ex, x) + 4;
    return `M${x},${y} C${x},${(y + ey) / 2} ${end},${(y + ey) / 2} ${end},${ey - down * 9}`;
  }

  mark(mark, next) {
    const loud = (fill) => (CALM.has(fill) ? "calm" : "loud");
    const said = { "data-id": mark.id, "aria-label": `${mark.label}. ${mark.hint.join(", ")}` };
    const look = { class: `mark ${mark.shape} ${loud(mark.fill)}`, tabindex: -1, role: "button" };
    const group = el(this.plot, "g", { ...look, ...said });
    group.style.setProperty("--tone", `var(${mark.fill})`);
    const x0 = this.x(mark.x0), x1 = this.x(mark.x1), y = mark.y;
    const box = (a, b, height, className, tone) => {
      const where = { x: a, y: y - height / 2, width: Math.max(b - a, 6), height, rx: Math.min(4, height / 2) };
      const rect = el(group, "rect", { ...where, class: className });
      if (tone) rect.style.setProperty("--tone", `var(${tone})`);
      return rect;
    };
    let room = [x0, x1], edge = x1;
    if (mark.shape.match(/step|delivery|span|run/)) {
      box(x0 - 2, x1 + 2, ROW + 6, "halo");
      for (const { kind, x0: a, x1: b, fill } of mark.parts) {
        const thick = kind !== "attempt" ? 8 : mark.shape === "run" ? 10 : ROW;
        box(this.x(a), this.x(b), thick, kind === "attempt" ? `bar ${loud(fill)}` : kind, fill);
      }
      if (!mark.parts.length) box(x0, x1, mark.shape === "run" ? 10 : ROW, "bar");
      const tries = mark.parts.filter((part) => part.kind === "attempt").map(({ x0, x1 }) => [this.x(x0), this.x(x1)]);
      room = tries.sort((a, b) => b[1] - b[0] - (a[1] - a[0]))[0] ?? room;
      if (mark.shape === "run") room = [0, 0];
    } else {
      glyph(group, mark.shape, x0 + 8, y);
      room = [0, 0];
      edge = x0 + 16;
    }
    const wide = this.measure(mark.label), free = (next ? this.x(next.x0) : this.width) - edge;
    if (room[1] - room[0] > wide + 12) el(group, "text", { x: room[0] + 7, y, class: "label inside" }, mark.label);
    else if (free > wide + 12) el(group, "text", { x: edge + 6, y, class: "label" }, mark.label);
    group.addEventListener("pointerenter", () => this.hint(mark, group));
    group.addEventListener("pointerleave", () => this.hint());
    group.addEventListener("focus", () => group.matches(":focus-visible") && this.hint(mark, group));
    group.addEventListener("blur", () => this.hint());
    group.addEventListener("click", () => { this.pick(mark.id); this.hint(); });
    this.groups.set(mark.id, group);
  }

  hint(mark, group) {
    this.tip.replaceChildren();
    this.tip.classList.toggle("on", Boolean(mark));
    if (!mark) return;
    mark.hint.forEach((line, at) => html(this.tip, "div", at ? "" : "first", line));
    const frame = this.frame.getBoundingClientRect(), box = group.getBoundingClientRect();
    const least = this.scroll.getBoundingClientRect().left - frame.left + NAMES;
    const most = frame.width - this.tip.offsetWidth - 8;
    this.tip.style.left = `${Math.max(least, Math.min(box.left - frame.left, most))}px`;
    this.tip.style.top = `${box.bottom - frame.top + 8}px`;
  }

  causes(id) { return this.ends.cause.get(id) ?? []; }

  effects(id) { return this.ends.effect.get(id) ?? []; }

  cone(id) {
    const seen = new Set([id]);
    for (const ends of [(each) => this.causes(each), (each) => this.effects(each)]) {
      const todo = [id], been = new Set(todo);
      while (todo.length) {
        const fresh = ends(todo.pop()).filter((each) => !been.has(each));
        for (const each of fresh) { been.add(each); seen.add(each); todo.push(each); }
      }
    }
    return seen;
  }

  paint() {
    const cone = this.at.has(this.selected) ? this.cone(this.selected) : null;
    for (const [id, group] of this.groups) {
      group.classList.toggle("selected", id === this.selected);
      group.classList.toggle("focus", id === this.data.focus);
      group.classList.toggle("aside", Boolean(cone) && !cone.has(id));
      group.setAttribute("tabindex", id === this.selected || (!cone && id === this.data.scene.marks[0].id) ? 0 : -1);
      group.setAttribute("aria-pressed", id === this.selected);
    }
    for (const { node, cause, effect, line } of this.arrows) {
      const near = Boolean(cone) && cone.has(cause) && cone.has(effect);
      node.classList.toggle("strong", near);
      node.classList.toggle("gone", this.data.scene.dense && !near);
      node.setAttribute("marker-end", `url(#${line === "solid" ? "full" : "open"}-${near ? "strong" : "pale"})`);
    }
  }

  select(id) { this.selected = id; this.paint(); }

  pick(id) {
    this.select(id);
    const group = this.groups.get(id);
    group.focus({ preventScroll: true });
    group.scrollIntoView({ block: "nearest", inline: "nearest" });
    window.dispatchEvent(new CustomEvent("causeline-pick", { detail: { id, from: this } }));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.notify(id), 120);
  }

  key(event) {
    const here = this.selected ?? this.data.scene.marks[0]?.id;
    const causes = this.causes(here);
    const siblings = causes.flatMap((each) => this.effects(each)).sort((a, b) => this.at.get(a).y - this.at.get(b).y);
    const aside = (by) => siblings[siblings.indexOf(here) + by], at = () => event.target.dataset?.id;
    const moves = {
      ArrowLeft: () => causes[0], ArrowRight: () => this.effects(here)[0],
      ArrowUp: () => aside(-1), ArrowDown: () => aside(1), Enter: at, " ": at,
    };
    const to = moves[event.key]?.();
    if (event.key in moves) event.preventDefault();
    if (to && this.at.has(to)) this.pick(to);
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const pivot = event.clientX - this.scroll.getBoundingClientRect().left - NAMES;
    this.rescale(this.zoom * (event.deltaY < 0 ? 1.25 : 0.8), pivot);
  }

  rescale(zoom, pivot = (this.scroll.clientWidth - NAMES) / 2) {
    const place = (this.scroll.scrollLeft + pivot - MARGIN) / this.k;
    this.zoom = Math.max(1, Math.min(200, zoom));
    this.draw();
    this.scroll.scrollLeft = place * this.k + MARGIN - pivot;
  }

  save(kind) {
    const layers = [[this.plot, NAMES, AXIS], [this.names, 0, AXIS], [this.axis, NAMES, 0]];
    const box = [NAMES + this.width, AXIS + this.data.scene.height];
    return saveLayers(this.frame, layers, box, getComputedStyle(this.scroll).backgroundColor, kind);
  }
}

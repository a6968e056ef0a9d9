// Draws a drawing of dag.py.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const { drawing } = data;
  const { svg, close } = openPicture(parentElement, "dag", "Steps of the run", drawing);
  head(el(svg, "defs"), "tip", "head");
  for (const line of drawing.lines) {
    const path = line.lane === null ? direct(line) : above(line);
    const kind = line.is_inferred ? "line inferred" : "line";
    const drawn = el(svg, "path", { d: path, class: kind, "marker-end": "url(#tip)" });
    if (line.is_inferred) el(drawn, "title", {}, "inferred from the order that the framework tells of");
  }
  for (const box of drawing.boxes) step(svg, box, drawing, data.selected, () => setTriggerValue("picked", box.id));
  return close;
}

function direct({ x0, y0, x1, y1 }) {
  const bend = (x1 - x0) / 2;
  return `M${x0},${y0} C${x0 + bend},${y0} ${x1 - bend},${y1} ${x1 - 1},${y1}`;
}

// Up in the gap behind the cause, along its lane above all boxes, and down in the gap before the effect.
function above({ x0, y0, x1, y1, lane }) {
  const r = 8, up = x0 + 20, down = x1 - 20;
  return `M${x0},${y0} H${up - r} Q${up},${y0} ${up},${y0 - r} V${lane + r} Q${up},${lane} ${up + r},${lane} ` +
    `H${down - r} Q${down},${lane} ${down},${lane + r} V${y1 - r} Q${down},${y1} ${down + r},${y1} H${x1 - 1}`;
}

function step(svg, box, drawing, selected, pick) {
  const name = box.name.length > 18 ? `${box.name.slice(0, 17)}…` : box.name;
  // One that has not begun is no button: there is nothing to be read of it.
  const role = box.is_to_come ? { role: "img" } : { role: "button", tabindex: 0 };
  const marks = { "to-come": box.is_to_come, selected: box.id === selected, critical: box.is_critical };
  const group = el(svg, "g", {
    class: ["step", ...Object.keys(marks).filter((mark) => marks[mark])].join(" "),
    ...role,
    "data-id": box.id,
    "aria-label": `${name} ${box.facts}, ${box.status}`, // what is seen comes first, as it is seen
  });
  group.style.setProperty("--tone", `var(${box.tone})`);
  el(group, "rect", { x: box.x, y: box.y, width: drawing.box_width, height: drawing.box_height, rx: 8, class: "box" });
  el(group, "circle", { cx: box.x + 16, cy: box.y + 19, r: 5, class: "dot" });
  el(group, "text", { x: box.x + 28, y: box.y + 20, class: "name" }, `${name} `);
  el(group, "text", { x: box.x + 28, y: box.y + 38, class: "facts" }, box.facts);
  el(group, "title", {}, `${box.name}: ${box.status}${box.is_critical ? ", the run's end waited for it" : ""}`);
  if (!box.is_to_come) pressed(group, pick);
}

// Draws a drawing of topology.py.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const { drawing } = data;
  const { svg, close } = openPicture(parentElement, "topology", "Who talks to whom", drawing);
  const defs = el(svg, "defs");
  for (const [id, kind] of [["flow-tip", "tip"], ["flow-bad-tip", "tip failing"]]) head(defs, id, kind);
  const lines = drawing.lines.map((line, at) => flow(svg, line, () => setTriggerValue("picked", `flow:${at}`)));
  drawing.boxes.forEach((box, at) => {
    const group = part(svg, box, drawing, () => setTriggerValue("picked", `part:${at}`));
    const show = (on) => {
      svg.classList.toggle("looking", on);
      for (const [line, drawn] of lines)
        drawn.classList.toggle("near", on && (line.cause === box.id || line.effect === box.id));
    };
    for (const [event, on] of [["pointerenter", true], ["pointerleave", false], ["focus", true], ["blur", false]])
      group.addEventListener(event, () => show(on));
  });
  return close;
}

// What flows, with its words; whoever sees no picture has the table below it.
function flow(svg, line, pick) {
  const kinds = ["flow"];
  for (const kind of ["reacted", "inferred", "failing"]) if (line[`is_${kind}`]) kinds.push(kind);
  const group = el(svg, "g", { class: kinds.join(" "), "aria-hidden": "true" });
  el(group, "path", { d: line.path, class: "reach" });
  const tip = line.is_failing ? "url(#flow-bad-tip)" : "url(#flow-tip)";
  el(group, "path", { d: line.path, class: "line", "stroke-width": line.width, "marker-end": tip });
  const words = { x: line.x, "text-anchor": line.anchor };
  if (line.words) el(group, "text", { ...words, y: line.y, class: "words" }, line.words);
  if (line.owed) el(group, "text", { ...words, y: line.y + (line.words ? 16 : 0), class: "words owed" }, line.owed);
  el(group, "title", {}, line.says);
  group.addEventListener("click", pick);
  return [line, group];
}

function part(svg, box, drawing, pick) {
  const room = box.kind === "channel" ? 18 : 21;
  const name = box.name.length > room ? `${box.name.slice(0, room - 1)}…` : box.name;
  const group = el(svg, "g", {
    class: `part ${box.kind}`,
    tabindex: 0,
    role: "button",
    "data-id": box.id,
    "aria-label": `${name} ${box.facts}, ${box.says}`, // what is seen comes first, as it is seen
  });
  group.style.setProperty("--tone", `var(${box.tone})`);
  const { x, y } = box, [width, height] = [drawing.box_width, drawing.box_height];
  const rx = box.kind === "channel" ? height / 2 : 8;
  if (box.is_fold) el(group, "rect", { x: x + 4, y: y + 4, width, height, rx, class: "box behind" });
  el(group, "rect", { x, y, width, height, rx, class: "box" });
  const left = x + (box.kind === "channel" ? 22 : 14);
  el(group, "text", { x: left, y: y + 18, class: "name" }, `${name} `);
  el(group, "text", { x: left, y: y + 35, class: "facts" }, box.facts || box.kind);
  el(group, "title", {}, `${box.says}${box.is_fold ? ". Press to see each" : ""}`);
  pressed(group, pick);
  return group;
}

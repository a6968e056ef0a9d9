// What every figure draws with; put in front of its script. Text from data only ever becomes textContent or an
// attribute.
const SVG = "http://www.w3.org/2000/svg";
const UNITS = [[864e5, "d"], [36e5, "h"], [6e4, "min"], [1e3, "s"]];

// What is drawn into a glyph, by its shape.
const INKS = {
  dead_letter: (x, y) => `M${x},${y - 4} V${y + 1} M${x},${y + 3.6} v.6`,
  replay: (x, y) =>
    `M${x + 3.6},${y - 1.6} A4,4 0 1 0 ${x + 3.2},${y + 2.4} M${x + 4.4},${y - 5} V${y - 1.4} H${x + 0.8}`,
  tick: (x, y) => `M${x},${y - 4.5} V${y} L${x + 3},${y + 2}`,
  discard: (x, y) => `M${x - 3},${y - 3} l6,6 M${x + 3},${y - 3} l-6,6`,
};

// What a copy takes along of the style sheet.
const STYLES = [
  "fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight",
  "text-anchor", "dominant-baseline", "paint-order", "stroke-linejoin",
];

// Adds an element of an SVG to a parent, with attributes and, where there is one, a text.
function el(parent, name, attributes = {}, text) {
  const node = parent.ownerDocument.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return parent.appendChild(node);
}

// Adds an element of HTML to a parent, with a class and, where there is one, a text.
function html(parent, name, className, text) {
  const node = parent.ownerDocument.createElement(name);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return parent.appendChild(node);
}

// Gives an SVG a size, in pixels.
function size(svg, width, height) {
  const box = { width, height, viewBox: `0 0 ${width} ${height}` };
  for (const [key, value] of Object.entries(box)) svg.setAttribute(key, value);
}

// Adds the mark of what has no length: a tick, an event, a dead letter, a replay, a discard, a hole.
function glyph(group, shape, x, y) {
  const disc = (r, className) => el(group, "circle", { cx: x, cy: y, r, class: className });
  const line = (d, className) => el(group, "path", { d, class: className });
  disc(12, "halo");
  if (shape === "dead_letter") line(`M${x},${y - 9} L${x + 9},${y} L${x},${y + 9} L${x - 9},${y} Z`, "bar");
  else disc(shape in INKS || shape === "hole" ? 8 : 7.5, shape === "hole" ? "void" : "bar");
  if (shape in INKS) line(INKS[shape](x, y), "ink");
  else if (shape === "hole") el(group, "text", { x, y, class: "ask" }, "?");
  else disc(2.6, "dot");
}

// Groups items, or one member of each, by another member.
function by(items, key, member) {
  const groups = new Map();
  for (const item of items) {
    if (!groups.has(item[key])) groups.set(item[key], []);
    groups.get(item[key]).push(member ? item[member] : item);
  }
  return groups;
}

// A length of time in words, given in milliseconds.
function span(ms) {
  const unit = UNITS.find(([least]) => ms >= least);
  return unit ? `${+(ms / unit[0]).toFixed(1)} ${unit[1]}` : `${ms} ms`;
}

// Copies what is in an element, with the looks that the page gives it.
function copy(from, to) {
  for (const child of from.children) {
    const twin = to.appendChild(child.cloneNode(false)), style = getComputedStyle(child);
    if (!child.children.length) twin.textContent = child.textContent;
    for (const name of STYLES) twin.style.setProperty(name, style.getPropertyValue(name));
    copy(child, twin);
  }
}

// The pixels of one side of an image at most; browsers draw nothing on a larger canvas, and say nothing.
const LARGEST = 8192;

// Draws an SVG as a PNG, twice as large where that fits.
async function raster(drawn, width, height, ground) {
  const url = URL.createObjectURL(drawn), image = new Image(), times = Math.min(2, LARGEST / width, LARGEST / height);
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  Object.assign(canvas, { width: Math.floor(width * times), height: Math.floor(height * times) });
  pen.fillStyle = ground;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// Saves a picture that is made of layers, each with its place, as `svg` or as `png`.
async function saveLayers(frame, layers, [width, height], ground, kind) {
  const all = el(frame, "svg", { xmlns: SVG });
  size(all, width, height);
  const shared = frame.querySelector(".defs");
  if (shared) copy(shared, all);
  for (const [svg, x, y] of layers) copy(svg, el(all, "g", { transform: `translate(${x},${y})` }));
  all.style.background = ground;
  const text = new XMLSerializer().serializeToString(all);
  all.remove();
  const drawn = new Blob([text], { type: "image/svg+xml" });
  handOut(frame, kind === "png" ? await raster(drawn, width, height, ground) : drawn, `causeline.${kind}`);
}

// Lets the browser save a file.
function handOut(frame, file, name) {
  const url = URL.createObjectURL(file), link = html(frame, "a", "");
  Object.assign(link, { href: url, download: name }).click();
  URL.revokeObjectURL(url);
  link.remove();
}

// Puts a lane's name into the middle of that part of the lane which is in view, as the reader scrolls: a lane may be
// much higher than the window.
function keepInView(label, lane, scroll, above) {
  const place = () => {
    if (!label.isConnected) return scroll.removeEventListener("scroll", place);
    const top = Math.max(lane.y, scroll.scrollTop), end = scroll.scrollTop + Math.max(scroll.clientHeight - above, 0);
    const bottom = Math.max(Math.min(lane.y + lane.height, end), top);
    label.setAttribute("y", end > lane.y && top < lane.y + lane.height ? (top + bottom) / 2 : lane.y + lane.height / 2);
  };
  scroll.addEventListener("scroll", place, { passive: true });
  place();
}

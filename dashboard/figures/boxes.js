// What pictures of boxes and arrows have in common; put in front of their scripts.

// Opens a picture: a frame that scrolls sideways, with buttons that save what is in it. Whoever opens it closes it.
function openPicture(root, name, says, { width, height }) {
  const frame = root.ownerDocument.createElement("div");
  frame.className = `boxes ${name}`;
  root.querySelector(`.${name}`)?.remove(); // the style sheet beside it stays
  root.appendChild(frame);
  const tools = html(frame, "div", "tools"), scroll = html(frame, "div", "scroll");
  const box = { width, height, viewBox: `0 0 ${width} ${height}` };
  const svg = el(scroll, "svg", { ...box, role: "group", "aria-label": says });
  for (const [kind, tip] of [["svg", "Save the picture as SVG"], ["png", "Save the picture as an image"]]) {
    const button = html(tools, "button", "tool", kind.toUpperCase());
    button.title = tip;
    button.onclick = () =>
      saveLayers(frame, [[svg, 0, 0]], [width, height], getComputedStyle(scroll).backgroundColor, kind);
  }
  const sized = new ResizeObserver(() => fade(scroll));
  sized.observe(scroll);
  scroll.onscroll = () => fade(scroll);
  const close = () => {
    sized.disconnect();
    frame.remove();
  };
  return { svg, close };
}

// Where there is more than is seen, the picture fades towards it.
function fade(scroll) {
  const hidden = scroll.scrollWidth - scroll.clientWidth - scroll.scrollLeft;
  scroll.classList.toggle("more-before", scroll.scrollLeft > 1);
  scroll.classList.toggle("more-behind", hidden > 1);
}

// The tip of lines of one kind.
function head(defs, id, kind) {
  const size = { viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 8, markerHeight: 8 };
  const marker = el(defs, "marker", { id, ...size, markerUnits: "userSpaceOnUse", orient: "auto" });
  el(marker, "path", { d: "M0,0.5 L10,5 L0,9.5 Z", class: kind });
}

// Has a box be pressed by mouse and by keys.
function pressed(group, pick) {
  group.addEventListener("click", pick);
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    pick();
  });
}


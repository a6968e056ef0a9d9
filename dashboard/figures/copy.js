// Copies a block of code whose button is pressed; where the browser lets no page copy, selects it. Draws nothing.
// Buttons are shown only while this listens: a press on a page that is still being loaded would be lost.
const SHOWN_MS = 1500;

export default function () {
  document.addEventListener("click", take);
  count(1);
  return () => {
    document.removeEventListener("click", take);
    count(-1);
  };
}

// The page may load this script anew before it lets the older one go: the count is the document's.
function count(change) {
  const { dataset } = document.documentElement;
  dataset.copying = Number(dataset.copying ?? 0) + change;
}

async function take(event) {
  const button = event.target.closest?.(".causeline-code > .copy");
  if (!button) return;
  const text = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "check";
    setTimeout(() => { button.textContent = "content_copy"; }, SHOWN_MS);
  } catch {
    getSelection().selectAllChildren(text);
  }
}

// Copies a block of code whose button is pressed; where the browser lets no page copy, selects it. Draws nothing.
const SHOWN_MS = 1500;

export default function () {
  document.addEventListener("click", take);
  return () => document.removeEventListener("click", take);
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

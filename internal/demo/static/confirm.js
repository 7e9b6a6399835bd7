// The dialog in which Slack's client asks before a button has its effect.

import { text } from "./blocks.js";

const $ = (id) => document.getElementById(id);
const box = $("confirm");
const [title, body, accept, deny] = ["confirm-title", "confirm-text", "confirm-accept", "confirm-deny"].map($);

// ask shows the dialog, and says whether the person accepted it.
export function ask(confirm) {
  title.textContent = confirm.title.text;
  body.replaceChildren(text(confirm.text, "text"));
  accept.textContent = confirm.confirm.text;
  accept.className = confirm.style === "danger" ? "danger" : "";
  deny.textContent = confirm.deny.text;
  return new Promise((answer) => {
    const close = (yes) => {
      box.close();
      answer(yes);
    };
    accept.onclick = () => close(true);
    deny.onclick = () => close(false);
    box.oncancel = () => answer(false);
    box.showModal();
    deny.focus();
  });
}

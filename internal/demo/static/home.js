// The Home of the app, as the current person sees it.

import { post } from "./api.js";
import { draw } from "./blocks.js";
import { ask } from "./confirm.js";

const page = document.getElementById("home");
let shown = ""; // version of what is drawn

// render draws the Home, or says that there is none yet. said is told what went
// wrong.
export function render(home, who, said) {
  const version = who + JSON.stringify(home);
  if (version === shown) return;
  shown = version;
  const focused = [...page.querySelectorAll(".button")].indexOf(document.activeElement);
  const at = { person: who, where: "home" };
  const tell = (answer) => { if (answer.error) said(answer.error); };
  const press = async (button, link, confirm) => {
    if (!confirm || await ask(confirm)) tell(await post("/api/press", { ...at, button, link }));
  };
  const choose = async (menu, value) => tell(await post("/api/choose", { ...at, menu, value }));
  if (home) {
    page.replaceChildren(...draw(home, press, null, choose));
  } else {
    const p = document.createElement("p");
    p.className = "empty";
    p.textContent = "Nothing is published here yet.";
    page.replaceChildren(p);
  }
  if (focused >= 0) (page.querySelectorAll(".button")[focused] || page).focus();
}

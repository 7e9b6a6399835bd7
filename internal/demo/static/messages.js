// The messages that the current person sees.

import { post } from "./api.js";
import { draw } from "./blocks.js";
import { ask } from "./confirm.js";

const list = document.getElementById("messages");
const kept = new Map(); // what each person typed: Slack's private messages don't show it to the app
let pressed = null; // the button that was pressed last
let follow = true; // the end of the list is to be seen

// What came first stays first: two computers' clocks don't say.
const places = new Map();
function place(key) {
  if (!places.has(key)) places.set(key, places.size);
  return places.get(key);
}

const mine = (who) => kept.get(who) || kept.set(who, []).get(who);

// type keeps a line of a person's own; by says so where the demo wrote it.
export function type(who, text, by = "") {
  place(who + "t" + (mine(who).push({ text, by }) - 1));
  follow = true;
}

// clear forgets what is shown, for somebody else.
export function clear() {
  list.replaceChildren();
  follow = true;
}

function article(name, note, ...body) {
  const element = document.createElement("article");
  const face = document.createElement("div");
  face.className = "face";
  face.setAttribute("aria-hidden", "true");
  face.textContent = name[0];
  const column = document.createElement("div");
  column.className = "body";
  const from = document.createElement("div");
  from.className = "from";
  from.textContent = name;
  if (note) {
    const small = document.createElement("small");
    small.textContent = note;
    from.append(small);
  }
  column.append(from, ...body);
  element.append(face, column);
  return element;
}

function line(text, className) {
  const p = document.createElement("p");
  p.textContent = text;
  if (className) p.className = className;
  return p;
}

function message(m, who, said) {
  const press = async (button, link, confirm) => {
    if (confirm && !await ask(confirm)) return;
    pressed = { key: who + "m" + m.id, button };
    const answer = await post("/api/press", { person: who, message: m.id, button, link });
    if (answer.error) said(answer.error);
  };
  const choose = async (menu, value) => {
    const answer = await post("/api/choose", { person: who, message: m.id, menu, value });
    if (answer.error) said(answer.error);
  };
  const element = article("Studio", "APP", line(m.where, "where"), ...draw(m.blocks || [], press, null, choose));
  element.classList.add("bot");
  return element;
}

function typed(m, name) {
  const element = article(name, m.by, line(m.text));
  element.classList.add("mine");
  return element;
}

// focusOn puts the focus on a button of a message, or on the message itself once
// the button is gone.
function focusOn(element, button = 0) {
  element.tabIndex = -1;
  (element.querySelectorAll(".button")[button] || element).focus();
}

// focusBack goes back to the button that was pressed last. It says whether its
// message is still there.
export function focusBack() {
  const element = pressed && [...list.children].find((e) => e.dataset.key === pressed.key);
  if (element) focusOn(element, pressed.button);
  return Boolean(element);
}

// render shows messages. Only what changed is drawn anew, so that neither the
// focus nor a screen reader loses its place. said is told what went wrong.
export function render(messages, who, name, said) {
  const items = [
    ...messages.map((m) => ({ key: who + "m" + m.id, version: JSON.stringify(m.blocks), make: () => message(m, who, said) })),
    ...mine(who).map((m, i) => ({ key: who + "t" + i, version: m.text, make: () => typed(m, name) })),
  ];
  for (const item of items) place(item.key); // in this order, whatever order sort asks in
  items.sort((a, b) => place(a.key) - place(b.key));
  const old = new Map([...list.children].map((e) => [e.dataset.key, e]));
  follow ||= list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const wanted = items.map((item) => {
    const before = old.get(item.key);
    if (before && before.dataset.version === item.version) return before;
    const element = item.make();
    element.dataset.key = item.key;
    element.dataset.version = item.version;
    if (before && before.contains(document.activeElement)) queueMicrotask(() => focusOn(element));
    return element;
  });
  if (!wanted.length) wanted.push(line("Nothing here yet. Type /studio below.", "empty"));
  if (wanted.length !== list.children.length || wanted.some((e, i) => e !== list.children[i])) list.replaceChildren(...wanted);
  if (follow) list.scrollTop = list.scrollHeight;
  follow = false;
}

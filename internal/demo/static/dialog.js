// The form that lies over the rest: a modal of Slack.

import { post } from "./api.js";
import { draw } from "./blocks.js";
import { ask } from "./confirm.js";
import { focusBack } from "./messages.js";

const $ = (id) => document.getElementById(id);
const box = $("modal");
const [title, body, fault, submit, cancel] = ["modal-title", "modal-body", "modal-fault", "modal-submit", "modal-close"].map($);
let now = null; // { version, who, refresh } of what is shown

function paragraph(id, className, text) {
  const p = document.createElement("p");
  p.id = id;
  p.className = className;
  p.textContent = text;
  return p;
}

function menu(field) {
  const select = document.createElement("select");
  if (!field.value) select.append(new Option("Choose…", ""));
  select.append(...field.options.map((o) => new Option(o.text, o.value)));
  return select;
}

function textBox(field) {
  const input = document.createElement(field.multiline ? "textarea" : "input");
  if (field.multiline) input.rows = 3;
  else input.type = "text";
  input.placeholder = field.placeholder;
  if (field.most) input.maxLength = field.most;
  return input;
}

// input draws one field; what is wrong with it comes with mark.
function input(field) {
  const row = document.createElement("div");
  row.className = "field";
  const id = "field-" + field.block;
  const label = document.createElement("label");
  label.htmlFor = id;
  label.textContent = field.label;
  if (field.optional) {
    const small = document.createElement("small");
    small.textContent = " (optional)";
    label.append(small);
  }
  const control = field.kind === "static_select" ? menu(field) : textBox(field);
  control.id = id;
  control.dataset.block = field.block;
  control.value = field.value;
  control.required = !field.optional;
  row.append(label, control);
  const described = [id + "-error"];
  if (field.hint) {
    row.append(paragraph(id + "-hint", "hint", field.hint));
    described.push(id + "-hint");
  }
  row.append(paragraph(id + "-error", "error", ""));
  control.setAttribute("aria-describedby", described.join(" "));
  return row;
}

// mark shows at each field what is wrong with it, and leaves alone what is typed.
function mark(modal) {
  fault.textContent = modal.error;
  for (const field of modal.fields) {
    const control = $("field-" + field.block);
    control.setAttribute("aria-invalid", String(Boolean(field.error)));
    $("field-" + field.block + "-error").textContent = field.error;
  }
}

function build(modal, who) {
  title.textContent = modal.title;
  submit.textContent = modal.submit;
  submit.hidden = !modal.submit;
  cancel.textContent = modal.close;
  const fields = [...modal.fields];
  const at = { person: who, where: "modal" };
  const press = async (button, link, confirm) => {
    if (confirm && !await ask(confirm)) return;
    fault.textContent = (await post("/api/press", { ...at, button, link })).error || "";
  };
  const choose = async (menu, value) => { fault.textContent = (await post("/api/choose", { ...at, menu, value })).error || ""; };
  body.replaceChildren(...draw(modal.blocks || [], press, () => input(fields.shift()), choose));
}

// render shows a modal, or none. refresh has the screen looked at again.
export function render(modal, who, refresh) {
  if (!modal) {
    const was = now;
    now = null;
    if (!was) return;
    box.close();
    if (was.who === who && $("home").hidden && !focusBack()) $("compose").focus();
    return;
  }
  const version = who + modal.id + modal.title + JSON.stringify(modal.blocks);
  if (now?.version !== version) build(modal, who);
  const another = now && now.version !== version;
  now = { version, who, refresh };
  mark(modal);
  if (!box.open) box.showModal();
  else if (another) (body.querySelector("[data-block], .button") || cancel).focus();
}

async function leave() {
  if (!now) return;
  await post("/api/close", { person: now.who });
  now?.refresh();
}

$("modal-form").addEventListener("submit", async (e) => {
  e.preventDefault();
  if (!now || submit.disabled || submit.hidden) return;
  submit.disabled = true;
  try {
    const values = Object.fromEntries([...body.querySelectorAll("[data-block]")].map((c) => [c.dataset.block, c.value]));
    const answer = await post("/api/submit", { person: now.who, values });
    await now?.refresh();
    if (answer.error) fault.textContent = answer.error;
  } finally {
    submit.disabled = false;
  }
  body.querySelector("[aria-invalid=true]")?.focus();
});

cancel.addEventListener("click", leave);
box.addEventListener("cancel", (e) => { e.preventDefault(); leave(); });
box.addEventListener("close", leave); // a browser may insist

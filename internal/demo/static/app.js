import { draw } from "./blocks.js";

const $ = (id) => document.getElementById(id);
const [person, messages, compose, suggestions, wire] = ["person", "messages", "compose", "suggestions", "wire"].map($);
const kept = new Map(); // what each person typed: Slack's private messages don't show it to the app

const post = async (path, body = {}) => {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), keepalive: true });
  if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status}`);
  return answer.json();
};
const get = async (path) => (await fetch(path)).json();
const mine = () => kept.get(person.value) || kept.set(person.value, []).get(person.value);

function article(name, note, ...body) {
  const element = document.createElement("article");
  const face = document.createElement("div");
  face.className = "face";
  face.setAttribute("aria-hidden", "true");
  face.textContent = name === "Studio" ? "S" : name[0];
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

// What came first stays first: two computers' clocks don't say.
const places = new Map();
const place = (key) => {
  const whole = person.value + key;
  if (!places.has(whole)) places.set(whole, places.size);
  return places.get(whole);
};

// Only what changed is drawn anew, so that neither the focus nor a screen
// reader loses its place.
async function show() {
  const who = person.value;
  const list = await get("/api/messages?person=" + encodeURIComponent(who));
  if (who !== person.value) return;
  const items = [
    ...list.map((m) => ({ key: "m" + m.id, version: JSON.stringify(m.blocks), make: () => message(m) })),
    ...mine().map((m, i) => ({ key: "t" + i, version: m.text, make: () => typed(m) })),
  ].sort((a, b) => place(a.key) - place(b.key));
  const old = new Map([...messages.children].map((e) => [e.dataset.key, e]));
  const atEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80;
  const wanted = items.map((item) => {
    const before = old.get(who + item.key);
    if (before && before.dataset.version === item.version) return before;
    const element = item.make();
    element.dataset.key = who + item.key;
    element.dataset.version = item.version;
    if (before && before.contains(document.activeElement)) queueMicrotask(() => element.querySelector("button, a")?.focus());
    return element;
  });
  if (!wanted.length) wanted.push(Object.assign(line("Nothing here yet. Type /studio below.", "empty")));
  messages.replaceChildren(...wanted);
  if (atEnd) messages.scrollTop = messages.scrollHeight;
}

function message(m) {
  const press = async (button, link) => {
    const answer = await post("/api/press", { person: person.value, message: m.id, button, link });
    if (answer.error) note(answer.error);
  };
  const element = article("Studio", "APP", line("Only visible to you", "private"), ...draw(m.blocks || [], press));
  element.classList.add("bot");
  return element;
}

function typed(m) {
  const element = article(person.selectedOptions[0].dataset.name, m.by, line(m.text));
  element.classList.add("mine");
  return element;
}

function note(text) {
  mine().push({ text, by: "from the demo" });
  show();
}

// Typing: completion as soon as a slash is there.
let commands = [];
let chosen = -1;

function suggest() {
  const text = compose.value;
  const fit = text.startsWith("/") ? commands.filter((c) => c.startsWith(text.trimEnd()) && c !== text) : [];
  chosen = -1;
  suggestions.replaceChildren(...fit.map((c, i) => {
    const li = document.createElement("li");
    li.id = "suggestion-" + i;
    li.role = "option";
    li.textContent = c;
    li.addEventListener("mousedown", (e) => { e.preventDefault(); take(c); });
    return li;
  }));
  suggestions.hidden = !fit.length;
  compose.setAttribute("aria-expanded", String(fit.length > 0));
  compose.removeAttribute("aria-activedescendant");
}

function choose(step) {
  const all = [...suggestions.children];
  if (!all.length) return;
  chosen = (chosen + step + all.length) % all.length;
  all.forEach((li, i) => li.setAttribute("aria-selected", String(i === chosen)));
  compose.setAttribute("aria-activedescendant", all[chosen].id);
}

function take(text) {
  compose.value = text;
  suggest();
}

compose.addEventListener("input", suggest);
compose.addEventListener("blur", () => { suggestions.hidden = true; compose.setAttribute("aria-expanded", "false"); });
compose.addEventListener("keydown", (e) => {
  if (suggestions.hidden) return;
  if (e.key === "ArrowDown") { e.preventDefault(); choose(1); }
  if (e.key === "ArrowUp") { e.preventDefault(); choose(-1); }
  if (e.key === "Escape") { e.preventDefault(); suggestions.hidden = true; compose.setAttribute("aria-expanded", "false"); }
  if (e.key === "Tab" && !e.shiftKey) { e.preventDefault(); take(suggestions.children[Math.max(chosen, 0)].textContent); }
  if (e.key === "Enter" && chosen >= 0) take(suggestions.children[chosen].textContent); // and the form sends it
});

$("compose-form").addEventListener("submit", async (e) => {
  e.preventDefault();
  const text = compose.value.trim();
  if (!text) return;
  compose.value = "";
  suggest();
  place("t" + (mine().push({ text, by: "" }) - 1));
  show();
  const answer = await post("/api/command", { person: person.value, text });
  if (answer.error) note(answer.error);
});

person.addEventListener("change", () => { messages.replaceChildren(); show(); });

// Switches.
const switches = { sagemaker: $("sagemaker"), clicks: $("clicks"), no_profile: $("no-profile") };

function stand(state) {
  switches.sagemaker.value = state.sagemaker;
  switches.clicks.value = state.clicks;
  switches.no_profile.checked = state.no_profile;
}

for (const element of Object.values(switches)) {
  element.addEventListener("change", async () => stand(await post("/api/switches", {
    sagemaker: switches.sagemaker.value, clicks: switches.clicks.value, no_profile: switches.no_profile.checked,
  })));
}
$("refresh").addEventListener("click", async () => {
  await post("/api/refresh");
  $("said").textContent = "Slack asked every socket to reconnect at " + new Date().toLocaleTimeString() + ".";
});

// The wire, newest first.
const names = { slack: "Slack", bot: "studiobot", browser: "browser", sagemaker: "SageMaker", audit: "audit log" };

function record(item) {
  const li = document.createElement("li");
  if (item.kind) li.className = item.kind;
  const at = document.createElement("time");
  at.dateTime = item.at;
  at.textContent = new Date(item.at).toLocaleTimeString([], { hour12: false }) + "." + String(new Date(item.at).getMilliseconds()).padStart(3, "0");
  const way = document.createElement("span");
  way.className = "way";
  way.textContent = `${names[item.from]} → ${names[item.to]} `;
  const what = document.createElement("span");
  what.className = "what";
  what.textContent = item.what;
  if (item.body) {
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    const pre = document.createElement("pre");
    pre.textContent = item.body;
    summary.append(at, way, what);
    details.append(summary, pre);
    li.append(details);
  } else {
    li.append(at, way, what);
  }
  wire.prepend(li);
  while (wire.children.length > 200) wire.lastChild.remove();
}

const feed = new EventSource("/api/feed");
feed.onopen = () => show();
feed.onmessage = (e) => {
  const item = JSON.parse(e.data);
  if (item.messages) show();
  else record(item);
};

const world = await get("/api/world");
commands = world.commands;
person.replaceChildren(...world.people.map((p) => {
  const option = new Option(`${p.name} – ${p.about}`, p.id);
  option.dataset.name = p.name;
  return option;
}));
stand(world.switches);
show();

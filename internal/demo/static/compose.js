// Typing: completion as soon as a slash is there, and of names behind an @.

const compose = document.getElementById("compose");
const suggestions = document.getElementById("suggestions");
let chosen = -1;
let world = { commands: [], admin_commands: [], people: [] };
let person = () => "";

// ready says what can be suggested, and to whom.
export function ready(known, who) {
  world = known;
  person = who;
}

function fitting(text) {
  if (!text.startsWith("/")) return [];
  const admin = world.people.some((p) => p.id === person() && p.admin);
  const at = admin && text.match(/^(\/studio admin \w+ @)(\w*)$/);
  if (at) return world.people.filter((p) => p.handle.startsWith(at[2].toLowerCase()) && p.handle !== at[2]).map((p) => at[1] + p.handle);
  return [...world.commands, ...(admin ? world.admin_commands : [])].filter((c) => c.startsWith(text.trimEnd()) && c !== text);
}

function suggest() {
  chosen = -1;
  const fit = fitting(compose.value);
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

function hide() {
  suggestions.hidden = true;
  compose.setAttribute("aria-expanded", "false");
}

function choose(step) {
  const all = [...suggestions.children];
  if (!all.length) return;
  chosen = chosen < 0 && step < 0 ? all.length - 1 : (chosen + step + all.length) % all.length;
  all.forEach((li, i) => li.setAttribute("aria-selected", String(i === chosen)));
  all[chosen].scrollIntoView({ block: "nearest" });
  compose.setAttribute("aria-activedescendant", all[chosen].id);
}

// take puts a line into the box.
export function take(text) {
  compose.value = text;
  suggest();
}

compose.addEventListener("input", suggest);
compose.addEventListener("blur", hide);
compose.addEventListener("keydown", (e) => {
  if (suggestions.hidden) return;
  if (e.key === "ArrowDown") { e.preventDefault(); choose(1); }
  if (e.key === "ArrowUp") { e.preventDefault(); choose(-1); }
  if (e.key === "Escape") { e.preventDefault(); hide(); }
  if (e.key === "Tab" && !e.shiftKey) { e.preventDefault(); take(suggestions.children[Math.max(chosen, 0)].textContent); }
  if (e.key === "Enter" && chosen >= 0) take(suggestions.children[chosen].textContent); // and the form sends it
});

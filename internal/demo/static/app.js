// Puts the page together: who is looking, what they see, what can go wrong.

import { get, post } from "./api.js";
import { know } from "./blocks.js";
import { ready, take } from "./compose.js";
import { render as renderDialog } from "./dialog.js";
import { render as renderHome } from "./home.js";
import { clear, render as renderMessages, type } from "./messages.js";
import { record } from "./wire.js";

const $ = (id) => document.getElementById(id);
const [person, compose] = ["person", "compose"].map($);

// show looks at the screen of the current person again. Answers can't overtake
// each other: there is one question at a time, and one more if something changed
// meanwhile.
let looking = null;
let again = false;
function show() {
  again = true;
  looking ||= (async () => {
    try {
      while (again) {
        again = false;
        await look();
      }
    } finally {
      looking = null;
    }
  })();
  return looking;
}

async function look() {
  const who = person.value;
  if (!who) return;
  const screen = await get("/api/screen?person=" + encodeURIComponent(who));
  if (who !== person.value) {
    again = true;
    return;
  }
  renderMessages(screen.messages, who, person.selectedOptions[0].dataset.name, (text) => note(who, text));
  renderHome(screen.home, who, (text) => note(who, text));
  renderDialog(screen.modal, who, show);
}

function note(who, text) {
  type(who, text, "from the demo");
  show();
}

$("compose-form").addEventListener("submit", async (e) => {
  e.preventDefault();
  const text = compose.value.trim();
  const who = person.value;
  if (!text) return;
  take("");
  type(who, text);
  show();
  const answer = await post("/api/command", { person: who, text });
  if (answer.error) note(who, answer.error);
});

person.addEventListener("change", () => {
  clear();
  if (!$("home").hidden) openHome();
  show();
});

// The conversation or the app's Home: one of them is to be seen.
async function openHome() {
  const answer = await post("/api/home", { person: person.value });
  if (answer.error) note(person.value, answer.error);
}

for (const [tab, page] of [["tab-channel", "messages"], ["tab-home", "home"]]) {
  $(tab).addEventListener("click", () => {
    for (const [other, its] of [["tab-channel", "messages"], ["tab-home", "home"]]) {
      $(other).setAttribute("aria-pressed", String(other === tab));
      $(its).hidden = its !== page;
    }
    if (page === "home") openHome();
    show();
  });
}

$("shortcut").addEventListener("click", async () => {
  const who = person.value;
  const answer = await post("/api/shortcut", { person: who });
  if (answer.error) note(who, answer.error);
});

// Switches.
const switches = { sagemaker: $("sagemaker"), clicks: $("clicks"), no_profile: $("no-profile"), unlisted: $("unlisted"), pending: $("pending"), short: $("short") };
const boxes = ["no_profile", "unlisted", "pending", "short"];

function stand(state) {
  switches.sagemaker.value = state.sagemaker;
  switches.clicks.value = state.clicks;
  for (const name of boxes) switches[name].checked = state[name];
}

for (const element of Object.values(switches)) {
  element.addEventListener("change", async () => stand(await post("/api/switches", {
    sagemaker: switches.sagemaker.value, clicks: switches.clicks.value, ...Object.fromEntries(boxes.map((name) => [name, switches[name].checked])),
  })));
}
$("refresh").addEventListener("click", async () => {
  await post("/api/refresh");
  $("said").textContent = "Slack asked every socket to reconnect at " + new Date().toLocaleTimeString() + ".";
});

const feed = new EventSource("/api/feed");
feed.onopen = () => show();
feed.onmessage = (e) => {
  const item = JSON.parse(e.data);
  if (item.screen) show();
  else record(item);
};

const world = await get("/api/world");
know(world.people);
ready(world, () => person.value);
person.replaceChildren(...world.people.map((p) => {
  const option = new Option(`${p.name} – ${p.about}`, p.id);
  option.dataset.name = p.name;
  return option;
}));
stand(world.switches);
$("about").textContent = world.about || "";
show();

// Draws Block Kit as a Slack client does, as far as studiobot uses it. Text
// comes in as text and never as markup.

const entities = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const unescape = (s) => s.replace(/&(amp|lt|gt);/g, (e) => entities[e]);

// Whom a mention is about.
const names = new Map();
export function know(people) {
  for (const p of people) names.set(p.id, p.name);
}

function element(tag, className, text) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  if (text) e.textContent = text;
  return e;
}

// A day, as date_short_pretty says it.
function day(at) {
  const midnight = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate());
  const near = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[Math.round((midnight(at) - midnight(new Date())) / 86400000)];
  return near || at.toLocaleDateString([], { month: "short", day: "numeric", year: "numeric" });
}

// <!date^seconds^format|what older clients show>
function moment(markup) {
  const [, seconds, format] = markup.slice(1, -1).split("|")[0].split("^");
  const at = new Date(Number(seconds) * 1000);
  const time = element("time", "", format
    .replace("{date_short_pretty}", day(at))
    .replace("{time}", at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })));
  time.dateTime = at.toISOString();
  return time;
}

// One line: *bold*, `code`, <@mentions> and <!date^…>; the rest stays as it is.
function words(text, into) {
  for (const part of text.split(/(<!date\^[^>]+>|<@[UW][A-Z0-9]+(?:\|[^>]*)?>|`[^`\n]+`|\*[^*\n]+\*)/)) {
    if (part.startsWith("<!date^")) {
      into.append(moment(part));
    } else if (part.startsWith("<@")) {
      const id = part.slice(2, -1).split("|")[0];
      into.append(element("span", "mention", "@" + (names.get(id) || id)));
    } else if (part.length > 2 && part.startsWith("`")) {
      into.append(element("code", "", unescape(part.slice(1, -1))));
    } else if (part.length > 2 && part.startsWith("*")) {
      into.append(words(part.slice(1, -1), element("strong")));
    } else {
      into.append(unescape(part));
    }
  }
  return into;
}

// Lines: quotes, items of a list, and others.
function mrkdwn(text, into) {
  for (const line of text.split("\n")) {
    if (line.startsWith("> ")) {
      if (into.lastChild?.nodeName !== "BLOCKQUOTE") into.append(element("blockquote"));
      into.lastChild.append(words(line.slice(2), element("span", "line")));
    } else {
      into.append(words(line, element("span", /^(•|\d+\.) /.test(line) ? "line item" : "line")));
    }
  }
  return into;
}

export function text(object, className) {
  if (object.type === "mrkdwn") return mrkdwn(object.text, element("div", className));
  return element("div", className, object.text);
}

// draw returns the elements of a message. press is told the index of a button,
// counted from top to bottom, whether it has an address of its own, and the dialog
// that asks before, if there is one. choose is told the index of a menu, counted by
// itself, and what was chosen. input draws the input blocks of a form.
export function draw(blocks, press, input, choose) {
  let count = 0;
  let menus = 0;
  const menu = (m) => {
    const index = menus++;
    const e = element("select", "menu");
    e.append(new Option(m.placeholder?.text || "Choose…", ""), ...m.options.map((o) => new Option(o.text.text, o.value)));
    e.setAttribute("aria-label", m.placeholder?.text || "Choose");
    e.addEventListener("change", () => { if (e.value) choose(index, e.value); });
    return e;
  };
  const button = (b) => {
    const index = count++;
    const e = element(b.url ? "a" : "button", "button " + (b.style || ""), b.text.text);
    if (b.url) {
      e.href = b.url;
      e.target = "_blank";
      e.rel = "noopener noreferrer";
    } else {
      e.type = "button";
    }
    if (b.accessibility_label) e.setAttribute("aria-label", b.accessibility_label);
    e.addEventListener("click", () => press(index, Boolean(b.url), b.confirm));
    return e;
  };
  return blocks.map((block) => {
    switch (block.type) {
      case "section": {
        const shown = text(block.text, "text");
        if (block.accessory?.type !== "button") return shown;
        const row = element("div", "withbutton");
        row.append(shown, button(block.accessory));
        return row;
      }
      case "actions": {
        const row = element("div", "actions");
        row.append(...block.elements.map((e) => e.type === "static_select" ? menu(e) : button(e)));
        return row;
      }
      case "context": {
        const row = element("div");
        row.append(...block.elements.map((e) => text(e, "text context")));
        return row;
      }
      case "divider":
        return element("hr");
      case "input":
        if (input) return input(block);
      // falls through
      default:
        return element("p", "", `(a ${block.type} block)`);
    }
  });
}

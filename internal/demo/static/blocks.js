// Draws Block Kit as a Slack client does, as far as studiobot uses it. Text
// comes in as text and never as markup.

const entities = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const unescape = (s) => s.replace(/&(amp|lt|gt);/g, (e) => entities[e]);

// mrkdwn: *bold*, `code` and <!date^…>; the rest stays as it is.
function mrkdwn(text, into) {
  for (const part of text.split(/(<!date\^[^>]+>|`[^`\n]+`|\*[^*\n]+\*)/)) {
    if (part.startsWith("<!date^")) {
      const [, seconds, format] = part.slice(1, -1).split("|")[0].split("^");
      const time = document.createElement("time");
      const at = new Date(Number(seconds) * 1000);
      time.dateTime = at.toISOString();
      time.textContent = format.replace("{time}", at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
      into.append(time);
    } else if (part.length > 2 && part.startsWith("`")) {
      const code = document.createElement("code");
      code.textContent = unescape(part.slice(1, -1));
      into.append(code);
    } else if (part.length > 2 && part.startsWith("*")) {
      const bold = document.createElement("strong");
      bold.textContent = unescape(part.slice(1, -1));
      into.append(bold);
    } else {
      into.append(unescape(part));
    }
  }
  return into;
}

function text(object, tag, className) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (object.type === "mrkdwn") mrkdwn(object.text, element);
  else element.textContent = object.text;
  return element;
}

// draw returns the elements of a message. press is told the index of a button,
// counted from top to bottom, and whether it has an address of its own.
export function draw(blocks, press) {
  let count = 0;
  const button = (b) => {
    const index = count++;
    const element = document.createElement(b.url ? "a" : "button");
    if (b.url) {
      element.href = b.url;
      element.target = "_blank";
      element.rel = "noopener noreferrer";
    } else {
      element.type = "button";
    }
    element.className = "button " + (b.style || "");
    element.textContent = b.text.text;
    if (b.accessibility_label) element.setAttribute("aria-label", b.accessibility_label);
    element.addEventListener("click", () => press(index, Boolean(b.url)));
    return element;
  };
  return blocks.map((block) => {
    switch (block.type) {
      case "section": {
        const p = text(block.text, "p");
        if (block.accessory?.type !== "button") return p;
        const row = document.createElement("div");
        row.className = "withbutton";
        row.append(p, button(block.accessory));
        return row;
      }
      case "actions": {
        const row = document.createElement("div");
        row.className = "actions";
        row.append(...block.elements.map(button));
        return row;
      }
      case "context": {
        const row = document.createElement("div");
        row.append(...block.elements.map((e) => text(e, "p", "context")));
        return row;
      }
      default: {
        const p = document.createElement("p");
        p.textContent = `(a ${block.type} block)`;
        return p;
      }
    }
  });
}

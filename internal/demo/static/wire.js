// What went over the wire, newest first.

const wire = document.getElementById("wire");
const names = { slack: "Slack", bot: "studiobot", browser: "browser", sagemaker: "SageMaker", audit: "audit log" };
const most = 200;

export function record(item) {
  const li = document.createElement("li");
  if (item.kind) li.className = item.kind;
  const at = document.createElement("time");
  at.dateTime = item.at;
  at.textContent = new Date(item.at).toLocaleTimeString([], { hour12: false }) + "." + String(new Date(item.at).getMilliseconds()).padStart(3, "0");
  const way = document.createElement("span");
  way.className = "way";
  const name = (end) => names[end] + (end === "bot" && item.copy ? ` ${item.copy}` : "");
  way.textContent = `${name(item.from)} → ${name(item.to)}${item.copy && item.from !== "bot" && item.to !== "bot" ? ` (copy ${item.copy})` : ""} `;
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
  while (wire.children.length > most) wire.lastChild.remove();
}

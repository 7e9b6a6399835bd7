// Slack's own Node client against the address given: it connects, answers
// slash commands with a payload, survives whatever the server does to its
// socket, reads users.list page by page, takes a request in a modal, has it
// decided in a channel, fills the Home, answers a shortcut with a menu, and
// prints one JSON line for each thing it saw. It ends when its standard input
// does.
//
//   node judge.mjs API_URL    with SLACK_APP_TOKEN and SLACK_BOT_TOKEN
import { LogLevel, SocketModeClient } from '@slack/socket-mode';
import { WebClient } from '@slack/web-api';

const slackApiUrl = process.argv[2];
const { SLACK_APP_TOKEN: appToken, SLACK_BOT_TOKEN: botToken } = process.env;
if (!slackApiUrl || !appToken || !botToken) {
  console.error('usage: SLACK_APP_TOKEN=… SLACK_BOT_TOKEN=… node judge.mjs API_URL');
  process.exit(2);
}

const say = (saw, rest = {}) => process.stdout.write(`${JSON.stringify({ saw, ...rest })}\n`);
const web = new WebClient(botToken, { slackApiUrl, logLevel: LogLevel.ERROR });
const socket = new SocketModeClient({
  appToken,
  logLevel: LogLevel.ERROR,
  clientOptions: { slackApiUrl, logLevel: LogLevel.ERROR },
  serverPingTimeout: 5000,
  clientPingTimeout: 500,
});

socket.on('connected', () => say('connected'));
socket.on('reconnecting', () => say('reconnecting'));
socket.on('error', (error) => say('error', { message: String(error?.message ?? error) }));

const plain = (text) => ({ type: 'plain_text', text });
const form = (title) => ({
  type: 'modal',
  callback_id: 'request',
  private_metadata: 'from the judge',
  title: plain(title),
  submit: plain('Send'),
  blocks: [{
    type: 'input',
    block_id: 'domain',
    label: plain('Domain'),
    element: {
      type: 'static_select',
      action_id: 'domain_id',
      options: ['research', 'prod'].map((value) => ({ text: plain(value), value })),
    },
  }, {
    type: 'input', block_id: 'reason', label: plain('Reason'), element: { type: 'plain_text_input', action_id: 'reason_text' },
  }],
});

// A request: the form, whose first answer is an error at a field, then a
// message in the channel, whose button decides.
const channel = 'C0APPROVALS';

async function opens(body) {
  const opened = await web.views.open({ trigger_id: body.trigger_id, view: form('Request') });
  const changed = await web.views.update({ view_id: opened.view.id, hash: opened.view.hash, view: form('Request access') });
  say('opened', { view: opened.view.id, same: changed.view.id === opened.view.id, newHash: changed.view.hash !== opened.view.hash });
  await web.views.update({ view_id: opened.view.id, hash: opened.view.hash, view: form('Stale') })
    .catch((error) => say('stale', { code: error.data?.error }));
  await web.views.open({ trigger_id: body.trigger_id, view: form('Again') })
    .catch((error) => say('exchanged', { code: error.data?.error }));
}

async function submitted(ack, body) {
  const { domain, reason } = body.view.state.values;
  const why = reason.reason_text.value;
  say('submission', {
    user: body.user.id, callback: body.view.callback_id, metadata: body.view.private_metadata, domain: domain.domain_id.selected_option.value, reason: why,
  });
  if (why === 'short') {
    await ack({ response_action: 'errors', errors: { reason: 'Say more.' } });
    return;
  }
  await ack();
  const posted = await web.chat.postMessage({
    channel,
    text: `${body.user.id} asks`,
    blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'approve', value: why, text: plain('Approve') }] }],
  });
  say('posted', { channel: posted.channel, ts: posted.ts });
}

async function approves(ack, body) {
  await ack();
  const updated = await web.chat.update({
    channel: body.channel.id, ts: body.message.ts, text: `approved by ${body.user.id}`, blocks: [],
  });
  say('updated', { user: body.user.id, ts: updated.ts, text: updated.text });
  await web.chat.update({ channel, ts: '1.2', text: 'x' }).catch((error) => say('nothing', { code: error.data?.error }));
}

// The Home is published when somebody opens it, with the hash of what is
// there; the shortcut sends a direct message with a menu, and schedules
// another that it takes back.
const targets = {
  type: 'overflow',
  action_id: 'more',
  options: [
    { text: plain('Canvas'), value: 'canvas' },
    { text: plain('Documentation'), value: 'docs', url: 'https://docs.example.com/' },
  ],
  confirm: { title: plain('Sure?'), text: plain('It may cost.'), confirm: plain('Yes'), deny: plain('No') },
};
const home = (text) => ({
  type: 'home',
  callback_id: 'home',
  blocks: [
    { type: 'section', text: plain(text), accessory: targets },
    { type: 'actions', elements: [{ type: 'button', action_id: 'open', value: 'lab', text: plain('Open') }] },
  ],
});

socket.on('app_home_opened', async ({ ack, event }) => {
  await ack();
  const hash = event.view ? { hash: event.view.hash } : {};
  const shown = await web.views.publish({ user_id: event.user, view: home(event.view ? 'Again' : 'Hello'), ...hash });
  say('home', { user: event.user, tab: event.tab, channel: event.channel, had: event.view?.id ?? null, view: shown.view.id });
  if (event.view) {
    await web.views.publish({ user_id: event.user, view: home('Stale'), ...hash })
      .catch((error) => say('stale home', { code: error.data?.error }));
  }
});

async function shortcuts(ack, body, accepts) {
  await ack();
  const posted = await web.chat.postMessage({
    channel: body.user.id, text: 'Where to?', blocks: [{ type: 'section', text: plain('Where to?'), accessory: targets }],
  });
  say('shortcut', {
    user: body.user.id, callback: body.callback_id, accepts, app: 'api_app_id' in body, respond: 'response_url' in body, ts: posted.ts,
  });
  const soon = await web.chat.scheduleMessage({ channel: body.user.id, post_at: Math.floor(Date.now() / 1000) + 600, text: 'Soon over.' });
  const gone = await web.chat.deleteScheduledMessage({ channel: soon.channel, scheduled_message_id: soon.scheduled_message_id });
  say('scheduled', { id: soon.scheduled_message_id, at: typeof soon.post_at, gone: gone.ok });
}

async function chooses(ack, body) {
  await ack();
  const [action] = body.actions;
  say('choice', {
    type: action.type, value: action.selected_option?.value ?? action.value, url: action.selected_option?.url ?? null,
    container: body.container.type, view: body.view?.id ?? null, message: body.message?.ts ?? null, respond: 'response_url' in body,
  });
}

socket.on('slash_commands', async ({ ack, body, envelope_id: envelope }) => {
  if (body.text === 'request') {
    await ack();
    await opens(body);
    return;
  }
  say('command', {
    envelope, command: body.command, text: body.text, user: body.user_id, orgInstall: body.is_enterprise_install,
  });
  await ack({
    response_type: 'ephemeral',
    text: `answer to ${body.text}`,
    blocks: [{
      type: 'actions',
      block_id: 'studio',
      elements: [{
        type: 'button', action_id: 'open', value: body.text, url: 'https://studio.example.com/launch/abc', text: { type: 'plain_text', text: 'Open' },
      }],
    }],
  });
});

socket.on('interactive', async ({ ack, body, accepts_response_payload: accepts }) => {
  if (body.type === 'shortcut') {
    await shortcuts(ack, body, accepts);
    return;
  }
  if (body.type === 'view_submission') {
    await submitted(ack, body);
    return;
  }
  if (body.actions[0].action_id === 'approve') {
    await approves(ack, body);
    return;
  }
  if (body.actions[0].type === 'overflow' || body.view) {
    await chooses(ack, body);
    return;
  }
  say('click', { user: body.user.id, value: body.actions[0].value, message: 'message' in body });
  await ack();
  const replaced = await fetch(body.response_url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ replace_original: true, text: 'Opened.' }),
  });
  say('replaced', { status: replaced.status });
});

socket.on('user_change', async ({ ack, event }) => {
  say('user_change', { user: event.user.id, deleted: event.user.deleted });
  await ack();
});

const auth = await web.auth.test();
say('auth', { team: auth.team_id, user: auth.user_id });

let people = 0;
let pages = 0;
for await (const page of web.paginate('users.list', { limit: 100 })) {
  people += page.members.length;
  pages += 1;
}
say('users', { people, pages });

const one = await web.users.info({ user: 'U0000001' });
say('user', { id: one.user.id, confirmed: one.user.is_email_confirmed });
await web.users.info({ user: 'U404' }).catch((error) => say('refused', { code: error.data?.error }));

await socket.start();
process.stdin.resume();
process.stdin.on('end', async () => {
  await socket.disconnect();
  say('bye');
  process.exit(0);
});

// Slack's own Node client against the address given: it connects, answers
// slash commands with a payload, survives whatever the server does to its
// socket, reads users.list page by page, and prints one JSON line for each
// thing it saw. It ends when its standard input does.
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

socket.on('slash_commands', async ({ ack, body, envelope_id: envelope }) => {
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

socket.on('interactive', async ({ ack, body }) => {
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

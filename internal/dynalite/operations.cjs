// Loaded before dynalite: leaves a file of each operation's IAM action,
// dynamodb:GetItem, in the folder that STUDIOBOT_OPERATIONS names, once
// studiobot itself called it. As internal/sagemakersim does; .ci/go-test says
// what for.
const { Server } = require('node:http');
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

const emit = Server.prototype.emit;
const noted = new Set();

Server.prototype.emit = function (event, request, ...rest) {
  if (event === 'request' && /app\/studiobot/.test(request.headers['user-agent'])) {
    const [, operation] = /^DynamoDB_\d+\.([A-Za-z]+)$/.exec(request.headers['x-amz-target']) ?? [];
    if (operation && !noted.has(operation)) {
      noted.add(operation);
      writeFileSync(join(process.env.STUDIOBOT_OPERATIONS, `dynamodb:${operation}`), '');
    }
  }
  return emit.call(this, event, request, ...rest);
};

// Judges templates by AWS's own CDK library: a line {"name", "file"} comes in on
// standard input, a line {"name", "findings": [{severity, rule, text, where}]}
// goes out for each. One process judges all of them, because loading the
// library takes seconds.
//
// CfnInclude alone refuses references to what isn't there and values of another
// type, and only warns of misspelt properties. With the flag of the default rules
// they are errors; here a warning counts as well.
import { createInterface } from 'node:readline';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';

const context = { '@aws-cdk/core:validateAgainstDefaultRules': true };

// The library prints what it finds. Only our lines belong to standard output.
console.log = console.error;

function judge(file) {
  const outdir = mkdtempSync(join(tmpdir(), 'studiobot-judge-'));
  try {
    const app = new App({ outdir, analyticsReporting: false, context });
    new CfnInclude(new Stack(app, 'Template'), 'Included', { templateFile: file });
    app.synth();
    return report(outdir);
  } catch (err) {
    const found = report(outdir);
    return found.some((f) => f.severity === 'error') ? found : [{ severity: 'error', rule: 'CfnInclude', text: String(err.message), where: '' }, ...found];
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

// report reads what the rules found; without a finding there is no report.
function report(outdir) {
  let raw;
  try {
    raw = readFileSync(join(outdir, 'validation-report.json'), 'utf8');
  } catch (err) {
    if (err.code === 'ENOENT') return [];
    throw err;
  }
  return JSON.parse(raw).pluginReports.flatMap((plugin) => plugin.violations).flatMap((v) =>
    v.violatingConstructs.map((c) => ({
      severity: v.severity,
      rule: v.ruleName,
      text: v.description,
      where: c.cloudFormationResource?.logicalId ?? c.constructPath,
    })));
}

for await (const line of createInterface({ input: process.stdin })) {
  const { name, file } = JSON.parse(line);
  process.stdout.write(JSON.stringify({ name, findings: judge(file) }) + '\n');
}

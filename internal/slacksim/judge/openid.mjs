// A certified OpenID client against the simulator's sign-in: discovery, the
// page, the code with PKCE, the ID token's signature, nonce and claims, and
// userinfo. It prints one JSON line with what it learned.
//
//   node openid.mjs ISSUER CLIENT_ID CLIENT_SECRET REDIRECT_URI USER
import * as client from 'openid-client';

const [issuer, id, secret, redirect, user] = process.argv.slice(2);
const config = await client.discovery(new URL(issuer), id, secret, undefined, { execute: [client.allowInsecureRequests] });
const verifier = client.randomPKCECodeVerifier();
const nonce = client.randomNonce();
const state = client.randomState();
const page = client.buildAuthorizationUrl(config, {
  redirect_uri: redirect, scope: 'openid email profile', state, nonce,
  code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
});
const chosen = await fetch(page, { method: 'POST', body: new URLSearchParams({ user }), redirect: 'manual' });
const back = new URL(chosen.headers.get('location'));
const checks = { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state, idTokenExpected: true };
const tokens = await client.authorizationCodeGrant(config, back, checks);
const claims = tokens.claims();
const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
const again = await client.authorizationCodeGrant(config, back, checks).then(() => 'accepted', (error) => error.constructor.name);
process.stdout.write(`${JSON.stringify({ claims, info, again })}\n`);

// The certified OpenID provider on a free port of the loopback, for one run of the tests.
// It writes its address to standard output, and ends when its standard input does.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";

import Provider from "oidc-provider";

const server = createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const key = (kind, options) => generateKeyPairSync(kind, options).privateKey.export({ format: "jwk" });

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "regional-api",
      token_endpoint_auth_method: "none",
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
      redirect_uris: [],
      response_types: [],
    },
    {
      client_id: "regional api/2",
      client_secret: "a secret: with & signs",
      token_endpoint_auth_method: "client_secret_basic",
      id_token_signed_response_alg: "ES256",
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
      redirect_uris: [],
      response_types: [],
    },
  ],
  features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  conformIdTokenClaims: false,
  // Whoever signs in is who they say they are; those called "unverified-…" have not proved their address.
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@amur.example`, email_verified: !id.startsWith("unverified") }),
  }),
  cookies: { keys: ["only for tests"] },
  jwks: { keys: [key("rsa", { modulusLength: 2048 }), key("ec", { namedCurve: "P-256" })] },
  ttl: { DeviceCode: 600 },
});

// The device flow knows no nonce. One client's tokens repeat it all the same, as those of some providers do.
const save = provider.DeviceCode.prototype.save;
provider.DeviceCode.prototype.save = function (...rest) {
  if (this.clientId === "regional api/2") this.nonce = this.params.nonce;
  return save.apply(this, rest);
};

server.on("request", provider.callback());
process.stdin.on("end", () => process.exit(0)).resume();
process.stdout.write(`${JSON.stringify({ issuer })}\n`);

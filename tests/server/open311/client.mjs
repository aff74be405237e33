// One conversation of the published client with a server: discovery, services, a definition, a request, what
// became of it. Arguments: the form, the address of the discovery document, the key, the request as JSON. Prints
// what the client made of each answer.
import { createRequire } from "node:module";

const Open311 = createRequire(import.meta.url)("open311");
const [format, discovery, apiKey, request] = process.argv.slice(2);

const client = new Open311({ discovery, format, apiKey, jurisdiction: "amur.example" });

function ask(method, ...args) {
  return new Promise((resolve) => {
    client[method](...args, (error, data) => resolve(error ? { error, data } : data));
  });
}

const told = {};
told.discovery = await ask("serviceDiscovery", { cache: true });
told.endpoint = client.endpoint;
// It finds JSON in whatever formats an endpoint has.
client.format = format;
told.services = await ask("serviceList");
told.definition = await ask("serviceDefinition", "roads.potholes");
told.submitted = await ask("submitRequest", JSON.parse(request));
const [created] = told.submitted;
if (created.token) {
  [told.token] = await ask("token", created.token);
  created.service_request_id = told.token.service_request_id;
}
told.one = await ask("serviceRequest", created.service_request_id, { api_key: apiKey });
told.several = await ask("serviceRequests", [created.service_request_id], { api_key: apiKey });
told.open = await ask("serviceRequests", { status: "open", api_key: apiKey });
told.unknown = await ask("serviceDefinition", "no.such");
client.apiKey = "nobody";
told.refused = await ask("submitRequest", JSON.parse(request));
console.log(JSON.stringify(told));

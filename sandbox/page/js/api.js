// The sandbox's control API, one function for each call.

async function call(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const response = await fetch(`/sandbox${path}`, options);
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Error(answer?.error ?? `沙盒答复 ${response.status}`);
  return answer;
}

const get = (path) => call("GET", path);
const post = (path, body) => call("POST", path, body);
const part = encodeURIComponent;
const FOLDERS = { resident: "residents", group: "groups", worker: "workers" };

/** The path of a chat: `kind` is resident, group or worker. */
function chatPath(kind, id) {
  return `/${FOLDERS[kind]}/${part(id)}`;
}

export const api = {
  account: () => get("/official_account"),
  bots: () => get("/bots"),
  books: () => get("/books"),
  clock: () => get("/clock"),
  advance: (seconds) => post("/clock", { advance_seconds: seconds }),
  menu: () => get("/menu"),
  qrcodes: () => get("/qrcodes"),
  residents: () => get("/residents"),
  resident: (openid) => get(chatPath("resident", openid)),
  putResident: (openid, state) => call("PUT", chatPath("resident", openid), state),
  scan: (openid, ticket) => post(`${chatPath("resident", openid)}/scan`, { ticket }),
  groups: () => get("/groups"),
  workers: () => get("/workers"),
  talk: (kind, id, after = 0) => get(`${chatPath(kind, id)}/talk?after=${after}`),
  say: (kind, id, body) => post(`${chatPath(kind, id)}/say`, body),
  click: (kind, id, body) => post(`${chatPath(kind, id)}/click`, body),
};

/** Where a file of a row is, on this very host whatever address the sandbox knows itself by. */
export function mediaPath(medium) {
  return `/sandbox/media/${part(medium.sha256)}`;
}

/** The picture of a QR code. */
export function qrPath(ticket) {
  return `/oa/cgi-bin/showqrcode?ticket=${part(ticket)}`;
}

// Screen pops over the JSON socket: node screen_pop.mjs ws://HOST:PORT/csta LOGIN DEVICE, the password in
// TIPRING_PASSWORD. Goes on after a lost socket without a lost or doubled event. A browser has the same WebSocket.
const [url, login, device] = process.argv.slice(2);
const password = process.env.TIPRING_PASSWORD;
let token = null; // of the session, once it is open
let sequence = 0; // of the last message

function connect() {
  const socket = new WebSocket(url);
  const send = (message) => socket.send(JSON.stringify(message));
  socket.onopen = () => send(token ? { resume: { token, sequence } } : { logIn: { login, password } });
  socket.onmessage = ({ data }) => handle(JSON.parse(data), send);
  socket.onclose = () => setTimeout(connect, 1000);
  socket.onerror = () => {};
}

function handle(message, send) {
  sequence = message.sequence ?? message.gap?.to ?? sequence;
  if (message.opened) { // by the log-in, or by resume after a new start of the server
    ({ token } = message.opened);
    sequence = 0;
    send({ id: "monitor", request: "monitorDevice", deviceID: device });
  } else if (message.refused) {
    console.error(`refused: ${message.refused.why}`);
    if (!token) process.exit(1);
    token = null; // the session is over: log in again
  } else if (message.failure) console.error(`request ${message.id}: ${message.failure}`);
  else if (message.gap) console.log(`messages ${message.gap.from} to ${message.gap.to} were lost; the state follows`);
  else if (message.snapshot) console.log(`now: ${JSON.stringify(message.snapshot)}`);
  else if (message.event === "delivered") show("ringing", message.callingDevice.deviceID, message);
  else if (message.event === "callInformation") show("known now", `call ${message.connection.callID}`, message);
  else if (message.event === "connectionCleared") console.log(`over: call ${message.droppedConnection.callID}`);
  else if (message.id === "monitor") console.log(`watching ${device}`);
}

const show = (what, whom, { private: data }) => console.log(`${what}: ${whom}, ${data?.customer ?? "not known"}`);

connect();

"""Screen pops over the JSON socket: python3 screen_pop.py HOST PORT LOGIN DEVICE, the password in TIPRING_PASSWORD."""
import json, os, socket, struct, sys

if len(sys.argv) != 5 or "TIPRING_PASSWORD" not in os.environ:
    sys.exit(__doc__)
host, port, login, device = sys.argv[1:]
link = socket.create_connection((host, int(port)))
stream = link.makefile("rb")
link.sendall(
    f"GET /csta HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
)
while stream.readline().strip():
    pass  # headers of the answer

def send_frame(kind, data):
    size = struct.pack("!B", 0x80 | len(data)) if len(data) < 126 else struct.pack("!BH", 0xFE, len(data))
    link.sendall(bytes([0x80 | kind]) + size + bytes(4) + data)  # a mask of zeros

def send(**message):
    send_frame(1, json.dumps(message).encode())

def frames():
    while head := stream.read(2):
        size = head[1]
        size = struct.unpack("!H", stream.read(2))[0] if size == 126 else size
        size = struct.unpack("!Q", stream.read(8))[0] if size == 127 else size
        data = stream.read(size)
        if head[0] == 0x89:
            send_frame(0xA, data)  # the answer to a ping
        elif head[0] == 0x81:
            yield json.loads(data)

send(logIn={"login": login, "password": os.environ["TIPRING_PASSWORD"]})
for message in frames():
    if "opened" in message:
        send(id="monitor", request="monitorDevice", deviceID=device)
    elif "refused" in message or "failure" in message:
        sys.exit(f"refused: {message}")
    elif message.get("event") == "delivered":
        print("ringing:", message["callingDevice"]["deviceID"], message.get("private", {}).get("customer", "not known"), flush=True)
    elif message.get("id") == "monitor":
        print("watching", device, flush=True)

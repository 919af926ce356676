"""Sends a text over a WebSocket and prints the answer, if one comes before that of a call after it."""
import json
import sys

import websocket

url, text = sys.argv[1:]
socket = websocket.create_connection(url, timeout=10)
request = json.loads(text)
socket.send(text)
if isinstance(request, dict) and "id" not in request:
    socket.send(json.dumps({"jsonrpc": "2.0", "id": "after", "method": "usage.import", "params": {"sessions": []}}))
    answer = socket.recv()
    sys.stdout.write("" if json.loads(answer).get("id") == "after" else answer)
else:
    sys.stdout.write(socket.recv())
socket.close()

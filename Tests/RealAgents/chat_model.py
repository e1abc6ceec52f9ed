"""A model server on this machine for agents that speak OpenAI's chat completions: streams what the last user text asks.

`TOOL command` calls the first tool whose name holds `bash` or `shell`, `SLOW` goes on for a minute, `FAIL` is an error
of the server, anything else is said back. After a tool's result it says `done`. Prints its port, and ends when its stdin
does.
"""

import json
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def text_of(content):
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content or [])


class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        messages = body["messages"]
        asked = next((text_of(m["content"]) for m in reversed(messages) if m["role"] == "user"), "")
        tools = [tool["function"]["name"] for tool in body.get("tools") or []]
        shell = next((name for name in tools if "bash" in name or "shell" in name), None)
        command = re.search(r"TOOL (.*)", asked)
        if "FAIL" in asked:
            return self.answer(500, {"error": {"message": "out of order"}})
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        if messages[-1]["role"] == "tool":
            self.delta({"content": "done"})
        elif command and shell:
            call = {"name": shell, "arguments": json.dumps({"command": command.group(1)})}
            self.delta({"tool_calls": [{"index": 0, "id": f"call{len(messages)}", "type": "function", "function": call}]})
            return self.end("tool_calls")
        elif "SLOW" in asked:
            for _ in range(240):
                self.delta({"content": "tick "})
                time.sleep(0.25)
        else:
            self.delta({"content": f"{sum(m['role'] == 'user' for m in messages)} "})
            self.delta({"content": asked.splitlines()[-1]})
        self.end("stop")

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def delta(self, delta, finish=None, **more):
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": choices, **more}
        self.chunk(f"data: {json.dumps(chunk)}\n\n")

    def end(self, reason):
        self.delta({}, reason, usage={"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110})
        self.chunk("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, text):
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()

"""An agent without sessions of its own, in the lines of docs/line-agents.md: it asks the model of model_server.py,
writes the file that the model wants written, and says what the model says at the end. MODEL_PORT names its port."""

import json
import os
import sys
import urllib.request
from pathlib import Path


def ask(system, messages):
    """The text that the model says, and the call that it makes."""
    body = {"model": "m", "max_tokens": 1000, "stream": True, "system": system, "tools": [{"name": "Write"}],
            "messages": messages}
    request = urllib.request.Request(
        f"http://127.0.0.1:{os.environ['MODEL_PORT']}/v1/messages", json.dumps(body).encode(),
        {"content-type": "application/json"})
    text, call, arguments = "", None, ""
    with urllib.request.urlopen(request) as reply:
        for line in reply:
            event = json.loads(line[6:]) if line.startswith(b"data: {") else {}
            if event.get("type") == "content_block_start" and event["content_block"]["type"] == "tool_use":
                call = event["content_block"]
            delta = event.get("delta", {})
            text += delta.get("text", "")
            arguments += delta.get("partial_json", "")
    return text, call and {**call, "input": json.loads(arguments)}


def say(**line):
    print(json.dumps(line), flush=True)


start = json.loads(sys.stdin.readline())
told = [f"<{name}>\n{start[name]}\n</{name}>" for name in ("record", "context") if start.get(name)]
content = [{"type": "text", "text": text} for text in told + [start["prompt"]]]
messages = [{"role": "user", "content": content}]
system = f"Working directory: {start['working_dir']}"
text, call = ask(system, messages)
if call:
    path = Path(call["input"]["file_path"])
    say(type="tool.started", id=call["id"], name="Write", input={"file_path": str(path)})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(call["input"]["content"])
    say(type="tool.finished", id=call["id"])
    result = {"type": "tool_result", "tool_use_id": call["id"], "content": "written"}
    messages += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    text, _ = ask(system, messages)
say(type="message", id="m", text=text)
say(type="result", output=text)

"""The model server of the plans: `Tests/RealAgents/model.py` with an author (author.py) in place of its script.

Of what the author has chosen it keeps nothing from one request to the next: its names come from a stream of random
numbers that goes on, and what a request does not hold it cannot know. usage: model_server.py LOG SEED
"""

import json
import os
import re
import sys
import threading

sys.path.append(f"{os.getcwd()}/Tests/RealAgents")
import model as server  # noqa: E402

from generators.seeded import Seeded  # noqa: E402
from plans import author  # noqa: E402

DRAW, DRAWING = Seeded(int(sys.argv[2])), threading.Lock()
# A token is taken to be so many characters.
TOKEN_CHARACTERS = 4
FOLDER = re.compile(r'working directory: ([^\s"]+)|<cwd>(.*?)</cwd>', re.IGNORECASE)


def pieces_of(messages):
    """What was said and done, oldest first: ("text", text) and ("file", path, text)."""
    for message in messages:
        content = message.get("content")
        blocks = content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
        for block in blocks:
            if block.get("type") == "tool_use" and block["name"] == "Write":
                yield "file", block["input"].get("file_path", ""), block["input"].get("content", "")
            elif block.get("type") == "tool_result":
                yield "text", server.text_of(block.get("content"))
            else:
                yield "text", block.get("text") or ""


class Request(server.Request):
    def __init__(self, body, turns, tools):
        super().__init__(body.get("model"), turns, tools)
        self.status, self.call, self.pieces, self.pause = None, None, [], 0
        messages = body["messages"]
        self.sent = len(json.dumps([body.get("system"), body.get("tools"), messages], ensure_ascii=False))
        self.sent_messages = len(json.dumps(messages, ensure_ascii=False))
        # The folder is told in the system prompt or in a message; what the user says of one does not count.
        found = FOLDER.search(json.dumps([body.get("system"), messages]).replace("\\n", "\n"))
        self.folder = ((found[1] or found[2]) if found else "").rstrip("/")
        wanted = author.Wanted(self.prompts[-1] if self.prompts else "")
        with DRAWING:
            self.answer(wanted, messages)

    def answer(self, wanted, messages):
        pieces = list(pieces_of(messages))
        if not wanted.kind or "Write" not in self.tools:
            self.pieces = ["A service in parts"]
        elif self.result is not None:
            written = [piece for piece in pieces if piece[0] == "file"][-1]
            path, names = written[1].removeprefix(self.folder + "/"), author.DECLARED.findall(written[2])
            self.pieces = [author.closing_words(path, names, DRAW)]
        else:
            known = author.Known(self.folder)
            for what, *piece in pieces:
                known.saw_written(*piece) if what == "file" else known.saw_text(*piece)
            path, text, _ = author.write_part(wanted, known, DRAW)
            self.call = ("Write", {"file_path": f"{self.folder}/{path}", "content": text})


class Model(server.Model):
    def understand(self, body, turns, tools):
        return Request(body, turns, tools)

    def log(self, request, is_whole):
        sent = {"tokens": request.sent // TOKEN_CHARACTERS, "message_tokens": request.sent_messages // TOKEN_CHARACTERS}
        with server.LOCK, open(server.LOG, "a") as file:
            file.write(json.dumps(sent) + "\n")


if __name__ == "__main__":
    server.serve(Model)

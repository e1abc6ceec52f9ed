"""A model server on this machine for real agents: Anthropic's messages, OpenAI's responses and chat completions.

The last line of the newest user text says what is wanted; what agents add between tags of their own does not count:

    RUN command     calls the shell tool, then says `done: ` and the first line of what that gave
    CALL tool json  calls that tool, then as RUN
    ANSWER json     calls the tool for structured answers if there is one, else says the JSON
    ANSWERS [json]  the same, with the next of them each time that it is asked for in the conversation
    SLOW            says `tick ` ten times a second for a minute
    FAIL status     answers with that error
    anything else   is said back, after the number of prompts in the conversation

Every answer is billed other numbers, with and without cache, so that a sum that fits is no accident. The file of the
first argument gets a JSON line for each request that was answered: what the conversation held, and what the client was
told of its bill. Prints its port, and ends when its stdin does.
"""

import json
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

LOG = sys.argv[1] if len(sys.argv) > 1 else "/dev/null"
LOCK = threading.Lock()
NUMBERS = count(1)
# Nanodollars a token of the models that tests name.
PRICES = {"claude-opus-5-5": {"input": 4000, "output": 20000, "cache_read": 200, "cache_write": 5000}}


def text_of(content):
    """The text of a message's content: a string, or blocks of which some hold text."""
    if isinstance(content, str):
        return content
    return "\n".join(block.get("text") or "" for block in content or [] if isinstance(block, dict))


def prompt_of(text):
    """What a user has said, without what the agent put between tags around it."""
    text = re.sub(r"<([\w-]+)(?: [^>]*)?>.*?</\1>", "", text, flags=re.DOTALL)
    return "" if text.lstrip().startswith(("<", "# AGENTS.md")) else text.strip()


class Bill:
    """What one answer costs."""

    def __init__(self):
        number = next(NUMBERS)
        self.input, self.output = 100 + 7 * number, 10 + number
        self.cache_read, self.cache_write = 1000 + 13 * number, 20 + 3 * number
        self.reasoning = number % 5

    def anthropic(self, output):
        return {
            "input_tokens": self.input,
            "output_tokens": output,
            "cache_read_input_tokens": self.cache_read,
            "cache_creation_input_tokens": self.cache_write,
        }

    def openai(self, names):
        prompt, output = self.input + self.cache_read, self.output
        return {
            f"{names[0]}_tokens": prompt,
            f"{names[0]}_tokens_details": {"cached_tokens": self.cache_read},
            f"{names[1]}_tokens": output,
            f"{names[1]}_tokens_details": {"reasoning_tokens": self.reasoning},
            "total_tokens": prompt + output,
        }

    def told_by_openai(self):
        return {"input": self.input + self.cache_read, "output": self.output, "cache_read": self.cache_read}


class Request:
    """One request, whatever its dialect: the conversation and the answer that it wants."""

    def __init__(self, model, turns, tools):
        """`turns`: (role, text) with the roles user, assistant and tool; `tools`: names."""
        self.model, self.tools = model, tools
        self.told = "\n".join(text for role, text in turns if role == "user")
        self.prompts = [said for said in (prompt_of(text) for role, text in turns if role == "user") if said]
        self.answers = [text for role, text in turns if role == "assistant" and text]
        self.result = turns[-1][1] if turns and turns[-1][0] == "tool" else None
        self.asked = self.prompts[-1].splitlines()[-1].strip() if self.prompts else ""
        word, _, rest = self.asked.partition(" ")
        if word == "ANSWERS":
            times = sum(said.splitlines()[-1].strip() == self.asked for said in self.prompts)
            answers = json.loads(rest)
            word, rest = "ANSWER", json.dumps(answers[min(times, len(answers)) - 1])
        self.status = int(rest) if word == "FAIL" and rest.isdigit() else None
        self.call, self.pieces, self.pause = None, [], 0
        if self.result is not None:
            self.pieces = ["done: ", (self.result.strip().splitlines() or [""])[0][:200]]
        elif word == "RUN":
            self.call = self.shell(rest)
        elif word == "CALL":
            name, _, arguments = rest.partition(" ")
            self.call = (name, json.loads(arguments))
        elif word == "ANSWER" and "StructuredOutput" in tools:
            self.call = ("StructuredOutput", json.loads(rest))
        elif word == "ANSWER":
            self.pieces = [rest]
        elif word == "SLOW":
            self.pieces, self.pause = ["tick "] * 600, 0.1
        else:
            self.pieces = [f"{len(self.prompts)} ", self.asked]

    def shell(self, command):
        name = next((name for name in self.tools if re.search("bash|shell|exec_command", name.lower())), "shell")
        return (name, {"cmd" if name == "exec_command" else "command": command})


def anthropic_turns(messages):
    for message in messages:
        content = message["content"]
        blocks = content if isinstance(content, list) else []
        results = [block.get("content") for block in blocks if block.get("type") == "tool_result"]
        if results:
            yield "tool", text_of(results[-1])
            # A prompt may follow in the same message, when the agent was ended after the tool.
            texts = (block.get("text") for block in blocks if block.get("type") == "text")
            yield from (("user", text) for text in texts if prompt_of(text or ""))
        elif message["role"] == "user":
            yield from (("user", text_of([block])) for block in blocks or [{"text": content}])
        elif message["role"] == "assistant":
            yield "assistant", text_of(content)


def responses_turns(items):
    for item in [{"role": "user", "content": items}] if isinstance(items, str) else items:
        kind = item.get("type", "message")
        if kind.endswith("_call_output"):
            yield "tool", command_output(text_of(item.get("output")))
        elif kind == "message" and item.get("role") == "user":
            yield "user", text_of(item.get("content"))
        elif kind == "message" and item.get("role") == "assistant":
            yield "assistant", text_of(item.get("content"))


def command_output(text):
    """What a command wrote, without the head that Codex puts before it."""
    return text.partition("Output:\n")[2] or text


def chat_turns(messages):
    for message in messages:
        yield message["role"], text_of(message.get("content"))


class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def understand(self, body, turns, tools):
        return Request(body.get("model"), turns, tools)

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_GET(self):
        self.json(404, {"error": {"type": "not_found_error", "message": "no such path"}})

    def do_POST(self):
        body = json.loads(self.body())
        path = self.path.partition("?")[0]
        answer = next((a for end, a in self.dialects.items() if path.endswith(end)), None)
        if path.endswith("/count_tokens"):
            return self.json(200, {"input_tokens": 42})
        if not answer:
            return self.do_GET()
        turns, tell = answer
        tools = [tool.get("name") or tool.get("function", {}).get("name") or "" for tool in body.get("tools") or []]
        request = self.understand(body, list(turns(body.get("messages") or body.get("input"))), tools)
        request.system = text_of(body.get("system"))
        if request.status:
            return self.json(request.status, {"error": {"type": "api_error", "message": "out of order"}})
        self.told = {}
        try:
            self.stream(lambda: tell(self, request, Bill()))
            self.log(request, True)
        except OSError:
            self.log(request, False)
            self.close_connection = True

    def log(self, request, is_whole):
        usage = {"input": 0, "output": 0, "cache_read": 0, "cache_write": 0, "reasoning": 0, **self.told}
        prices = PRICES.get(request.model, {})
        entry = {
            "model": request.model,
            "asked": request.asked,
            "system": request.system,
            "told": request.told,
            "prompts": request.prompts,
            "answers": request.answers,
            "usage": {f"{name}_tokens": tokens for name, tokens in usage.items()},
            "nanodollars": sum(tokens * prices.get(name, 0) for name, tokens in usage.items()),
            "is_whole": is_whole,
        }
        with LOCK, open(LOG, "a") as file:
            file.write(json.dumps(entry) + "\n")

    # Anthropic

    def tell_messages(self, request, bill):
        self.told = {"input": bill.input, "cache_read": bill.cache_read, "cache_write": bill.cache_write}
        message = {"id": f"msg_{bill.input}", "type": "message", "role": "assistant", "model": request.model}
        message |= {"content": [], "stop_reason": None, "stop_sequence": None, "usage": bill.anthropic(1)}
        self.event("message_start", message=message)
        block = {"type": "text", "text": ""}
        if request.call:
            block = {"type": "tool_use", "id": f"toolu_{bill.input}", "name": request.call[0], "input": {}}
        self.event("content_block_start", index=0, content_block=block)
        if request.call:
            delta = {"type": "input_json_delta", "partial_json": json.dumps(request.call[1])}
            self.event("content_block_delta", index=0, delta=delta)
        for piece in request.pieces:
            self.event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
            time.sleep(request.pause)
        self.event("content_block_stop", index=0)
        delta = {"stop_reason": "tool_use" if request.call else "end_turn", "stop_sequence": None}
        self.event("message_delta", delta=delta, usage={"output_tokens": bill.output})
        self.told["output"] = bill.output
        self.event("message_stop")

    # OpenAI

    def tell_responses(self, request, bill):
        response = {"id": f"resp_{bill.input}", "object": "response", "model": request.model, "output": []}
        self.event("response.created", response=response | {"status": "in_progress"})
        if request.call:
            item = {"type": "function_call", "id": f"fc_{bill.input}", "call_id": f"call_{bill.input}"}
            item |= {"name": request.call[0], "arguments": json.dumps(request.call[1]), "status": "completed"}
            self.event("response.output_item.added", output_index=0, item=item | {"arguments": ""})
        else:
            text = {"type": "output_text", "text": "".join(request.pieces), "annotations": []}
            item = {"type": "message", "id": f"msg_{bill.input}", "role": "assistant", "content": [text]}
            self.event("response.output_item.added", output_index=0, item=item | {"content": []})
        place = {"item_id": item["id"], "output_index": 0, "content_index": 0}
        for piece in request.pieces:
            self.event("response.output_text.delta", **place, delta=piece)
            time.sleep(request.pause)
        self.event("response.output_item.done", output_index=0, item=item)
        usage = bill.openai(("input", "output"))
        self.event("response.completed", response=response | {"status": "completed", "output": [item], "usage": usage})
        self.told = bill.told_by_openai() | {"reasoning": bill.reasoning}

    def tell_completions(self, request, bill):
        if request.call:
            function = {"name": request.call[0], "arguments": json.dumps(request.call[1])}
            call = {"index": 0, "id": f"call_{bill.input}", "type": "function", "function": function}
            self.choice({"tool_calls": [call]})
        for piece in request.pieces:
            self.choice({"content": piece})
            time.sleep(request.pause)
        usage = bill.openai(("prompt", "completion"))
        self.choice({}, "tool_calls" if request.call else "stop", usage=usage)
        self.chunk("data: [DONE]\n\n")
        self.told = bill.told_by_openai()

    def choice(self, delta, finish=None, **more):
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": choices, **more}
        self.chunk(f"data: {json.dumps(chunk)}\n\n")

    dialects = {
        "/messages": (anthropic_turns, tell_messages),
        "/responses": (responses_turns, tell_responses),
        "/chat/completions": (chat_turns, tell_completions),
    }

    # HTTP

    def body(self):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def json(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, tell):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        tell()
        self.wfile.write(b"0\r\n\r\n")

    def event(self, kind, **members):
        self.chunk(f"event: {kind}\ndata: {json.dumps({'type': kind, **members})}\n\n")

    def chunk(self, text):
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        # An agent that ends, or is ended, leaves its connections as they are.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(model):
    """Prints the port, and serves until stdin ends."""
    server = Server(("127.0.0.1", 0), model)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    serve(Model)

"""An echo agent on the Python SDK of the Agent Client Protocol: what a real agent's wire looks like.

A prompt is said back. `ASK` asks for permission first, `SLOW` goes on until it is cancelled, `READ path` reads a file
through its client, `RUN command` runs one in its client's terminal. Sessions are files in the folder of its argument.
"""

import asyncio
import json
import sys
import uuid
from pathlib import Path

from acp import (
    PROTOCOL_VERSION,
    Agent,
    InitializeResponse,
    LoadSessionResponse,
    NewSessionResponse,
    PromptResponse,
    RequestError,
    run_agent,
    text_block,
    update_agent_message,
    update_user_message,
)
from acp.schema import AgentCapabilities, PermissionOption, ToolCallUpdate

FOLDER = Path(sys.argv[1])
OPTIONS = [
    PermissionOption(option_id="yes", name="Allow", kind="allow_once"),
    PermissionOption(option_id="no", name="Reject", kind="reject_once"),
]


class EchoAgent(Agent):
    def __init__(self):
        self.cancelled = asyncio.Event()

    def on_connect(self, conn):
        self.client = conn

    async def initialize(self, protocol_version, client_capabilities=None, client_info=None, **kwargs):
        return InitializeResponse(
            protocol_version=PROTOCOL_VERSION, agent_capabilities=AgentCapabilities(load_session=True)
        )

    async def new_session(self, cwd, mcp_servers=None, **kwargs):
        session = uuid.uuid4().hex
        (FOLDER / session).write_text("[]")
        return NewSessionResponse(session_id=session)

    async def load_session(self, cwd, session_id, mcp_servers=None, **kwargs):
        if not (FOLDER / session_id).exists():
            raise RequestError(-32002, "Resource not found", {"sessionId": session_id})
        for prompt in json.loads((FOLDER / session_id).read_text()):
            await self.client.session_update(session_id, update_user_message(text_block(prompt)))
            await self.client.session_update(session_id, update_agent_message(text_block("echo: " + prompt)))
        return LoadSessionResponse()

    async def cancel(self, session_id, **kwargs):
        self.cancelled.set()

    async def say(self, session, text):
        await self.client.session_update(session, update_agent_message(text_block(text)))

    async def prompt(self, prompt, session_id, **kwargs):
        self.cancelled.clear()
        text = "\n".join(block.text for block in prompt if block.type == "text")
        prompts = json.loads((FOLDER / session_id).read_text()) + [text]
        (FOLDER / session_id).write_text(json.dumps(prompts))
        word, _, rest = text.partition(" ")
        if word == "ASK":
            answer = await self.client.request_permission(
                options=OPTIONS,
                session_id=session_id,
                tool_call=ToolCallUpdate(tool_call_id="call-1", title="Echo it?", kind="execute"),
            )
            await self.say(session_id, getattr(answer.outcome, "option_id", "cancelled"))
        elif word == "SLOW":
            await self.say(session_id, "waiting")
            await self.cancelled.wait()
            return PromptResponse(stop_reason="cancelled")
        elif word == "READ":
            file = await self.client.read_text_file(path=rest, session_id=session_id)
            await self.say(session_id, file.content)
        elif word == "RUN":
            terminal = await self.client.create_terminal(command=rest, session_id=session_id)
            await self.client.wait_for_terminal_exit(session_id=session_id, terminal_id=terminal.terminal_id)
            output = await self.client.terminal_output(session_id=session_id, terminal_id=terminal.terminal_id)
            await self.client.release_terminal(session_id=session_id, terminal_id=terminal.terminal_id)
            await self.say(session_id, output.output)
        else:
            await self.say(session_id, f"echo {len(prompts)}: ")
            await self.say(session_id, text)
        return PromptResponse(stop_reason="end_turn")


asyncio.run(run_agent(EchoAgent()))

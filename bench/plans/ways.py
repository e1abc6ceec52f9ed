"""The ways to have a plan's steps done, each with a model server, an agent's home and, where there is one, a host of
its own."""

import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

from drivers.agents import ROOT, Host, line
from generators.seeded import Seeded
from plans.judge import Verdict, judge
from plans.scripts import SEED

MODEL = "claude-opus-5-5"
ALLOWS = {"rules": [{"tool": "*", "decision": "allow"}]}


class Way:
    """What was measured: the `verdict`, how many plans `failed` to complete all of their steps, `seconds` in all, and
    what each step took in `step_seconds`, where one comes after the other."""

    def __init__(self, name, folder, seed, claude):
        self.name, self.folder, self.claude = name, folder, claude
        (folder / "home").mkdir(parents=True)
        self.log = folder / "model.jsonl"
        self.log.touch()
        command = [sys.executable, f"{ROOT}/bench/plans/model_server.py", self.log, str(seed)]
        self.model = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.model.stdout.readline())
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder / "home"), "CLAUDE_CONFIG_DIR": str(folder / "home/claude"),
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{self.port}", "ANTHROPIC_API_KEY": "sk-ant-nothing",
            "DISABLE_AUTOUPDATER": "1", "DISABLE_BUG_COMMAND": "1", "DISABLE_COST_WARNINGS": "1",
            "DISABLE_ERROR_REPORTING": "1", "DISABLE_TELEMETRY": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        }
        self.verdict, self.plans, self.failed, self.seconds, self.step_seconds = Verdict(), 0, 0, 0, []

    def do(self, plan):
        work = self.folder / f"work-{plan.number}"
        work.mkdir()
        begun, ends = time.perf_counter(), []
        is_done = self.execute(plan, work, lambda: ends.append(time.perf_counter()))
        # What the end of the plan takes counts with its last step.
        ends[-1:] = [time.perf_counter()]
        self.step_seconds += [end - start for start, end in zip([begun] + ends, ends)]
        self.seconds += ends[-1] - begun
        self.plans += 1
        self.failed += not is_done
        self.verdict += judge(plan, work)

    def right(self):
        return self.verdict.right / self.verdict.asked

    def resumes_of(self):
        """How many of the sessions that were to be resumed were, as text."""
        return "-"

    def end(self):
        self.model.stdin.close()
        self.model.wait()

    def sent(self):
        """Requests, tokens sent, and those of them that are not the system's prompt and its tools."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return (len(lines), *(sum(line[name] for line in lines) for name in ("tokens", "message_tokens")))


class Script(Way):
    """The agent's program by itself, a process for each step, with the session of the step before or without one. It is
    called as the host calls it, and what it asks is allowed."""

    WORDS = ["-p", "--input-format=stream-json", "--output-format=stream-json", "--verbose",
             "--permission-prompt-tool=stdio", "--include-partial-messages", "--permission-mode=default",
             "--max-turns=100", f"--model={MODEL}"]

    def __init__(self, *arguments, resumes):
        super().__init__(*arguments)
        self.resumes = resumes

    def execute(self, plan, work, step_ended):
        session, is_done = str(uuid.uuid4()), True
        for number, step in enumerate(plan.steps):
            if not self.resumes:
                session = str(uuid.uuid4())
            identity = f"--resume={session}" if self.resumes and number else f"--session-id={session}"
            is_done &= self.run([self.claude, *self.WORDS, identity], plan.prompt(step), work)
            step_ended()
        return is_done

    def run(self, command, prompt, work):
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.environment,
            cwd=work, bufsize=0)
        child.stdin.write(line({"type": "control_request", "request_id": "1", "request": {"subtype": "initialize"}}))
        content = [{"type": "text", "text": prompt}]
        message = {"type": "user", "message": {"role": "user", "content": content}, "parent_tool_use_id": None,
                   "session_id": ""}
        child.stdin.write(line(message))
        is_done = False
        for said in child.stdout:
            heard = json.loads(said)
            if heard["type"] == "control_request":
                child.stdin.write(line(self.allow(heard)))
            elif heard["type"] == "result":
                is_done = not heard["is_error"]
                child.stdin.close()
        child.wait()
        return is_done

    def allow(self, asked):
        answer = {"behavior": "allow", "updatedInput": asked["request"].get("input")}
        response = {"subtype": "success", "request_id": asked["request_id"], "response": answer}
        return {"type": "control_response", "response": response}


class Hosted(Way):
    """plan.execute, on a session of its own for each plan."""

    def __init__(self, *arguments, driver, session=None, parallel=1):
        super().__init__(*arguments)
        self.parallel = parallel
        # A tenth of the times that a session is resumed: one of each ten, from a seed.
        draw = Seeded(SEED)
        forgets = [str(ten * 10 + 1 + draw.below(10)) for ten in range(100)]
        (self.folder / "forgets").mkdir()
        self.environment |= {"CLAUDE": str(self.claude), "FORGETS": ",".join(forgets), "MODEL_PORT": str(self.port),
                             "FORGETS_FOLDER": str(self.folder / "forgets")}
        inherits = [name for name in self.environment if name not in ("PATH", "HOME")]
        settings = {"name": "agent", "executable": str(self.claude), "inherits": inherits} | driver
        if settings.get("kind") == "claude":
            settings["model"] = MODEL
        configuration = {"default_driver": "agent", "drivers": [settings]}
        self.host = Host(self.folder / "host", configuration, self.environment)
        self.session = {"permissions": ALLOWS, **(session or {})}

    def execute(self, plan, work, step_ended):
        done = 0

        def told(heard):
            nonlocal done
            if b'"type":"progress"' in heard and (now := json.loads(heard)["params"]["data"]["done"]) > done:
                done = now
                step_ended()

        session = self.host.session(working_dir=str(work), **self.session)
        made = self.host.call("plan.create", {
            "title": plan.title, "session_id": session, "working_dir": str(work), "batches": plan.wire(),
            "parallel": self.parallel})
        ended = self.host.call("plan.execute", {"plan_id": made["id"]}, told)
        return ended["status"] == "completed"

    def resumes_of(self):
        stats = self.stats()
        return f"{stats['resumes_succeeded']}/{stats['resumes_tried']}" if stats["resumes_tried"] else "-"

    def stats(self):
        return self.host.call("session.stats", {})

    def removed(self):
        return len(list((self.folder / "forgets").glob("removed-*")))

    def end(self):
        self.host.end()
        super().end()

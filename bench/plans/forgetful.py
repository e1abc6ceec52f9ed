#!/usr/bin/env python3
"""Stands for Claude Code's program and is it, but for some of the times that a session is to be resumed: then the
record that the program keeps of the session is removed before it starts. FORGETS lists which times; FORGETS_FOLDER
counts."""

import os
import sys
from glob import glob
from itertools import count
from pathlib import Path

resumed = next((word.partition("=")[2] for word in sys.argv if word.startswith("--resume=")), None)
if resumed:
    for number in count(1):
        try:
            Path(os.environ["FORGETS_FOLDER"], str(number)).touch(exist_ok=False)
            break
        except FileExistsError:
            pass
    if str(number) in os.environ["FORGETS"].split(","):
        for record in glob(f"{os.environ['CLAUDE_CONFIG_DIR']}/projects/*/{resumed}.jsonl"):
            os.remove(record)
            Path(os.environ["FORGETS_FOLDER"], f"removed-{number}").touch()
os.execv(os.environ["CLAUDE"], [os.environ["CLAUDE"], *sys.argv[1:]])

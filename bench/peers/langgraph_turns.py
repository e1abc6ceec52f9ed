"""Stores a conversation of many turns with LangGraph's SQLite saver.

usage: langgraph_turns.py FILE TURNS BYTES
Prints the bytes stored, with the WAL, and the bytes of the messages themselves.
"""

import operator
import os
import random
import sqlite3
import string
import sys
from typing import Annotated, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

path, turns, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
letters = random.Random(1)


class State(TypedDict):
    messages: Annotated[list[str], operator.add]


def turn(state: State) -> State:
    return {"messages": ["".join(letters.choices(string.ascii_letters, k=size))]}


def more(state: State) -> str:
    return "turn" if len(state["messages"]) < turns else END


graph = StateGraph(State)
graph.add_node("turn", turn)
graph.add_edge(START, "turn")
graph.add_conditional_edges("turn", more)

connection = sqlite3.connect(path, check_same_thread=False)
config = {"configurable": {"thread_id": "1"}, "recursion_limit": turns + 10}
final = graph.compile(checkpointer=SqliteSaver(connection)).invoke({"messages": []}, config)
assert len(final["messages"]) == turns
connection.close()
stored = sum(os.path.getsize(path + end) for end in ("", "-wal") if os.path.exists(path + end))
print(stored, turns * size)

"""The smallest useful Model Context Protocol server on stdio: one tool, the SDK's defaults."""

from mcp.server import MCPServer

server = MCPServer("bench", log_level="ERROR")


@server.tool()
def echo(text: str) -> str:
    return text


server.run("stdio")

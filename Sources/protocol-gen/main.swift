// Placeholder until this tool is written.

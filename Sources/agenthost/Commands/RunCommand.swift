import HostProtocol
import JSON

/// `agenthost run`: a prompt to its end, with the answer on stdout and everything else on stderr.
enum RunCommand {
    static let command = Command(
        "run", "Run a prompt to its end and print the answer.", operands: "PROMPT|- [FLAGS]",
        about: """
            The answer goes to stdout, and nothing else does; what the agent does meanwhile goes to stderr, with the \
            SQL it runs. Each run is kept in a session, which --session goes on with. Ctrl-C cancels the task and \
            waits for its end; a second one does not wait. With - the prompt is read from stdin.
            """,
        flags: [
            Flag(
                "--db", "FILE|URL", "The database: a SQLite file or postgresql://user@host:port/database.",
                standard: "none"),
            Flag("--password-env", "NAME", "The environment variable with the database's password.", standard: "none"),
            Flag(
                "--session", "ID", "Go on with this session, by its id or the end of it.", standard: "a new one"),
            Flag("--driver", "NAME", "The agent.", standard: "the session's, else the configuration's, else analyst"),
            Flag(
                "--mode", "MODE", "What the agent may do: query, script, analysis, full_autonomy.",
                standard: "the session's, full_autonomy for a new one"),
            .allow,
            Flag("--timeout-ms", "N", "End the task after so many milliseconds.", standard: "none"),
            Flag(
                "--results", "DIR", "Copy the files that the task leaves into this folder.",
                standard: "left in the store"),
            Flag("--json", "Print the whole result as JSON instead of the answer."),
            Flag("--quiet", "Say nothing on stderr but errors."),
            .store, .config,
        ],
        examples: [
            "agenthost run \"Analyze revenue trends\" --db shop.db",
            "agenthost run \"and by country?\" --session 7f3a91c2",
            "agenthost run \"SELECT count(*) FROM orders\" --mode query --db shop.db --json --quiet",
        ], run: run)

    private enum Mode: String, CaseIterable {
        case query, script, analysis
        case fullAutonomy = "full_autonomy"
    }

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        let prompt = try arguments.prompt(
            "say what to run", advice: "For instance: agenthost run \"profile the database\" --db shop.db")
        let mode = try arguments.word("--mode", Mode.self).map { Wire.SessionMode(rawValue: $0.rawValue) }
        let timeout = try arguments.number("--timeout-ms", 1...604_800_000)
        let isQuiet = arguments.has("--quiet")
        let client = try HostClient(arguments, invocation, quiet: isQuiet)
        let progress = TaskProgress(on: .standardError, quiet: isQuiet)
        let connection = try arguments["--db"].map {
            try client.connection(to: $0, passwordEnv: arguments["--password-env"])
        }
        let session = try session(arguments, client, connection, prompt, mode)
        progress.say(
            (["Session \(shortID(session.id))", arguments["--driver"] ?? session.driver]
                + [connection?.name].compactMap { $0 }).joined(separator: " · "), .dim)

        try client.attend(with: progress, quiet: isQuiet)
        client.cancelsOnInterrupt(with: progress) { [unowned client] in
            guard let task = progress.taskID else { return client.cancelRequest() }
            _ = try? client.send(.taskCancel, ["task_id": .string(task)])
        }
        let raw = try client.rawCall(
            Wire.TaskExecuteParams(
                prompt: prompt, sessionID: session.id, dbConnectionID: connection?.id, mode: mode,
                driver: arguments["--driver"], timeoutMilliseconds: timeout))
        progress.end()
        let result = try Wire.TaskResult(lenient: raw)
        let report = TaskReport(result: result, session: session, isQuiet: isQuiet)
        if arguments.has("--json") { Terminal.standardOutput.say(raw.description) } else { report.printAnswer() }
        if let folder = arguments["--results"] {
            try report.copyFiles(to: folder)
        } else {
            report.listFiles()
        }
        report.printEnd()
        try client.finish()
        return client.hasAskedToCancel ? .interrupted : report.exitCode
    }

    private static func session(
        _ arguments: Arguments, _ client: HostClient, _ connection: Wire.Connection?, _ prompt: String,
        _ mode: Wire.SessionMode?
    ) throws -> Wire.Session {
        guard let id = arguments["--session"] else {
            var params =
                Wire.SessionCreateParams(
                    dbConnectionID: connection?.id, workingDirectory: Locations.currentDirectory(),
                    driver: arguments["--driver"], mode: mode ?? .fullAutonomy,
                    title: TextLayout.cut(TextLayout.oneLine(prompt), 80)
                ).json.objectValue ?? [:]
            // Only what was said: a deadline that is named is waited for, even where nobody answers.
            params["permissions"] = arguments.permissions
            return try Wire.Session(lenient: try client.rawCall(.sessionCreate, .object(params)))
        }
        guard arguments.all("--allow").isEmpty else {
            throw CommandLineError("--allow is for a new session: this one keeps what it was made with")
        }
        let session = try client.session(id)
        guard ["completed", "failed"].contains(session.status.rawValue) else { return session }
        return try client.call(Wire.SessionResumeParams(sessionID: session.id))
    }
}

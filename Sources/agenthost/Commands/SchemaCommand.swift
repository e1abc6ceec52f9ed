import HostProtocol
import JSON

/// `agenthost schema`: what the protocol looks like, or a database.
enum SchemaCommand {
    static let command = Command(
        "schema", "Print the protocol, or what is in a database.", operands: "[--db FILE|URL] [FLAGS]",
        about: "Without --db it prints the protocol as an OpenRPC document, with the JSON Schema of every type in it.",
        flags: [
            Flag("--db", "FILE|URL", "The database: a SQLite file or postgresql://user@host:port/database."),
            Flag("--password-env", "NAME", "The environment variable with the database's password.", standard: "none"),
            Flag("--table", "NAME", "Only this table; may be given several times.", standard: "all"),
            Flag("--samples", "N", "Rows of each table to show, up to 100.", standard: "3"),
            Flag("--openrpc", "The protocol as an OpenRPC document, also with no other flag."),
            .json, .store, .config,
        ],
        examples: [
            "agenthost schema --db shop.db",
            "agenthost schema --db shop.db --table orders --samples 10",
            "agenthost schema > openrpc.json",
        ], run: run)

    private static func run(_ arguments: Arguments, _ invocation: Invocation) throws -> ExitCode {
        try arguments.none()
        let samples = try arguments.number("--samples", 0...100) ?? 3
        guard let database = arguments["--db"] else {
            guard arguments.all("--table").isEmpty, arguments["--samples"] == nil else {
                throw CommandLineError("--table and --samples need a database: --db FILE|URL")
            }
            Terminal.standardOutput.say(String(describing: Wire.openRPCDocument))
            return .completed
        }
        guard !arguments.has("--openrpc") else { throw CommandLineError("--openrpc is for the protocol, not for --db") }
        let client = try HostClient(arguments, invocation)
        let connection = try client.connection(to: database, passwordEnv: arguments["--password-env"])
        let tables = arguments.all("--table")
        let raw = try client.rawCall(
            Wire.ConnectionSchemaParams(
                dbConnectionID: connection.id, tables: tables.isEmpty ? nil : tables, sampleRows: samples))
        let schema = try Wire.DatabaseSchema(lenient: raw)
        let missing = tables.filter { name in !schema.tables.contains { $0.name == name } }
        if arguments.has("--json") {
            Terminal.standardOutput.say(raw.description)
        } else {
            SchemaPage(terminal: .standardOutput).print(schema, of: connection)
        }
        try client.finish()
        guard missing.isEmpty else {
            throw CommandLineError("there is no table \(missing.joined(separator: ", "))", .failed)
        }
        return .completed
    }
}

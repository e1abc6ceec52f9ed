package import AgentModel
package import JSON

/// What a line agent gets told on the first line of its stdin.
package struct LineStart: Hashable, Sendable {
    /// The database to work on. Holds no secret: the password is in the environment variable named here.
    package struct Connection: Hashable, Sendable {
        package var name: String
        package var dialect: DatabaseDialect
        package var path: String?
        package var url: String?
        package var passwordEnv: String?
        package var readOnly = true
        package var allowSuperuser = false

        package init(name: String, dialect: DatabaseDialect) {
            self.name = name
            self.dialect = dialect
        }
    }

    package var runID: String
    package var taskID: String
    package var sessionID: String
    /// The text blocks of `input`, joined by newlines.
    package var prompt: String
    package var input: [JSON]
    package var mode = SessionMode.fullAutonomy
    /// Read and propose, write nothing.
    package var planOnly = false
    package var recursionLimit = 100
    package var model: String?
    package var context: JSON?
    package var outputSchema: JSON?
    package var metadata: JSONObject?
    /// The agent's own session to go on with; `nil` starts a new one.
    package var resumeID: String?
    /// The id to give to a new session of the agent's own.
    package var offeredID: String?
    package var resultsDirectory: String
    package var workingDirectory: String?
    package var connection: Connection?
    /// What memory knows that may matter for the task, best first.
    package var memories: [RecalledMemory] = []

    /// The conversation so far, when the agent is not to know it from a session of its own.
    package var record: String?
    /// Where an earlier run of the task stopped, for an agent that can go on from there.
    package var continuation: Continuation?

    package init(runID: String, taskID: String, sessionID: String, prompt: String, resultsDirectory: String) {
        self.runID = runID
        self.taskID = taskID
        self.sessionID = sessionID
        self.prompt = prompt
        self.resultsDirectory = resultsDirectory
        input = [["type": "text", "text": .string(prompt)]]
    }

    package init(_ request: RunRequest) {
        let task = request.task
        self.init(
            runID: request.runID.description, taskID: task.id.description, sessionID: request.session.id.description,
            prompt: task.prompt, resultsDirectory: request.session.resultsDirectory)
        input = task.input
        mode = task.mode
        planOnly = task.planOnly
        recursionLimit = task.recursionLimit
        model = request.session.model
        context = task.context
        outputSchema = task.outputSchema
        metadata = task.metadata
        resumeID = request.resumeID
        offeredID = request.offeredID
        workingDirectory = request.session.workingDirectory
        connection = request.connection.map(Connection.init)
        memories = request.memories
        record = request.record
        continuation = request.continuation
    }
}

extension LineStart.Connection {
    package init(_ connection: DatabaseConnection) {
        self.init(name: connection.name, dialect: connection.dialect)
        path = connection.path
        url = connection.url
        passwordEnv = connection.passwordEnv
        readOnly = connection.readOnly
        allowSuperuser = connection.allowSuperuser
    }
}

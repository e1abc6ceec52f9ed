import AgentEngine
import AgentModel
import Driver

/// What the host does for the agent of one run. Nothing of it outlives the run. Confined to the loop's thread.
final class DriverServices {
    private let files: FileThread
    private let folder: WorkingFolder?
    private let terminals: DriverTerminals
    /// The task reads and proposes: it writes no file and runs no program.
    private let isReadOnly: Bool
    private let name: String
    private var writes = 0

    /// - Parameters:
    ///   - folder: `nil` when the session has no working folder.
    ///   - wrote: called when a program in a terminal writes something.
    init(
        files: FileThread, folder: WorkingFolder?, children: Children, surroundings: DriverTerminals.Surroundings,
        isReadOnly: Bool, wrote: @escaping () -> Void = {}
    ) {
        self.files = files
        self.folder = folder
        terminals = DriverTerminals(children: children, surroundings: surroundings, wrote: wrote)
        self.isReadOnly = isReadOnly
        name = surroundings.name
    }

    func serve(_ service: DriverService, then: @escaping (ServiceResult) -> Void) {
        switch service {
        case .readTextFile(let path, let firstLine, let lineLimit):
            inFolder(then) { $0.read(path, firstLine: firstLine, lineLimit: lineLimit) }
        case .writeTextFile(let path, let text):
            guard !isReadOnly else { return then(Self.readOnly) }
            writes += 1
            let mark = "\(name)-\(writes)"
            inFolder(then) { $0.write(path, text, mark: mark) }
        case .createTerminal(let spec):
            if isReadOnly { then(Self.readOnly) } else { terminals.create(spec, then: then) }
        case .terminalOutput(let id): then(terminals.output(id))
        case .waitForTerminal(let id): terminals.wait(id, then: then)
        case .killTerminal(let id): then(terminals.kill(id))
        case .releaseTerminal(let id): then(terminals.release(id))
        }
    }

    /// The run is over: its programs end.
    func end() { terminals.endAll() }

    private func inFolder(
        _ then: @escaping (ServiceResult) -> Void, _ work: @escaping @Sendable (WorkingFolder) -> ServiceResult
    ) {
        guard let folder else { return then(.refused("The session has no working folder.")) }
        files.perform({ work(folder) }, then: then)
    }

    private static let readOnly = ServiceResult.refused(
        "The task is to read and propose only: it writes nothing and runs nothing.")
}

extension TaskRunner {
    /// Does what a run's agent asks the host for, and tells the run what came of it.
    func serve(_ id: String, _ service: DriverService, _ active: ActiveTask, _ generation: Int) {
        guard let services = active.services else {
            return feed(.served(id: id, .refused("The agent's process is not there.")), active, generation)
        }
        services.serve(service) { [weak self, weak active] result in
            guard let self, let active else { return }
            feed(.served(id: id, result), active, generation)
            flush(active)
        }
    }

    /// What the host does for an agent that is started so.
    func services(_ active: ActiveTask, _ spec: ProcessSpec) -> DriverServices {
        let run = active.machine.run.id
        let folder = active.session.workingDirectory
        return DriverServices(
            files: parts.files, folder: folder.map { WorkingFolder(path: $0, store: parts.outsideStore) },
            children: parts.children,
            surroundings: DriverTerminals.Surroundings(
                environment: parts.environment, inherits: spec.inherits, variables: spec.environment,
                tokens: [RunToken.assignment(parts.store.hostID), RunToken.assignment(run)], name: "\(run)",
                workingDirectory: folder),
            isReadOnly: active.task.planOnly
        ) { [weak self, weak active] in
            guard let self, let active else { return }
            perform(active.machine.handle(.signOfLife), active)
        }
    }
}

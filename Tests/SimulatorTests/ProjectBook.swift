import AgentModel
import JSON
import Store

/// Which session each project is to go on in, by what was committed alone: that of the last task that ended with a
/// driver session, or of one that was begun for it or served by an agent without sessions since; none once it was
/// cleared or that session is gone.
final class ProjectBook {
    struct Place: Equatable {
        var session: SessionID
        var driver: String
    }

    private var last: [ProjectID: Place?] = [:]
    private var homes: [SessionID: ProjectID] = [:]
    private var drivers: [TaskID: String] = [:]
    private(set) var violations: [String] = []

    func add(_ batch: StoreBatch, _ commit: StoreCommit) {
        for (id, session) in commit.sessions { homes[id] = session.projectID }
        for command in batch.commands { add(command) }
        for event in commit.events where event.type.isTerminal {
            guard event.data["driver_session_id"]?.stringValue != nil, let task = event.taskID,
                let driver = drivers[task]
            else { continue }
            use(event.sessionID, driver)
        }
        for command in batch.commands { addRemoval(command, commit) }
        for (id, project) in commit.projects { compare(id, project) }
    }

    private func add(_ command: StoreCommand) {
        switch command {
        case .insertProject(let project): last[project.id] = .some(nil)
        case .deleteProject(let id): last[id] = nil
        case .patchProject(let id, let patch) where patch.clearsLastSession: last[id] = .some(nil)
        case .insertTask(let task, _, _): drivers[task.id] = task.driver
        case .useInProject(let session, let driver, _): use(session, driver)
        default: break
        }
    }

    private func addRemoval(_ command: StoreCommand, _ commit: StoreCommit) {
        let gone: [SessionID] =
            switch command {
            case .hideSession(let id, _): [id]
            case .retireSessions(let ids, _): ids.filter { commit.sessions[$0] != nil }
            default: []
            }
        for (id, place) in last where place.map({ gone.contains($0.session) }) == true { last[id] = .some(nil) }
    }

    private func use(_ session: SessionID, _ driver: String) {
        guard let project = homes[session], last[project] != nil else { return }
        last[project] = Place(session: session, driver: driver)
    }

    private func compare(_ id: ProjectID, _ project: Project) {
        guard let known = last[id] else { return }
        let found = project.lastSession.map { Place(session: $0.sessionID, driver: $0.driver) }
        if found != known {
            violations.append("\(id) goes on in \(String(describing: found)), not in \(String(describing: known))")
        }
    }

    /// What the store has, after the last commit.
    func compare(_ projects: [Project]) {
        for project in projects { compare(project.id, project) }
        let missing = Set(last.keys).subtracting(projects.map(\.id))
        if !missing.isEmpty { violations.append("\(missing.sorted()) are gone") }
    }
}

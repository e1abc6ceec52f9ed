import AgentModel
import Store

/// What a store should hold, kept in the plainest way: for random walks to compare with.
struct ReferenceModel {
    struct Session {
        var status = SessionStatus.active
        var temporary: Bool
        var log: [EventType] = [.sessionCreated]
        var tokens = 0
        var tasks: [TaskID] = []
    }

    struct Task {
        var session: SessionID
        var host: HostID
        var status = TaskStatus.queued
        var run: RunID?
        var tokens = 0
    }

    var sessions: [SessionID: Session] = [:]
    var tasks: [TaskID: Task] = [:]

    func open(in session: SessionID) -> [TaskID] {
        (sessions[session]?.tasks ?? []).filter { tasks[$0]?.status.isFinal == false }
    }

    func running(in session: SessionID) -> TaskID? { open(in: session).first { tasks[$0]?.status == .running } }

    /// Whether the store should take the task.
    func takes(_ session: SessionID, host: HostID, force: Bool) -> Bool {
        guard let status = sessions[session]?.status, SessionMove.acceptTask.next(from: status) != nil else {
            return false
        }
        return force || open(in: session).allSatisfy { tasks[$0]?.host == host }
    }

    mutating func insert(_ task: TaskID, into session: SessionID, host: HostID) {
        for other in open(in: session) where tasks[other]?.host != host { end(other, .interrupted, isFollowed: true) }
        move(session, .acceptTask)
        tasks[task] = Task(session: session, host: host)
        sessions[session]?.tasks.append(task)
        sessions[session]?.log.append(.taskQueued)
    }

    func starts(_ task: TaskID, host: HostID) -> Bool {
        guard let task = tasks[task], task.status == .queued, task.host == host, running(in: task.session) == nil,
            let status = sessions[task.session]?.status
        else { return false }
        return SessionMove.startTask.next(from: status) != nil
    }

    mutating func start(_ id: TaskID, _ run: RunID) {
        guard let session = tasks[id]?.session else { return }
        tasks[id]?.status = .running
        tasks[id]?.run = run
        move(session, .startTask)
        sessions[session]?.log += [.taskStarted, .runStarted]
    }

    func ends(_ task: TaskID, host: HostID) -> Bool {
        guard let task = tasks[task] else { return false }
        return !task.status.isFinal && task.host == host
    }

    mutating func end(_ id: TaskID, _ status: TaskStatus, isFollowed: Bool = false) {
        guard let task = tasks[id], let terminal = status.terminalEvent else { return }
        tasks[id]?.status = status
        if task.status == .running {
            sessions[task.session]?.log += [.runEnded, .checkpointSaved]
            sessions[task.session]?.tokens += task.tokens
        }
        sessions[task.session]?.log.append(terminal)
        if task.status == .running { move(task.session, .endTask) }
        let isOver = !isFollowed && open(in: task.session).isEmpty && sessions[task.session]?.temporary == true
        if isOver, moves(task.session, .complete) { log(task.session, .complete) }
    }

    func moves(_ session: SessionID, _ move: SessionMove) -> Bool {
        guard let status = sessions[session]?.status else { return false }
        if move == .complete, !open(in: session).isEmpty { return false }
        return move.next(from: status, hasRunningTask: running(in: session) != nil) != nil
    }

    private mutating func move(_ session: SessionID, _ move: SessionMove) {
        guard let status = sessions[session]?.status,
            let next = move.next(from: status, hasRunningTask: running(in: session) != nil)
        else { return }
        sessions[session]?.status = next
    }

    /// A move that somebody asked for, with its event when something changes.
    mutating func log(_ session: SessionID, _ move: SessionMove) {
        let before = sessions[session]?.status
        self.move(session, move)
        let types: [SessionMove: EventType] = [
            .pause: .sessionPaused, .resume: .sessionResumed, .complete: .sessionCompleted, .expire: .sessionExpired,
        ]
        if let type = types[move], sessions[session]?.status != before { sessions[session]?.log.append(type) }
    }
}

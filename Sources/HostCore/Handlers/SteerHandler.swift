import AgentEngine
import AgentModel
import Driver
import HostProtocol
import JSON
import JSONRPC
import Store

extension Host {
    func steerTask(_ params: Wire.TaskSteerParams, _ call: Call) throws(RPCError) {
        let id = try taskID(params.taskID)
        let text = params.text
        read(call) { reader throws -> (task: AgentTask, holder: HostRecord?)? in
            guard let task = try reader.task(id) else { return nil }
            return (task, try reader.host(task.hostID))
        } then: { [self] found in
            guard let found else { return fail(call, .notFound("\(id)", path: "params.task_id")) }
            if found.task.status.isFinal {
                return fail(call, RPCError(.conflict, "the task has ended", path: "params.task_id", taskID: "\(id)"))
            }
            guard runner.owns(id) else {
                let holder = found.holder ?? HostRecord(id: found.task.hostID, pid: 0, startedAt: clock.now())
                return fail(call, StoreFailure.busy(holder))
            }
            do throws(RPCError) {
                try runner.steer(id, text) { [self] result in
                    switch result {
                    case .success(let message): reply(call, Wire.SteerResult(taskID: "\(id)", messageID: message))
                    case .failure(let failure): fail(call, failure)
                    }
                }
            } catch {
                fail(call, error)
            }
        }
    }
}

extension TaskRunner {
    /// Records what the user adds to a running task, then tells its agent.
    /// - Parameter then: told the id of the message in the log.
    func steer(
        _ id: TaskID, _ text: String, then: @escaping (Result<String, StoreFailure>) -> Void
    ) throws(RPCError) {
        guard let active = active[id], active.driverRun != nil, active.machine.isRunning, !active.isFenced else {
            throw RPCError(
                .conflict, "the task does not run now", isRetryable: true, path: "params.task_id", taskID: "\(id)")
        }
        guard active.driver.capabilities.steers else {
            throw RPCError(.unsupported, "\(active.driver.name) takes nothing in while it works", taskID: "\(id)")
        }
        let message = "steer_\(parts.clock.uuid())"
        let draft = EventDraft(
            .message, taskID: id, runID: active.machine.run.id,
            data: [
                "message_id": .string(message), "role": "user", "text": .string(active.redactor.redacted(text)),
            ])
        parts.store.commit([.fence(active.session.id, epoch: active.leaseEpoch), .append(active.session.id, [draft])]) {
            [self] result in
            switch result {
            case .success:
                feed(.steer(text), active, active.generation)
                flush(active)
                then(.success(message))
            case .failure(let failure): then(.failure(failure))
            }
        }
    }
}

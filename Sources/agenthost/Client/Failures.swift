import AgentModel
import HostProtocol
import JSON
import JSONRPC
import Store

/// What people are told of what went wrong, wherever it did.
extension CommandLineError {
    init(_ error: any Error) {
        switch error {
        case let error as CommandLineError: self = error
        case let error as RPCError: self.init(Self.sentence(error), ExitCode(error))
        case let error as StoreFailure: self.init(error)
        case let error as JSONParseError: self.init("the host sent what is no JSON: \(error)", .internalFault)
        case let error as InvalidParams: self.init("the host answered otherwise: \(error)", .internalFault)
        default: self.init("\(error)", .internalFault)
        }
    }

    private static func sentence(_ error: RPCError) -> String {
        let more = [error.detail, error.raw?.stringValue].compactMap { $0 }.filter { !error.message.contains($0) }
        return ([error.message] + more).map(TextLayout.oneLine).joined(separator: ": ")
    }

    private init(_ failure: StoreFailure) {
        switch failure {
        case .notFound(let what): self.init("there is no \(what)", .noInput)
        case .refused(let why): self.init(why, .denied)
        case .overloaded(let why), .limit(let why): self.init("the store is busy: \(why)", .temporary)
        case .broken(reason: "locked", let detail): self.init("the store is in use: \(detail)", .temporary)
        case .broken(let reason, let detail): self.init("the store cannot be used (\(reason)): \(detail)", .storeFailed)
        default: self.init("the store refuses: \(failure)", .storeFailed)
        }
    }
}

extension ExitCode {
    init(_ error: RPCError) {
        switch error.code {
        case .driverUnavailable: self = .driverUnavailable
        case .busy, .overloaded, .timedOut, .shuttingDown: self = .temporary
        case .storeFailed: self = error.reason == "locked" ? .temporary : .storeFailed
        case .permissionDenied, .readOnly: self = .denied
        case .notFound, .invalidParams, .limitExceeded: self = .dataError
        case .internalError, .parseError, .invalidRequest, .methodNotFound: self = .internalFault
        case .cancelled: self = .interrupted
        default:
            self = ["cannot_open", "not_a_database"].contains(error.reason) ? .dataError : .failed
        }
    }
}

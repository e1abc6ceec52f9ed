import AgentModel
import HostProtocol
import JSONRPC
import Store

extension Host {
    func usageSummary(_ params: Wire.UsageSummaryParams, _ call: Call) throws(RPCError) {
        var filter = UsageFilter()
        filter.group = UsageFilter.Group(rawValue: params.groupBy.rawValue) ?? .total
        if let session = params.sessionID { filter.sessionID = try sessionID(session) }
        filter.projectID = params.projectID.flatMap(ProjectID.init)
        filter.driver = params.driver
        filter.from = params.from.flatMap(Timestamp.init)
        filter.to = params.to.flatMap(Timestamp.init)
        read(call) { [filter] in
            try $0.usage(filter)
        } then: { [self] rows in
            reply(call, Wire.UsageSummary(groupBy: params.groupBy, items: rows.map(Wire.UsageRow.init)))
        }
    }
}

extension Wire.UsageRow {
    init(_ row: UsageRow) {
        self.init(
            key: row.key, runs: row.runs, known: .init(row.known), estimated: .init(row.estimated),
            unknown: .init(row.unknown), outside: row.outside == .none ? nil : .init(row.outside))
    }
}

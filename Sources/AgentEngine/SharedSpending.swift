package import AgentModel

/// What tasks that run at the same time spend of purses that they have in common, so that all of them together do not
/// spend more than one of them may.
package struct SharedSpending: Hashable, Sendable {
    private struct Account: Hashable {
        /// By tasks that have ended.
        var settled: Usage
        /// By those that run.
        var running: [TaskID: Usage] = [:]

        func spent(besides task: TaskID) -> Usage {
            running.reduce(into: settled) { sum, other in if other.key != task { sum.add(other.value) } }
        }
    }

    /// Accounts that nobody uses at the moment and that are still known: what was read of one may be older.
    private static let idleMax = 64

    private var accounts: [SessionID: Account] = [:]
    private var holders: [TaskID: SessionID] = [:]

    package init() {}

    /// A task starts.
    /// - Parameter purse: as it was read before.
    /// - Returns: what was spent of it by others
    package mutating func start(_ task: TaskID, of purse: Purse) -> Usage {
        var account = accounts[purse.holder] ?? Account(settled: purse.spent)
        // While others run, what was read may have what one of them has used, or not.
        if account.running.isEmpty { account.settled = account.settled.raised(to: purse.spent) }
        account.running[task] = Usage.none
        accounts[purse.holder] = account
        holders[task] = purse.holder
        return account.spent(besides: task)
    }

    /// - Parameter usage: of the task so far.
    /// - Returns: what each other one is to know: what was spent besides it
    package mutating func heard(_ usage: Usage, of task: TaskID) -> [TaskID: Usage] {
        guard let holder = holders[task], var account = accounts[holder] else { return [:] }
        account.running[task] = usage
        accounts[holder] = account
        let others = account.running.keys.filter { $0 != task }
        return Dictionary(uniqueKeysWithValues: others.map { ($0, account.spent(besides: $0)) })
    }

    /// - Parameter usage: of the task in all.
    package mutating func end(_ task: TaskID, usage: Usage) {
        guard let holder = holders.removeValue(forKey: task), var account = accounts[holder] else { return }
        account.running[task] = nil
        account.settled.add(usage)
        accounts[holder] = account
        let idle = accounts.filter(\.value.running.isEmpty)
        if idle.count > Self.idleMax, let any = idle.keys.first(where: { $0 != holder }) { accounts[any] = nil }
    }
}

extension Usage {
    /// What a budget looks at only rises: the later of two readings is the greater one.
    fileprivate func raised(to other: Usage) -> Usage {
        let costs = (cost ?? Cost(nanoDollars: 0), other.cost ?? Cost(nanoDollars: 0))
        return other.tokens > tokens || (other.tokens == tokens && costs.1 > costs.0) ? other : self
    }
}

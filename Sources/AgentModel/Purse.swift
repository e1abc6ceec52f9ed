/// A budget that several sessions spend together: a plan's session, and the forks that the plan has made of it.
package struct Purse: Hashable, Sendable {
    /// The session whose budget it is.
    package var holder: SessionID
    package var budget: Budget
    /// By all of them, in runs that have ended.
    package var spent: Usage

    package init(holder: SessionID, budget: Budget, spent: Usage) {
        self.holder = holder
        self.budget = budget
        self.spent = spent
    }
}

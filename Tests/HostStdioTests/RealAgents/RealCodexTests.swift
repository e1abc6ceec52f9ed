import Foundation
import JSON
import Testing

/// Codex's own program, driven by the host's.
@Suite(.serialized, .needs(RealAgents.codex, "Codex")) struct RealCodexTests {
    @Test(arguments: [RealCLI.codexAppServer, .codexExec])
    func tenTasksKeepTheirContextThoughTheHostIsKilled(_ cli: RealCLI) throws { try RealContinuity.tenTasks(cli) }

    @Test(arguments: [RealCLI.codexAppServer, .codexExec])
    func cancelledItLeavesNothingAndGoesOn(_ cli: RealCLI) throws { try RealContinuity.cancels(cli) }

    @Test(arguments: [RealCLI.codexAppServer, .codexExec])
    func withoutItsRecordItIsToldTheConversation(_ cli: RealCLI) throws { try RealContinuity.lostRecord(cli) }

    @Test func aProjectsOperationsShareOneSession() throws { try RealProject.fourSources(.codexAppServer) }

    @Test(arguments: [RealCLI.codexAppServer, .codexExec])
    func heldToReadingItWritesNothing(_ cli: RealCLI) throws { try RealProject.planOnlyWritesNothing(cli) }

    @Test func aForkGoesItsOwnWay() throws { try RealContinuity.forks(.codexAppServer) }

    @Test(arguments: [RealCLI.codexAppServer, .codexExec])
    func itHearsWhatItsStateKnows(_ cli: RealCLI) throws { try RealRestoring.onlyWhatTheStateKnows(cli) }

    @Test func asksAreAllowedDeniedOrExpire() throws { try RealAsks.threeAnswers(.codexAppServer) }
}

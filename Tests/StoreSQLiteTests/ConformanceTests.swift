import AgentModel
import Store
import StoreConformance
import Testing

@testable import StoreSQLite

@Suite struct ConformanceTests {
    @Test(arguments: StoreCheck.all.indices) func holds(index: Int) throws {
        let folder = try TemporaryFolder()
        try StoreCheck.all[index].run(folder.subject)
        let report = try StoreMaintenance(folder: folder.path).check()
        #expect(report.problems == [], "\(StoreCheck.all[index])")
    }
}
